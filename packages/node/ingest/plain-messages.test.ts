// Plain messages: what a rule reads is said by the gateway; what it cannot read is counted, and stops nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrineError } from '@trine/protocol';
import { Parts } from '../testing/parts.ts';
import type { Issuer } from './issuer.ts';
import { PlainMessages } from './plain-messages.ts';

const rules = [
  { topic: 'home/+/temp', subject: 'home/{1}', quantity: 'temperature', unit: 'Cel', fields: [] },
  { topic: 'dated/+', subject: 'home/{1}', unit: '', time: 't', fields: [{ path: 'v', quantity: 'v', unit: '' }] },
];
const utf8 = (text: string) => new TextEncoder().encode(text);

test('what a rule reads is in the log, as the gateway’s word about the thing', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  const plain = new PlainMessages({ rules, gateway: parts.identities.gateway, now: parts.world.now });
  let isForgotten = false;
  const sealed = plain.take({ topic: 'home/kitchen/temp', payload: utf8('21.5') }).then(() => {
    isForgotten = true;
  });
  await plain.take({ topic: 'garden/temp', payload: utf8('9') });
  // A payload of nothing clears what a broker retains: it says nothing.
  await plain.take({ topic: 'home/kitchen/temp', payload: new Uint8Array() });
  assert.equal(isForgotten, false, 'it is not sealed yet');
  await parts.does(sealed);
  assert.equal(isForgotten, true);
  await parts.does(parts.projections.runner.flush());
  const rows = await parts.does(
    parts.store.query('SELECT subject, quantity, unit, value FROM readings JOIN streams USING (stream)'),
  );
  assert.deepEqual(rows, [{ subject: 'home/kitchen', quantity: 'temperature', unit: 'Cel', value: 21.5 }]);
  assert.deepEqual([plain.refused, plain.last], [0, undefined], 'a topic without a rule is nobody’s fault');
  for (const [i, unreadable] of ['x'.repeat(2_000), 'open'].entries()) {
    // Counted, and not to be sent again: it can be no reading.
    await plain.take({ topic: 'home/kitchen/temp', payload: utf8(unreadable) });
    assert.equal(plain.refused, i + 1);
    assert.match(plain.last ?? '', /home\/kitchen\/temp/);
  }
  // A dead sensor: counted apart, and no reading.
  for (const nothing of [' \n', 'nan', 'unavailable']) await plain.take({ topic: 'home/kitchen/temp', payload: utf8(nothing) });
  assert.deepEqual([plain.refused, plain.noValue], [2, 3]);
  // Refused by the ingest, for good.
  await parts.does(plain.take({ topic: 'dated/1', payload: utf8('{"v":1,"t":"2100-01-01T00:00:00Z"}') }));
  assert.equal(plain.refused, 3);
  assert.match(plain.last ?? '', /absurd-time/);
});

test('what is refused later is counted then; beyond so many that wait, no more are taken', async () => {
  const waiting: ((error: Error) => void)[] = [];
  const gateway = { measure: () => new Promise((_, reject) => waiting.push(reject)) } as unknown as Issuer;
  const plain = new PlainMessages({ rules, gateway, now: () => 0 });
  const kept: Promise<void>[] = [];
  for (let i = 0; i < 10_000; i++) kept.push(plain.take({ topic: 'home/a/temp', payload: utf8('1') }));
  const lost = assert.rejects(kept[0] as Promise<void>, /The log is full/);
  const refused = kept[1] as Promise<void>;
  assert.equal(plain.refused, 0);
  await assert.rejects(plain.take({ topic: 'home/a/temp', payload: utf8('1') }), { code: 'overloaded' });
  assert.deepEqual([plain.refused, waiting.length], [1, 10_000]);
  assert.match(plain.last ?? '', /too much waits/);
  waiting[0]?.(new Error('The log is full.'));
  await lost;
  assert.deepEqual([plain.refused, plain.last], [2, 'The log is full.']);
  waiting[1]?.(new TrineError('wrong-unit', 'It was refused.'));
  await refused;
  assert.equal(plain.refused, 3, 'refused for good: counted, and its sender may forget it');
  kept.push(plain.take({ topic: 'home/a/temp', payload: utf8('1') }));
  assert.equal(waiting.length, 10_001, 'there is room for one again');
});

test('an error that is none of the rules’ is not swallowed', async () => {
  const now = () => {
    throw new TypeError('no clock');
  };
  const plain = new PlainMessages({ rules, gateway: {} as Issuer, now });
  await assert.rejects(plain.take({ topic: 'home/a/temp', payload: utf8('1') }), /no clock/);
});
