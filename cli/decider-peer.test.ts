// A second decider beside a node that answers anything: an error in words each time, soon, and without taking memory.
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type NetworkDocument, TrineError } from '@trine/protocol';
import { peerOf } from './decider-peer.ts';

const network = { chain: { id: 1, terms: `0x${'1'.repeat(40)}` } } as unknown as NetworkDocument;
const key = new Uint8Array(32).fill(7);
const policy = 'a'.repeat(64);
const SOON_MS = 2_000;

async function peerBeside(t: TestContext, answers: (response: ServerResponse) => void, answerMsMax?: number) {
  const server = createServer((_, response) => answers(response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return peerOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'log/1', network, key, answerMsMax);
}

const asJson = (text: string) => (response: ServerResponse) =>
  void response.setHeader('content-type', 'application/json').end(text);

test('junk, other forms, and what is no JSON are errors in words', async (t) => {
  const secret = '0'.repeat(64);
  const junk: unknown[] = [
    ...[null, [], 5, 'x', {}, { secret, bodies: null }, { secret: 5, bodies: [] }, { secret: 'zz', bodies: [] }],
    ...[
      { secret, bodies: [{ body: 5 }] },
      { secret, bodies: [null] },
      { secret, bodies: [{ body: '***' }] },
    ],
    ...[{ rows: 5 }, { rows: '0x1' }, { rows: 'zz' }],
  ];
  for (const text of [...junk.map((one) => JSON.stringify(one)), '<html>', '', '{"secret":', '['.repeat(100_000)]) {
    const peer = await peerBeside(t, asJson(text));
    await assert.rejects(peer.bodies(policy, [1]), TrineError, text.slice(0, 80));
    await assert.rejects(peer.rows(policy, policy), TrineError, text.slice(0, 80));
  }
  const peer = await peerBeside(t, asJson('<html>'));
  await assert.rejects(peer.handIn(policy, '0x'), TrineError);
});

test('an answer that does not come, comes drop by drop, leads elsewhere, or does not end is none', async (t) => {
  const ways: Readonly<Record<string, (response: ServerResponse) => void>> = {
    never: () => undefined,
    'drop by drop': (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drops = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(drops));
    },
    elsewhere: (response) => void response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
    'without end': (response) => {
      const part = Buffer.alloc(1_048_576, '[');
      const more = (): void => {
        while (!response.destroyed && response.write(part));
        if (!response.destroyed) response.once('drain', more);
      };
      response.writeHead(200, { 'content-type': 'application/json' });
      more();
    },
  };
  for (const [name, way] of Object.entries(ways)) {
    const peer = await peerBeside(t, way, SOON_MS);
    await assert.rejects(peer.bodies(policy, [1]), TrineError, name);
  }
});

test('what a node of this kind says is taken', async (t) => {
  const body = Buffer.from('salt and body').toString('base64');
  const peer = await peerBeside(t, asJson(JSON.stringify({ secret: '0'.repeat(64), bodies: [{ leaf: 1, body }] })));
  const { bodies } = await peer.bodies(policy, [1]);
  assert.equal(Buffer.from(bodies[0] as Uint8Array).toString(), 'salt and body');
});
