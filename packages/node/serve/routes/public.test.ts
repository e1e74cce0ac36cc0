// For everyone: the network, the health, the log as files, and the chain to read.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { decodeBundle, didKey, parseNetwork } from '@trine/protocol';
import { problemOf, ServedNode } from '../../testing/served.ts';
import { HOME } from '../../testing/world.ts';

let served: ServedNode;
let folder: string;
const anyone = (path: string, headers: Record<string, string> = {}) => served.ask(path, { token: '', headers });

before(async () => {
  served = await ServedNode.open();
  const { parts } = served;
  await parts.say(Array.from({ length: 300 }, (_, i) => ({ atMs: 10 * i, open: true })));
  await served.does(parts.log.publish());
  // The files of the log are read where they lie: on a disk.
  folder = mkdtempSync(join(tmpdir(), 'trine-public-'));
  parts.world.copyTo(folder);
  Object.defineProperty(parts.log, 'publicDirectory', { value: join(folder, HOME, 'log', 'public') });
});
after(async () => {
  await served.close();
  rmSync(folder, { recursive: true });
});

test('the network document is what a verifier pins; a gateway says which key answers', async () => {
  const network = await anyone('/network.json');
  assert.equal(parseNetwork(network.text).id, served.node.genesis.network.id);
  const gateway = (await anyone('/gateway.json')).json();
  assert.deepEqual(gateway, {
    key: didKey(served.node.genesis.keys.gateway.publicKey),
    network: served.node.genesis.network.id,
    mqtt: served.node.mqtt.address,
  });
  const models = (await anyone('/model.json')).json() as Record<string, { name: string }>;
  assert.deepEqual(Object.keys(models), ['counting']);
});

test('the log as files: whole tiles for ever, parts of what grew since, and each entry at its place', async () => {
  const { checkpoint } = served.parts.log;
  const { size } = checkpoint;
  const note = await anyone('/log/checkpoint');
  assert.deepEqual([note.text, note.headers.get('cache-control')], [checkpoint.note, 'no-cache']);
  for (const [path, length] of [
    ['0/000', 8_192],
    [`0/001.p/${size - 256}`, 32 * (size - 256)],
    ['0/000.p/100', 3_200],
    ['1/000.p/1', 32],
  ] as const) {
    const tile = await anyone(`/log/tile/${path}`);
    assert.deepEqual([tile.status, tile.bytes.length], [200, length], path);
    assert.match(tile.headers.get('cache-control') ?? '', /immutable/);
    assert.equal(tile.headers.get('access-control-allow-origin'), '*');
  }
  const entries = decodeBundle((await anyone('/log/tile/entries/000')).bytes, 256);
  assert.deepEqual(entries[7], served.parts.log.read(7));
});

test('what is no tile, not published yet, or outside of the log is not there, and is not kept as such', async () => {
  const { size } = served.parts.log.checkpoint;
  const outside = join(folder, HOME, 'log', 'secret');
  writeFileSync(outside, 'secret');
  for (const path of [
    `0/001.p/${size - 255}`,
    '0/001',
    '0/002',
    '0/000.p/256',
    '0/000.p/0',
    '0/0',
    '9/000',
    'entries/000.p/-1',
    '..%2f..%2fsecret',
    '0/..%2f..%2f..%2fsecret',
    '%2e%2e%2f%2e%2e%2fsecret',
    '0/000%00',
    '0%2f000%2f..%2f000',
  ]) {
    const answer = await anyone(`/log/tile/${path}`);
    assert.deepEqual([answer.status, problemOf(answer).code], [404, 'not-found'], path);
    assert.match(answer.headers.get('cache-control') ?? '', /no-cache/, path);
  }
  for (const path of ['/log/secret', '/log/../secret', '/log/wal', '/log', '/log/tile'])
    assert.equal((await anyone(path)).status, 404, path);
});

test('health says what is wrong without its words; who asks whether it is ready is told by the status', async () => {
  const codes = async (path: string) => {
    const { status, json, text, headers } = await anyone(path);
    assert.doesNotMatch(text, /secret/);
    const { status: word, problems } = json() as { status: string; problems: { code: string }[] };
    return [status, word, problems.map(({ code }) => code), headers.get('cache-control')];
  };
  assert.deepEqual(await codes('/readyz'), [200, 'ready', [], 'no-store']);
  const { events, mqtt } = served.node;
  events.trouble('anchoring', 'The account at secret.example is empty.');
  assert.deepEqual((await codes('/readyz')).slice(0, 3), [200, 'degraded', ['anchoring']]);
  const { health } = mqtt;
  Object.assign(mqtt, { health: { connected: false, sinceMs: 0, reason: 'secret:1883 is gone' } });
  assert.deepEqual((await codes('/readyz')).slice(0, 3), [503, 'unready', ['transport', 'anchoring']]);
  assert.deepEqual((await codes('/healthz')).slice(0, 2), [200, 'unready'], 'it lives, and says so');
  const overview = await served.get<{ problem: string; problems: object[] }>('/api/v1/overview');
  assert.deepEqual([overview.problem, overview.problems.length], ['secret:1883 is gone', 2]);
  assert.match((await served.ask('/metrics')).text, /trine_problem\{problem="anchoring"\} 1\n/);
  Object.assign(mqtt, { health });
  events.mended('anchoring');
  assert.deepEqual((await codes('/readyz')).slice(0, 2), [200, 'ready']);
});

test('the chain is read by anyone, one call or a batch; what changes it is not called', async () => {
  const call = async (body: object | string) => {
    const answer = await served.post('/chain', body, { token: '', headers: { 'content-type': 'application/json' } });
    return [answer.status, answer.json()] as [number, Record<string, unknown>];
  };
  const ask = (method: string, id = 1) => ({ jsonrpc: '2.0', id, method, params: [] });
  const chainId = `0x${served.node.genesis.network.chain.id.toString(16)}`;
  assert.deepEqual(await call(ask('eth_chainId')), [200, { jsonrpc: '2.0', id: 1, result: chainId }]);
  const [, both] = await call([ask('eth_chainId', 1), ask('eth_blockNumber', 2)]);
  assert.deepEqual((both as unknown as { id: number }[]).map(({ id }) => id).sort(), [1, 2]);
  for (const method of ['evm_mine', 'anvil_setBalance', 'eth_sendTransaction', 'personal_sign', 'debug_traceCall']) {
    const [, { error, result }] = await call(ask(method));
    assert.ok(error !== undefined && result === undefined, method);
  }
});

test('what has no address is not found in the one form, whatever the way of asking', async () => {
  for (const [path, method] of [
    ['/nowhere', 'GET'],
    ['/assets/none.js', 'GET'],
    ['/..%2f..%2fetc%2fpasswd', 'GET'],
    ['/%00', 'GET'],
    ['/network.json', 'POST'],
  ] as const) {
    const answer = await served.ask(path, { method, token: '' });
    assert.deepEqual([answer.status, problemOf(answer).code], [404, 'not-found'], path);
  }
  // This network names no verifier: it says so.
  const verifier = await anyone('/verifier.html');
  assert.deepEqual([verifier.status, problemOf(verifier).error.includes('names no verifier')], [404, true]);
});
