// Node and chain are killed (SIGKILL) at random moments until the work is done. Whatever the moments: every obligation is
// paid exactly once and the money adds up. SEED repeats a run, ROUNDS makes more of them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { decodeSettled, type EvmLog as Log } from '@trine/protocol';
import { readBalance, readLimits } from './agreements.ts';
import { startEmbedded } from './embedded.ts';
import { fundedKeys, setUp } from './testing/network.ts';

const SEED = Number(process.env.SEED ?? 1);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const OBLIGATIONS = 24;
const KILLS_MAX = 12;
const DEPOSIT = 1_000_000n;

/** Small seeded generator (mulberry32): the moments of a run can be repeated, as far as the machine's timing allows. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Runs a worker until it is done (returns what it counted) or until something kills it. */
async function work(folder: string, seed: string, killAfterMs: number, target: 'node' | 'chain') {
  const worker = fileURLToPath(new URL('./testing/crash-worker.ts', import.meta.url));
  const child = spawn(process.execPath, [worker, folder, seed, String(OBLIGATIONS)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let chainPid = 0;
  let done: string | undefined;
  let complaint = '';
  child.stderr.on('data', (data) => {
    complaint += data;
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('chain ')) chainPid = Number(line.slice(6));
    if (line.startsWith('done ')) done = line.slice(5);
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const over = new AbortController();
  const timer = sleep(killAfterMs, true, { signal: over.signal }).catch(() => false);
  const killed = await Promise.race([exited.then(() => false), timer]);
  over.abort();
  if (killed) {
    if (target === 'node' || chainPid === 0) child.kill('SIGKILL');
    else
      try {
        process.kill(chainPid, 'SIGKILL');
      } catch {
        child.kill('SIGKILL'); // the chain had just ended
      }
  }
  const [code] = await exited;
  // 3: it noticed that its chain was gone. Anything else unexpected is a failure of its own.
  if (!killed && code !== 0) assert.fail(`worker ended with ${code}: ${complaint}`);
  return done;
}

for (let round = 0; round < ROUNDS; round++) {
  const seed = SEED + round;
  test(`every obligation is paid exactly once, whatever is killed when (seed ${seed})`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'trine-test-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const next = random(seed);
    const name = `crash ${seed}`;
    let done: string | undefined;
    let kills = 0;
    while (done === undefined && kills < KILLS_MAX) {
      done = await work(folder, name, 250 + next() * 900, next() < 0.5 ? 'node' : 'chain');
      if (done === undefined) kills++;
    }
    done ??= await work(folder, name, 300_000, 'node');
    const { confirmed, ...others } = JSON.parse(done as string) as Record<string, number>;
    assert.deepEqual(others, { queued: 0, submitted: 0, refused: 0 });
    // Of the six anchors those that still waited gave way to newer ones.
    assert.ok((confirmed ?? 0) > OBLIGATIONS && (confirmed ?? 0) <= OBLIGATIONS + 6, `${confirmed} confirmed`);

    const chain = await startEmbedded({ folder: join(folder, 'chain'), chainId: 31_999n, keys: fundedKeys(name) });
    t.after(() => chain.stop());
    const network = await setUp(chain, name, folder);
    const { contracts, agreement, recipient, payer } = network;
    const filter = { address: contracts.direct, fromBlock: '0x0', toBlock: 'latest' };
    const logs = (await chain.request({ method: 'eth_getLogs', params: [filter] })) as Log[];
    const paid = logs.map(decodeSettled).filter((event) => event !== undefined);
    assert.equal(paid.length, OBLIGATIONS);
    assert.equal(new Set(paid.map((event) => event.obligation)).size, OBLIGATIONS);
    const sum = Array.from({ length: OBLIGATIONS }, (_, i) => BigInt(100 + i)).reduce((a, b) => a + b);
    assert.equal(await readBalance(chain, contracts, recipient.address), sum);
    assert.equal((await readLimits(chain, contracts, agreement, payer.address)).locked, DEPOSIT - sum);
    t.diagnostic(`${kills} kills`);
  });
}
