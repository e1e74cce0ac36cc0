// kill -9 of the node, and ends of the user's broker, at seeded moments, under a publisher of QoS 1: what the broker has
// taken gets into the log, and once. ROUNDS=50 for a long run, SEED for another one, BROKER_SIGNAL=SIGKILL for a hard one.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openStore } from '@trine/node/projections/tables/store.ts';
import mqtt from 'mqtt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { until } from '../platform.ts';
import { mosquittoIn, withoutMosquitto } from './mosquitto.ts';

const seed = Number(process.env.SEED ?? 20_261_127);
const rounds = Number(process.env.ROUNDS ?? 6);
/** How the broker ends: by SIGTERM it writes down what it took; by SIGKILL it loses some itself, which is only told. */
const brokerSignal = process.env.BROKER_SIGNAL === 'SIGKILL' ? 'SIGKILL' : 'SIGTERM';
const EVERY_MS = 20;
const cli = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** Two topics: one says its time, of the other only its arrival is known. */
const bridge = [
  { topic: 'said/+', subject: 'said/{1}', time: 't', fields: [{ path: 'n', quantity: 'n', unit: 'count' }] },
  { topic: 'come/+', subject: 'come/{1}', quantity: 'n', unit: 'count' },
];

async function startNode(home: string, url: string): Promise<ChildProcess> {
  const args = [cli, 'up', '--port', '0', '--mqtt-attach', url];
  const child = spawn(process.execPath, args, { env: { ...process.env, TRINE_HOME: home } });
  let output = '';
  child.stdout?.on('data', (chunk) => (output += chunk));
  child.stderr?.on('data', (chunk) => (output += chunk));
  await until('the node is running', async () => {
    if (child.exitCode !== null) throw new Error(`The node ended with ${child.exitCode}: ${output}`);
    return /Console\s+(http:\S+)#/.exec(output)?.[1];
  });
  return child;
}

/** Numbers what it publishes, and knows which the broker took. */
function publisher(url: string) {
  const client = mqtt.connect(url, { clientId: 'publisher', clean: false, reconnectPeriod: 100 });
  client.on('error', () => undefined);
  const acknowledged = new Set<string>();
  let n = 0;
  const publish = (topic: string, payload: string, name: string) =>
    client.publish(topic, payload, { qos: 1 }, (error) => error || acknowledged.add(name));
  const timer = setInterval(() => {
    n++;
    publish('said/1', JSON.stringify({ n, t: Date.now() }), `said/1 ${n}`);
    publish('come/1', String(n), `come/1 ${n}`);
  }, EVERY_MS);
  return {
    acknowledged,
    /** Stops, and waits until the broker takes no more: what it did not acknowledge, it need not have. */
    finish: async () => {
      clearInterval(timer);
      for (let before = -1; before < acknowledged.size; await sleep(3_000)) before = acknowledged.size;
      await client.endAsync();
    },
  };
}

/** Somebody else who listens with a session that lasts: what it did not hear either, the broker lost. */
function witness(url: string) {
  const client = mqtt.connect(url, { clientId: 'witness', clean: false, reconnectPeriod: 100 });
  client.on('error', () => undefined);
  const heard = new Map<string, number>();
  client.on('connect', () => void client.subscribeAsync(['said/1', 'come/1'], { qos: 1 }).catch(() => undefined));
  client.on('message', (topic, payload) => {
    const text = payload.toString();
    const name = `${topic} ${topic === 'said/1' ? JSON.parse(text).n : text}`;
    heard.set(name, (heard.get(name) ?? 0) + 1);
  });
  return { heard, close: () => client.endAsync(true) };
}

async function inTheLog(home: string): Promise<Map<string, number>> {
  const store = await openStore(join(home, 'store', 'views.duckdb'));
  const rows = await store.query<{ subject: string; value: number; times: number }>(
    `SELECT subject, value, count(*) AS times FROM readings JOIN streams USING (stream)
     WHERE quantity = 'n' GROUP BY subject, value`,
  );
  await store.close();
  return new Map(rows.map(({ subject, value, times }) => [`${subject} ${value}`, Number(times)]));
}

test(`${rounds} kills of node or broker (SEED=${seed}, broker by ${brokerSignal}): nothing is lost, and it counts once`, {
  skip: withoutMosquitto,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trine-kills-'));
  const home = join(folder, 'node');
  const broker = await mosquittoIn(folder);
  await broker.start();
  mkdirSync(home);
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ bridge, device: { enabled: false } }));
  let node = await startNode(home, broker.url);
  t.after(async () => {
    node.kill('SIGKILL');
    await broker.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const other = witness(broker.url);
  const sender = publisher(broker.url);
  const random = xoroshiro128plus(seed);
  const next = () => (random.next() >>> 0) / 2 ** 32;
  const kills = { node: 0, broker: 0 };
  for (let round = 0; round < rounds; round++) {
    await sleep(300 + next() * 2_000);
    if (next() < 0.5) {
      kills.node++;
      node.kill('SIGKILL');
      await once(node, 'exit');
      node = await startNode(home, broker.url);
    } else {
      kills.broker++;
      await broker.stop(brokerSignal);
      await sleep(next() * 1_000);
      await broker.start();
    }
  }
  await sender.finish();
  await sleep(5_000);
  node.kill('SIGTERM');
  await once(node, 'exit');
  await other.close();
  const log = await inTheLog(home);
  const lost = [...sender.acknowledged].filter((name) => !log.has(name));
  const lostByBroker = lost.filter((name) => !other.heard.has(name));
  const doubles = [...log].filter(([, times]) => times > 1).map(([name]) => name);
  const doubledBefore = doubles.filter((name) => (other.heard.get(name) ?? 0) > 1);
  const said = doubles.filter((name) => name.startsWith('said/'));
  t.diagnostic(
    `${kills.node} kills of the node, ${kills.broker} of the broker; ${sender.acknowledged.size} messages taken by the ` +
      `broker; lost ${lost.length}, of these by the broker ${lostByBroker.length}; twice in the log ${doubles.length}, of ` +
      `these ${doubledBefore.length} twice to another subscriber, ${said.length} with a time of their own`,
  );
  if (brokerSignal === 'SIGTERM') assert.deepEqual(lost, []);
  assert.deepEqual(
    doubles.filter((name) => !doubledBefore.includes(name)),
    [],
  );
});
