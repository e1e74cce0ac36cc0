import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FormatError } from '@trine/protocol';
import { zones } from '@trine/protocol/calendar/zones.ts';
import fc from 'fast-check';
import { type EventTimeRule, eventTimeReader } from './event.ts';
import { formatNamed } from './format.ts';

const arrival = Date.UTC(2026, 10, 26, 11, 6);
const at = (value: unknown, rule: Partial<EventTimeRule> = {}, arrivalMs = arrival) =>
  eventTimeReader({ outside: 'arrival', ...rule }, zones)(value, arrivalMs);
const is = (value: unknown, iso: string, rule: Partial<EventTimeRule> = {}, arrivalMs = arrival) => {
  const found = at(value, rule, arrivalMs);
  assert.equal(found.kind === 'time' && new Date(found.ms).toISOString(), new Date(iso).toISOString(), String(value));
};

test('counts since 1970: the unit is the one in which they lie before the arrival', () => {
  const iso = '2026-11-26T10:47:15.376Z';
  const ms = Date.parse(iso);
  for (const value of [ms / 1000, ms, ms * 1000, BigInt(ms) * 1_000_000n]) {
    is(value, iso);
    is(String(value), iso);
  }
  is(631_152_000, '1990-01-01T00:00:00Z');
  is(arrival / 1000 + 600, '2026-11-26T11:16:00Z');
  assert.match(JSON.stringify(at(arrival / 1000 + 601)), /"arrival".*no unit/);
});

test('texts: RFC 3339 and spans of it, and nothing that only looks like a time', () => {
  is('2026-11-26T11:05:00.123456789+01:00', '2026-11-26T10:05:00.123Z');
  is('2026-11-26T11:00:00Z/2026-11-26T11:05:00Z', '2026-11-26T11:05:00Z');
  for (const text of ['Sensor 1', '05/11/2026 10:00:00', 'never', '20261126110500', 'Thu Nov 26 2026', '1,7e9'])
    assert.equal(at(text).kind, 'arrival', text);
  is('05/11/2026 10:00:00', '2026-11-05T10:00:00Z', { format: formatNamed('day-first'), zone: 'UTC' });
  is('20261126110500', '2026-11-26T11:05:00Z', { format: formatNamed('compact'), zone: 'UTC' });
});

test('a text without a zone is a time only where the rule names one', () => {
  assert.match(JSON.stringify(at('2026-11-26T12:05:00')), /"arrival".*names no time zone/);
  is('2026-11-26T12:05:00', '2026-11-26T11:05:00Z', { zone: 'Europe/Berlin' });
  is('2026-11-26 06:05:00', '2026-11-26T11:05:00Z', { zone: 'America/New_York' });
  assert.throws(() => at('', { zone: 'Mars' }), FormatError);
});

test('no clock: missing, null, uptime, 1970, before the clock was set: dated by arrival, with words', () => {
  for (const [value, words] of [
    [undefined, /no time was given/],
    [null, /no time was given/],
    ['', /empty/],
    [0, /since the device started/],
    [1.42, /since the device started/],
    [188, /since the device started/],
    ['188', /since the device started/],
    [-5, /since the device started/],
    ['1970-01-01T00:00:12', /time zone/],
    ['1970-01-01T00:00:12Z', /1990/],
    [true, /boolean/],
    [{}, /object/],
  ] as const) {
    const found = at(value);
    assert.ok(found.kind === 'arrival', String(value));
    assert.match(found.why, words);
  }
});

test('before 1990 and ahead of the arrival: arrival or refusal, as the caller says; what is no time never refuses', () => {
  for (const value of ['1970-01-01T00:00:12Z', '2026-11-26T12:05:00Z', '2049-01-01T00:00:00Z', 188, 4_000_000_000]) {
    assert.equal(at(value).kind, 'arrival', String(value));
    const found = at(value, { outside: 'refuse' });
    assert.ok(found.kind === 'refused' && /too (early|late)/.test(found.reason), String(value));
  }
  for (const value of [null, 'never', {}]) assert.equal(at(value, { outside: 'refuse' }).kind, 'arrival');
});

test('the hour shown twice: what has not come yet is not meant', () => {
  const rule = { zone: 'Europe/Berlin' };
  is('2026-10-25 02:30:00', '2026-10-25T00:30:00Z', rule, Date.UTC(2026, 9, 25, 0, 30, 5));
  is('2026-10-25 02:30:00', '2026-10-25T01:30:00Z', rule, Date.UTC(2026, 9, 25, 1, 30, 5));
  is('2026-10-25 02:30:00', '2026-10-25T00:30:00Z', rule, Date.UTC(2026, 9, 26));
  const found = at('2026-10-25 02:30:00', rule, Date.UTC(2026, 9, 25, 1, 30, 5));
  assert.deepEqual(found.kind === 'time' && found.how, { zone: 'given', repeated: 'later', by: 'arrival' });
});

test('property: nothing throws, and nothing is dated before 1990 or ahead of the arrival', () => {
  const read = eventTimeReader({ outside: 'arrival', zone: 'Europe/Berlin' }, zones);
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.string(), fc.double(), fc.bigInt(), fc.date().map(String)), (value) => {
      const found = read(value, arrival);
      assert.notEqual(found.kind, 'refused');
      if (found.kind === 'time') assert.ok(found.ms >= Date.UTC(1990, 0) && found.ms <= arrival + 600_000);
    }),
    { numRuns: 2_000 },
  );
});
