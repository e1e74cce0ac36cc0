import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUnit } from '@trine/protocol';
import { scaleBetween } from './secondary.ts';

test('RFC 8798: secondary units and what they scale', () => {
  for (const [from, to, scale] of [
    ['kW', 'W', '1000'],
    ['W', 'kW', '1/1000'],
    ['Wh', 'kWh', '1/1000'],
    ['kWh', 'J', '3600000'],
    ['km/h', 'm/s', '5/18'],
    ['ms', 'min', '1/60000'],
    ['hPa', 'Pa', '100'],
    ['ppm', '/100', '1/10000'],
    ['ug/m3', 'kg/m3', '1/1000000000'],
    ['Cel', 'Cel', '1'],
    ['Cel', 'K', undefined],
    ['W', 'Wh', undefined],
  ] as const) {
    assert.equal(scaleBetween(from, to), scale, `${from} ${to}`);
    assert.ok(isUnit(from) && isUnit(to));
  }
});
