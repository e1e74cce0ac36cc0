// An agreement between two people with key files, from the command line, with a whole node: proposed, read in words, signed
// by both, refused where it should be, and ended.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Schemas } from '@trine/client';
import { addressOfPrivateKey } from '@trine/protocol';
import { Bench } from './testing.ts';

const bench = new Bench();
const payer = new Uint8Array(32).fill(31);
const recipient = new Uint8Array(32).fill(32);
const hex = (key: Uint8Array) => Buffer.from(key).toString('hex');
let payerKey: string;
let recipientKey: string;
before(async () => {
  payerKey = bench.file('payer.key', `${hex(payer)}\n`);
  recipientKey = bench.file('recipient.key', `${hex(recipient)}\n`);
  await bench.up();
});
after(() => bench.close());

const trine = (...args: string[]) => bench.trine(['agreement', ...args]);
const propose = (...more: string[]) =>
  trine(
    ...['propose', 'service-level', 'pump/7', '--party', `payer=City=${addressOfPrivateKey(payer)}`],
    ...[
      '--party',
      'recipient=Customer',
      '--most',
      '0.50',
      '--total',
      '100',
      '--window',
      '1h',
      '--statements-min',
      '50',
    ],
    ...more,
  );

test('what is wrong is said in words before anything is proposed', async () => {
  for (const [args, words] of [
    [['--arbiter', addressOfPrivateKey(payer)], /arbiter: an account of its own/],
    [['--currency', 'USD'], /This network pays in EUR/],
    [['--most', '0.505'], /0\.505 is no amount/],
    [['--most', '200'], /one obligation may cost more than all of them/],
    [['--party', 'recipient=Another'], /each role stands once/],
    [['--party', 'judge=Another'], /judge is none of the roles/],
    [['--threshold-ppm', 'many'], /thresholdPpm/],
  ] as const) {
    const { status, words: said } = await propose(...args);
    assert.deepEqual([status, words.test(said)], [2, true], said);
  }
  assert.deepEqual((await trine('list', '--json')).json<{ proposals: { state: string }[] }>().proposals.length, 1);
});

test('two people with key files sign what they have read, and either ends it', async () => {
  const proposed = await propose('--json');
  assert.equal(proposed.status, 0, proposed.words);
  const { id, links } = proposed.json<Schemas['Proposal']>();
  const shown = await trine('show', id, '--role', 'payer');
  for (const words of [
    /"Service level: pump\/7" about pump\/7/,
    /Most for one obligation +0\.50 EUR/,
    /Window +1 h/,
    /recipient +Customer +has yet to make its key/,
    /Late readings +change nothing that was decided/,
    /of 1 owner besides who gains; what rests on silence alone is held/,
  ])
    assert.match(shown.out, words);
  const early = await trine('sign', id, '--key', payerKey, '--yes');
  assert.deepEqual(
    [early.status, /0x[0-9a-f]{40} is named as payer\. Others have yet to make their keys/.test(early.words)],
    [75, true],
    early.words,
  );
  const path = links.find(({ role }) => role === 'recipient')?.path as string;
  const link = `${bench.url}${path}`;
  const asked = await trine('sign', link, '--key', recipientKey);
  assert.deepEqual([asked.status, /Nobody is there to ask/.test(asked.words)], [2, true], asked.words);
  const signed = await trine('sign', link, '--key', recipientKey, '--yes', '--token', 'none');
  assert.equal(signed.status, 0, signed.words);
  assert.match(signed.out, /payer has yet to sign, recipient has signed/);
  const wrong = await trine('sign', id, '--role', 'payer', '--key', recipientKey, '--yes');
  assert.deepEqual([wrong.status, /signs with 0x.*this key is of/.test(wrong.words)], [2, true], wrong.words);
  const last = await trine('sign', id, '--key', payerKey, '--yes');
  assert.equal(last.status, 0, last.words);
  const [, agreement = ''] = /Sealed: agreement ([0-9a-f]{64})/.exec(last.out) ?? [];
  assert.match(
    (await trine('list')).out,
    new RegExp(`${agreement.slice(0, 12)} +Service level: pump/7 +in-force +signed by recipient, payer`),
  );
  const gone = await trine('withdraw', id);
  assert.deepEqual([gone.status, /is sealed/.test(gone.words)], [1, true]);
  const practice = await trine('end', agreement, '--as', 'payer', '--reason', 'Not mine');
  assert.deepEqual([practice.status, /is no party/.test(practice.words)], [1, true]);
  const ended = await trine('end', agreement.slice(0, 12), '--key', recipientKey, '--reason', 'The store is sold');
  assert.equal(ended.status, 0, ended.words);
  assert.match((await trine('list')).out, /Service level: pump\/7 +ended/);
});

test('whoever signs reads for how long late readings change what was decided', async () => {
  const proposed = await propose('--correctable', '2d', '--owners-min', '0');
  assert.match(proposed.out, /Late readings +change what was decided, for 2 d after its end/);
  assert.match(
    proposed.out,
    /class software or better; nobody besides who gains need stand behind a payment, and silence may be/,
  );
  assert.match(proposed.out, /Time to object +1 d; if nobody rules within 30 d it is dropped/);
  const short = await propose('--dispute-window', '90min');
  assert.match(short.out, /Time to object +1 h 30 min;/);
});

test('a watch is ended', async () => {
  const add = ['watch', 'add', 'service-level', 'pump/7', '--window', '1h'];
  const silent = await bench.trine(add);
  assert.deepEqual([silent.status, /never said anything .*--statements-min NUMBER/.test(silent.words)], [1, true]);
  assert.equal((await bench.trine([...add, '--statements-min', '4'])).status, 0);
  const [{ hash } = { hash: '' }] = (await bench.trine(['watch', 'list', '--json'])).json<{ hash: string }[]>();
  assert.equal((await bench.trine(['watch', 'end', hash.slice(0, 12), '--reason', 'Enough'])).status, 0);
  assert.match((await bench.trine(['watch', 'list'])).out, /over/);
});

test('a node that counts money in other units than the currency has gets no signature', async (t) => {
  const proposed = await propose('--json');
  const { links } = proposed.json<Schemas['Proposal']>();
  const lying = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { method = 'GET', headers, url = '' } = request;
    const { authorization = '' } = headers;
    const body = parts.length > 0 ? { body: Buffer.concat(parts) } : {};
    const answer = await fetch(`${bench.url}${url}`, { method, headers: { authorization }, ...body });
    const text = (await answer.text()).replaceAll('"decimals":2', '"decimals":4');
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
  });
  await new Promise<void>((done) => lying.listen(0, '127.0.0.1', done));
  t.after(() => {
    lying.closeAllConnections();
    lying.close();
  });
  const url = `http://127.0.0.1:${(lying.address() as AddressInfo).port}`;
  const link = `${url}${links.find(({ role }) => role === 'payer')?.path}`;
  for (const args of [
    ['agreement', 'show', link],
    ['agreement', 'sign', link, '--key', payerKey, '--yes'],
    ['deposit', '1', '--key', payerKey, '--url', url],
    ['withdraw', '1', '--key', payerKey, '--url', url],
  ]) {
    const { status, words } = await bench.trine(args);
    assert.deepEqual([status, /EUR with 4 decimals, and it has 2: do not sign/.test(words)], [1, true], words);
  }
});
