// kill -9 of the whole node at seeded moments: nothing acknowledged is lost, every credit is paid exactly once, and
// the log is one log from the first leaf to the last.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fsck } from '@trine/log/fsck/fsck.ts';
import type { DecisionView, PaymentView } from '@trine/node/serve/views.ts';
import { decodeIntent, decodeLeaf, parseNetwork, parseStatement } from '@trine/protocol';
import { quick, until } from '../platform.ts';

const seed = Number(process.env.SEED ?? 20_261_123);
const rounds = Number(process.env.ROUNDS ?? 4);
const cli = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** Park–Miller: the same seed kills at the same moments. */
function random(): () => number {
  let state = seed % 2_147_483_647 || 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

interface Running {
  readonly child: ChildProcess;
  get<T>(path: string): Promise<T>;
  post(path: string): Promise<void>;
}

async function start(home: string): Promise<Running> {
  const child = spawn(process.execPath, [cli, 'up', '--port', '0', '--mqtt-port', '0'], {
    env: { ...process.env, TRINE_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout?.on('data', (chunk) => (output += chunk));
  let errors = '';
  child.stderr?.on('data', (chunk) => (errors += chunk));
  const url = await until('the node is running', async () => {
    if (child.exitCode !== null) throw new Error(`The node ended with ${child.exitCode}: ${errors}`);
    return /Console\s+(http:\S+)#/.exec(output)?.[1];
  });
  const headers = { authorization: `Bearer ${readFileSync(join(home, 'keys', 'token.secret'), 'utf8').trim()}` };
  return {
    child,
    get: async <T>(path: string) => (await (await fetch(url + path, { headers })).json()) as T,
    post: async (path) => {
      await fetch(url + path, { method: 'POST', headers });
    },
  };
}

test(`kill -9 of the node in ${rounds} rounds (SEED=${seed}): paid exactly once, nothing lost`, async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'trine-crash-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ device: quick.device, practice: quick.practice }));
  const next = random();
  let sealedBefore = 0;
  for (let round = 0; round < rounds; round++) {
    const running = await start(home);
    const { log } = await running.get<{ log: { size: number } }>('api/overview');
    assert.ok(log.size >= sealedBefore, `round ${round}: ${log.size} leaves, ${sealedBefore} were durable before`);
    if (round % 2 === 0) await running.post('api/device/pause');
    await sleep(1_500 + next() * 6_000);
    sealedBefore = (await running.get<{ log: { size: number } }>('api/overview')).log.size;
    running.child.kill('SIGKILL');
    await once(running.child, 'exit');
  }
  const running = await start(home);
  t.after(() => running.child.kill('SIGKILL'));
  const settled = await until('every credit is paid', async () => {
    const { items: decisions } = await running.get<{ items: DecisionView[] }>('api/decisions?limit=1000');
    const { items: payments } = await running.get<{ items: PaymentView[] }>('api/payments?limit=1000');
    const due = decisions.filter(({ outcome }) => outcome === 'pay');
    const done = due.length > 0 && due.every(({ id }) => payments.some((p) => p.decision === id && p.state === 'paid'));
    return done ? { due, decisions, payments } : undefined;
  });
  const windows = settled.decisions.map(({ fromMs }) => fromMs);
  assert.equal(new Set(windows).size, windows.length, 'a window was decided twice');
  const [agreement] = await running.get<{ paid: number; locked: number }[]>('api/agreements');
  const owed = settled.due.reduce((sum, { amount }) => sum + amount, 0);
  assert.equal(agreement?.paid, owed, 'what the contract paid is what was decided');
  assert.equal((agreement?.paid ?? 0) + (agreement?.locked ?? 0), 10_000);
  running.child.kill('SIGTERM');
  await once(running.child, 'exit');

  const network = parseNetwork(readFileSync(join(home, 'network.json'), 'utf8'));
  const intents = new Set<string>();
  const chain = new Map<string, string>();
  const report = await fsck(join(home, 'log', 'public'), network.members[0]?.logs[0]?.vkey as string, {
    onLeaf: (_index: number, leaf: Uint8Array) => {
      const decoded = decodeLeaf(leaf);
      if (decoded.kind === 'intent') {
        const { agreement: of, obligation } = decodeIntent(decoded.intent);
        assert.ok(!intents.has(of + obligation), 'two intents for one obligation');
        intents.add(of + obligation);
        return;
      }
      const { id, header } = parseStatement(decoded.statement);
      const name = `${header.issuer}\n${header.subject}`;
      if (header.prev && chain.has(name))
        assert.equal(Buffer.from(header.prev).toString('hex'), chain.get(name), `a fork in ${header.subject}`);
      chain.set(name, Buffer.from(id).toString('hex'));
    },
  });
  assert.deepEqual(report.problems, []);
  assert.equal(intents.size, settled.payments.length);
});
