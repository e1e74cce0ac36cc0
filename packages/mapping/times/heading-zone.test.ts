import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zones } from '@trine/protocol/calendar/zones.ts';
import { zoneOfHeading } from './heading-zone.ts';
import { Zone } from './zone.ts';

test('a heading that names its zone, by offset or letters that mean one', () => {
  for (const [heading, zone] of [
    ['Date Time, GMT-05:00', '-05:00'],
    ['Date Time, GMT+0530', '+05:30'],
    ['Time (UTC+2)', '+02:00'],
    ['utc_timestamp', 'UTC'],
    ['Time (UTC)', 'UTC'],
    ['datetime_gmt', 'UTC'],
    ['Zeit (MEZ)', '+01:00'],
    ['MTU (CET/CEST)', 'Europe/Brussels'],
    ['Zeitstempel MEZ/MESZ', 'Europe/Brussels'],
    ['Time (AEST)', '+10:00'],
  ] as const) {
    assert.equal(zoneOfHeading(heading), zone, heading);
    assert.equal(Zone.of(zone, zones).name, zone);
  }
});

test('a heading that names none, or one of several', () => {
  for (const heading of [
    'Time',
    'timestamp',
    'Time (IST)',
    'CST',
    'last seen',
    'cet_cest_timestamp',
    'cat',
    'best',
    'UTC+x2',
  ])
    assert.ok([undefined, 'UTC'].includes(zoneOfHeading(heading)), heading);
  for (const heading of ['Time (IST)', 'cet_cest_timestamp', 'cat', 'best', 'Time'])
    assert.equal(zoneOfHeading(heading), undefined, heading);
});
