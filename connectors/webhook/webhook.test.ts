import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toUtf8 } from '@trine/protocol';
import { checkConnector, foundIn, message, saidBy } from '../testing/checks.ts';
import { webhook } from './index.ts';

const now = 1_763_884_800_000;
const one = message('webhook/boiler-2', { timestamp: '2025-11-23T06:40:00Z', temperature: 61.5, pump: true, id: 7 });
const list = message('webhook/site/a', [
  { ts: 1_763_880_000, power: 10 },
  { ts: 1_763_880_060, power: 11 },
]);

checkConnector(webhook, [one, list]);

test('a record, or a list of them', () => {
  const things = foundIn(webhook.start({}), [one, list]);
  assert.deepEqual(
    [one, list].flatMap((said) => [...things.values()].flatMap((thing) => saidBy(thing, said, now))),
    [
      'webhook/boiler-2 temperature=61.5 Cel @2025-11-23T06:40:00.000Z',
      'webhook/boiler-2 pump=true @2025-11-23T06:40:00.000Z',
      'webhook/site/a active-power=10 W @2025-11-23T06:40:00.000Z',
      'webhook/site/a active-power=11 W @2025-11-23T06:41:00.000Z',
    ],
  );
});

test('the address names what it is about', () => {
  const push = (path: string) =>
    webhook
      .start({})
      .messages?.({ method: 'POST', path, query: new URLSearchParams(), headers: new Headers(), body: toUtf8('{}') });
  assert.deepEqual(push('site/a')?.messages[0]?.topic, 'webhook/site/a');
  for (const wrong of ['', 'a/+/b', '#']) assert.throws(() => push(wrong), /Add to the address/);
});
