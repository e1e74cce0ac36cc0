// Plain messages: what a rule reads is said by the gateway; what it cannot read is counted, and stops nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeLeaf, parseStatement, TrineError } from '@trine/protocol';
import { Parts } from '../testing/parts.ts';
import type { Issuer } from './issuer.ts';
import { PlainMessages } from './plain-messages.ts';

const rules = [
  { topic: 'home/+/temp', subject: 'home/{1}', quantity: 'temperature', unit: 'Cel', fields: [] },
  { topic: 'kelvin/+', subject: 'home/{1}', quantity: 'temperature', unit: 'K', fields: [] },
  { topic: 'dated/+', subject: 'home/{1}', unit: '', time: 't', fields: [{ path: 'v', quantity: 'v', unit: '' }] },
];
const utf8 = (text: string) => new TextEncoder().encode(text);

test('what a rule reads is in the log, as the gateway’s word about the thing', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  const plain = new PlainMessages({ rules, gateway: parts.identities.gateway, now: parts.world.now });
  let isForgotten = false;
  const sealed = plain.take('home/kitchen/temp', utf8('21.5')).then(() => {
    isForgotten = true;
  });
  await plain.take('garden/temp', utf8('9'));
  // A payload of nothing clears what a broker retains: it says nothing.
  await plain.take('home/kitchen/temp', new Uint8Array());
  assert.equal(isForgotten, false, 'it is not sealed yet');
  await parts.does(sealed);
  assert.equal(isForgotten, true);
  await parts.does(parts.projections.runner.flush());
  const rows = await parts.does(
    parts.store.query('SELECT subject, quantity, unit, value FROM readings JOIN streams USING (stream)'),
  );
  assert.deepEqual(rows, [{ subject: 'home/kitchen', quantity: 'temperature', unit: 'Cel', value: 21.5 }]);
  assert.deepEqual([plain.refused, plain.last], [0, undefined], 'a topic without a rule is nobody’s fault');
  for (const [i, unreadable] of ['x'.repeat(2_000), ' \n'].entries()) {
    // Counted, and not to be sent again: it can be no reading.
    await plain.take('home/kitchen/temp', utf8(unreadable));
    assert.equal(plain.refused, i + 1);
    assert.match(plain.last ?? '', /home\/kitchen\/temp/);
  }
  // Refused by the ingest, for good.
  await parts.does(plain.take('kelvin/kitchen', utf8('294.6')));
  assert.equal(plain.refused, 3);
  assert.match(plain.last ?? '', /wrong-unit/);
});

test('a message whose time is missing or none is dated by its arrival, says that it has no clock, and is counted', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  const { now } = parts.world;
  const plain = new PlainMessages({ rules, gateway: parts.identities.gateway, now });
  const toldMs = now() - 60_000;
  for (const [i, time] of [`,"t":${toldMs}`, '', ',"t":null', ',"t":1.42', ',"t":"2100-01-01T00:00:00Z"'].entries())
    await parts.does(plain.take('dated/1', utf8(`{"v":${i}${time}}`)));
  assert.deepEqual([plain.refused, plain.datedByArrival], [0, 4]);
  assert.match(plain.lastDated ?? '', /^Topic dated\/1: .*set the clock/);
  const leaves = Array.from({ length: parts.log.size }, (_, i) => decodeLeaf(parts.log.read(i)));
  const said = leaves.flatMap((leaf) => {
    if (leaf.kind !== 'statement') return [];
    const { header } = parseStatement(leaf.statement);
    return header.kind === 'pack' ? [{ clock: header.clock, arrivalMs: leaf.arrivalMs }] : [];
  });
  assert.deepEqual(
    said.map(({ clock }) => clock),
    ['synchronised', 'none', 'none', 'none', 'none'],
  );
  await parts.does(parts.projections.runner.flush());
  const rows = (await parts.does(
    parts.store.query('SELECT value, event_ms AS ms FROM readings JOIN streams USING (stream) ORDER BY value'),
  )) as { value: number; ms: bigint }[];
  assert.deepEqual(
    rows.map(({ ms }) => Number(ms)),
    [toldMs, ...said.slice(1).map(({ arrivalMs }) => arrivalMs)],
  );
});

test('what is refused later is counted then; beyond so many that wait, no more are taken', async () => {
  const waiting: ((error: Error) => void)[] = [];
  const gateway = { measure: () => new Promise((_, reject) => waiting.push(reject)) } as unknown as Issuer;
  const plain = new PlainMessages({ rules, gateway, now: () => 0 });
  const kept: Promise<void>[] = [];
  for (let i = 0; i < 10_000; i++) kept.push(plain.take('home/a/temp', utf8('1')));
  const lost = assert.rejects(kept[0] as Promise<void>, /The log is full/);
  const refused = kept[1] as Promise<void>;
  assert.equal(plain.refused, 0);
  await assert.rejects(plain.take('home/a/temp', utf8('1')), { code: 'overloaded' });
  assert.deepEqual([plain.refused, waiting.length], [1, 10_000]);
  assert.match(plain.last ?? '', /too much waits/);
  waiting[0]?.(new Error('The log is full.'));
  await lost;
  assert.deepEqual([plain.refused, plain.last], [2, 'The log is full.']);
  waiting[1]?.(new TrineError('wrong-unit', 'It was refused.'));
  await refused;
  assert.equal(plain.refused, 3, 'refused for good: counted, and its sender may forget it');
  kept.push(plain.take('home/a/temp', utf8('1')));
  assert.equal(waiting.length, 10_001, 'there is room for one again');
});

test('an error that is none of the rules’ is not swallowed', async () => {
  const now = () => {
    throw new TypeError('no clock');
  };
  const plain = new PlainMessages({ rules, gateway: {} as Issuer, now });
  await assert.rejects(plain.take('home/a/temp', utf8('1')), /no clock/);
});
