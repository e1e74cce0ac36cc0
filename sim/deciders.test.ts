// Two of two deciders: one node alone cannot move money; `trine decide` beside it, a process of its own, can.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { keysOf } from '@trine/cli/decider-folder.ts';
import type { Said } from '@trine/node/codecide/co-decider.ts';
import { serveNode, takePort } from '@trine/node/serve/serve.ts';
import { decodeEvidence, encodeEvidence, fromHex, verifyEvidence } from '@trine/protocol';
import { decided, type Platform, paid, startPlatform, until } from './platform.ts';

const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
const KILLS = 12;

interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly words: string;
}

/** A whole node, and the folder of a second decider. */
class Scene {
  readonly platform: Platform;
  readonly home: string;
  readonly url: string;

  constructor(platform: Platform, home: string, url: string) {
    this.platform = platform;
    this.home = home;
    this.url = url;
  }

  static async open(t: TestContext): Promise<Scene> {
    const home = mkdtempSync(join(tmpdir(), 'trine-decider-'));
    const platform = await startPlatform(undefined, { deciders: [keysOf(home).account], quorum: 2 });
    const served = serveNode(await takePort('127.0.0.1', 0), platform.node, join(home, 'no-console'), 'test');
    t.after(async () => {
      await served.close();
      await platform.remove();
      rmSync(home, { recursive: true, force: true });
    });
    (platform.node.ownDevice as { paused: boolean }).paused = true;
    return new Scene(platform, home, served.url);
  }

  start(...more: string[]): ChildProcess {
    const network = join(this.platform.home, 'network.json');
    const args = ['decide', '--of', this.url, '--home', this.home, '--network', network, '--json', ...more];
    const { TRINE_HOME: _, ...env } = process.env;
    return spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  async once(): Promise<Ran> {
    const child = this.start('--once');
    const parts = { out: '', words: '' };
    child.stdout?.on('data', (part) => {
      parts.out += part;
    });
    child.stderr?.on('data', (part) => {
      parts.words += part;
    });
    const [status] = (await once(child, 'close')) as [number | null];
    return { status, ...parts };
  }

  /** Orders by how many have signed. */
  async unsigned(): Promise<string[]> {
    return (await this.platform.node.settler.unsigned()).map(({ digest }) => digest);
  }
}

/** Waits until a second decider says that it decides, and says what it said instead if it ends before. */
async function atWork(child: ChildProcess): Promise<void> {
  let words = '';
  for await (const part of child.stderr ?? []) {
    words += part;
    if (words.includes('Deciding beside')) return;
  }
  assert.fail(`it ended: ${words}`);
}

test('unpaid with one of two deciders, paid with both, and proven so', async (t) => {
  const scene = await Scene.open(t);
  const { node } = scene.platform;
  const decision = await decided(node, ({ outcome, payment }) => outcome === 'pay' && payment !== undefined);
  const [digest = ''] = await until('an order that waits', async () => {
    const found = await scene.unsigned();
    return found.length > 0 ? found : undefined;
  });
  assert.equal((await node.views.payments({ limit: 100 })).items.find(({ id }) => id === digest)?.state, 'ordered');
  const ran = await scene.once();
  assert.ok(ran.status === 0 || ran.status === 75, `${ran.status} ${ran.words}`);
  const { said } = JSON.parse(ran.out) as { said: Said[] };
  assert.ok(
    said.some(({ payment, state }) => payment === digest && state === 'signed'),
    ran.out,
  );
  assert.ok(
    said.every(({ state }) => state !== 'refused'),
    ran.out,
  );
  assert.ok(said.some((one) => one.decision === decision.id));
  const payment = await paid(node, ({ id }) => id === digest);
  const { network } = node.genesis;
  const file = await node.evidence(fromHex(payment.id));
  const report = await verifyEvidence(file, { network });
  assert.match(report.steps.find(({ name }) => name === 'deciders')?.detail ?? '', /2 of 2 deciders; 2 needed/);
  // It can be written in one way only.
  const { signatures = [], logs, ...rest } = decodeEvidence(file);
  const unmarked = logs.map(({ arrivals: _, ...log }) => log);
  for (const [name, other] of Object.entries({
    swapped: { ...rest, logs, signatures: signatures.toReversed() },
    doubled: { ...rest, logs, signatures: signatures.flatMap((one) => [one, one]) },
    ...(logs.some(({ arrivals }) => arrivals) && { unmarked: { ...rest, logs: unmarked, signatures } }),
  }))
    assert.equal((await verifyEvidence(encodeEvidence(other), { network })).verdict, 'broken', name);
});

test('killed at any moment, again and again, the second decider loses and doubles nothing', async (t) => {
  const scene = await Scene.open(t);
  const { node } = scene.platform;
  let child = scene.start('--every', '1s');
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(400 + ((kill * 379) % 1_900));
    child.kill('SIGKILL');
    await once(child, 'exit');
    child = scene.start('--every', '1s');
  }
  const reached = Date.now();
  // What was ordered by now is signed and paid, each once.
  await until('everything that was ordered until then is paid', async () => {
    const { items } = await node.views.payments({ limit: 1_000 });
    const before = items.filter(({ toMs }) => toMs + 2_000 < reached);
    return before.length > 1 && before.every(({ state }) => state === 'paid') ? true : undefined;
  });
  // The last one starts once more, and is asked to stop only once it is at work: before that no signal is caught.
  child.kill('SIGKILL');
  await once(child, 'exit');
  child = scene.start('--every', '1s');
  await atWork(child);
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  await node.runner.flush();
  const twice = await node.store.query(
    'SELECT obligation FROM intents GROUP BY agreement, obligation HAVING count(*) > 1',
  );
  assert.deepEqual(twice, []);
  const settled = await node.store.query('SELECT intent FROM settlements GROUP BY intent HAVING count(*) > 1');
  assert.deepEqual(settled, []);
});
