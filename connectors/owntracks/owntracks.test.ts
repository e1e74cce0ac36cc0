import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toUtf8 } from '@trine/protocol';
import { checkConnector, foundIn, message, saidBy } from '../testing/checks.ts';
import { owntracks } from './index.ts';

const now = 1_763_884_800_000;
const said = { _type: 'location', lat: 52.52, lon: 13.405, acc: 12, batt: 80, vel: 36, tid: 'ab', tst: 1_763_880_000 };
const one = message('owntracks/jane/phone', said);

checkConnector(owntracks, [one]);

test('a position, dated by the phone; what else comes on its topic is none', () => {
  const running = owntracks.start(owntracks.settings.parse({}));
  const [thing] = foundIn(running, [one]).values();
  const at = '@2025-11-23T06:40:00.000Z';
  assert.deepEqual(saidBy(thing ?? assert.fail(), one, now), [
    `phone/jane.phone latitude=52.52 lat ${at}`,
    `phone/jane.phone longitude=13.405 lon ${at}`,
    `phone/jane.phone position-accuracy=12 m ${at}`,
    `phone/jane.phone speed=10 m/s ${at}`,
    `phone/jane.phone battery-level=80 %EL ${at}`,
  ]);
  for (const other of [
    { _type: 'lwt' },
    { _type: 'encrypted', data: 'x' },
    { _type: 'waypoint', lat: 1, lon: 2, tst: 1 },
  ]) {
    assert.deepEqual(running.discover(message('owntracks/jane/phone', other)).found, []);
    assert.deepEqual(saidBy(thing ?? assert.fail(), message('owntracks/jane/phone', other), now), []);
  }
});

test('in HTTP mode the phone names itself in the address or in headers, and is answered a list', () => {
  const running = owntracks.start(owntracks.settings.parse({}));
  const push = (query: string, headers: Record<string, string> = {}) =>
    running.messages?.({
      method: 'POST',
      path: '',
      query: new URLSearchParams(query),
      headers: new Headers(headers),
      body: toUtf8('{}'),
    });
  for (const answer of [push('u=jane&d=phone'), push('', { 'X-Limit-U': 'jane', 'X-Limit-D': 'phone' })])
    assert.deepEqual([answer?.messages[0]?.topic, answer?.answer.body], ['owntracks/jane/phone', '[]']);
  for (const wrong of ['', 'u=jane', 'u=a/b&d=c', 'u=%23&d=x'])
    assert.throws(() => push(wrong), /names user and device/);
});
