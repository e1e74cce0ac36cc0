import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveSenml } from './senml.ts';

const nowMs = 1_320_067_464_000;

test('RFC 8428 §5.1.3: several quantities at several times, some before now', () => {
  const bn = 'urn:dev:ow:10e2073a01080063:';
  const pack = [
    { bn, bt: 1_320_067_464, bu: 'A', bver: 5, n: 'voltage', u: 'V', v: 120.1 },
    { n: 'current', t: -5, v: 1.2 },
    { n: 'current', v: 1.7 },
  ];
  const at = (base: string, name: string, unit: string, timeMs: number, value: number) => ({
    ...{ base, name: base + name, unit, timeMs, value },
  });
  assert.deepEqual(resolveSenml(pack, 0), {
    records: [
      at(bn, 'voltage', 'V', nowMs, 120.1),
      at(bn, 'current', 'A', nowMs - 5_000, 1.2),
      at(bn, 'current', 'A', nowMs, 1.7),
    ],
    left: [],
  });
});

test('RFC 8428 §5.1.1, §4.5.3: without a time it is now, a small one is before or after', () => {
  const timesOf = (pack: unknown) => resolveSenml(pack, nowMs).records.map(({ timeMs }) => timeMs - nowMs);
  assert.deepEqual(timesOf([{ n: 'urn:dev:ow:10e2073a01080063', u: 'Cel', v: 23.1 }]), [0]);
  assert.deepEqual(timesOf({ n: 'x', v: 1, t: -60.5 }), [-60_500]);
  assert.deepEqual(
    timesOf([
      { bt: -30, n: 'x', v: 1, t: 10 },
      { n: 'x', v: 1 },
    ]),
    [-20_000, -30_000],
  );
});

test('RFC 8428 §5.1.6: several things in one pack; a record of bases alone; texts, booleans, unknown fields', () => {
  const pack = [
    { bn: '2001:db8::2/', bt: 1_320_078_429 },
    { n: 'temperature', u: 'Cel', v: 25.2, model: { by: 'x' } },
    { bn: '2001:db8::1/', n: 'door', vb: false },
    { n: 'label', vs: 'Machine Room', s: 12 },
  ];
  assert.deepEqual(
    resolveSenml(pack, nowMs).records.map(({ base, name, value }) => [base, name, value]),
    [
      ['2001:db8::2/', '2001:db8::2/temperature', 25.2],
      ['2001:db8::1/', '2001:db8::1/door', false],
      ['2001:db8::1/', '2001:db8::1/label', 'Machine Room'],
    ],
  );
});

test('what is no reading is named with its reason, and costs the others nothing', () => {
  const pack = [
    { n: 'a', u: 'furlong', v: 1 },
    { n: 'b' },
    { n: 'c', vd: 'aGkg' },
    { n: 'd', s: 4 },
    { n: 'e', v: '21' },
    { n: 'f', v: 1, vs: 'one' },
    { n: 'g', v: 1, t: 4e8 },
    { v: 1 },
    {},
    { n: 'good', v: 1 },
  ];
  const { records, left } = resolveSenml(pack, nowMs);
  assert.deepEqual(
    [records.map(({ name }) => name), left.map(({ place }) => place)],
    [['good'], [1, 2, 3, 4, 5, 6, 7, 8, 9]],
  );
  for (const whole of [[1], 'text', [{ n: 'x', v: 1, must_: 1 }], [{ bver: 11, n: 'x', v: 1 }]])
    assert.throws(() => resolveSenml(whole, nowMs), SyntaxError);
});
