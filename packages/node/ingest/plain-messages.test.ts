// Plain messages: what a rule reads is said by the gateway; what it cannot read is counted, and stops nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Parts } from '../testing/parts.ts';
import type { Issuer } from './issuer.ts';
import { PlainMessages } from './plain-messages.ts';

const rules = [{ topic: 'home/+/temp', subject: 'home/{1}', quantity: 'temperature', unit: 'Cel', fields: [] }];
const utf8 = (text: string) => new TextEncoder().encode(text);

test('what a rule reads is in the log, as the gateway’s word about the thing', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  const plain = new PlainMessages({ rules, gateway: parts.identities.gateway, now: parts.world.now });
  plain.take('home/kitchen/temp', utf8('21.5'));
  plain.take('garden/temp', utf8('9'));
  await parts.world.until(() => parts.log.durableSize > 3, 'it is sealed');
  await parts.does(parts.projections.runner.flush());
  const rows = await parts.does(
    parts.store.query('SELECT subject, quantity, unit, value FROM readings JOIN streams USING (stream)'),
  );
  assert.deepEqual(rows, [{ subject: 'home/kitchen', quantity: 'temperature', unit: 'Cel', value: 21.5 }]);
  assert.deepEqual([plain.refused, plain.last], [0, undefined], 'a topic without a rule is nobody’s fault');
  plain.take('home/kitchen/temp', utf8('x'.repeat(2_000)));
  assert.equal(plain.refused, 1);
  assert.match(plain.last ?? '', /home\/kitchen\/temp/);
});

test('what is refused later is counted then; beyond so many that wait, no more are taken', async () => {
  const waiting: ((error: Error) => void)[] = [];
  const gateway = { measure: () => new Promise((_, reject) => waiting.push(reject)) } as unknown as Issuer;
  const plain = new PlainMessages({ rules, gateway, now: () => 0 });
  for (let i = 0; i < 10_000; i++) plain.take('home/a/temp', utf8('1'));
  assert.equal(plain.refused, 0);
  plain.take('home/a/temp', utf8('1'));
  assert.deepEqual([plain.refused, waiting.length], [1, 10_000]);
  assert.match(plain.last ?? '', /too much waits/);
  waiting[0]?.(new Error('The log is full.'));
  await new Promise(setImmediate);
  assert.deepEqual([plain.refused, plain.last], [2, 'The log is full.']);
  plain.take('home/a/temp', utf8('1'));
  assert.equal(waiting.length, 10_001, 'there is room for one again');
});

test('an error that is none of the rules’ is not swallowed', () => {
  const now = () => {
    throw new TypeError('no clock');
  };
  const plain = new PlainMessages({ rules, gateway: {} as Issuer, now });
  assert.throws(() => plain.take('home/a/temp', utf8('1')), /no clock/);
});
