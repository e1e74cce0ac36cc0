import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSenmlRecord, SenmlRecords } from './senml-file.ts';

const items = (...elements: unknown[]) => {
  const records = new SenmlRecords();
  return elements
    .flatMap((json, i) => [...records.items(json, i + 1)])
    .map((item) =>
      'why' in item
        ? [item.why, item.isLoss]
        : [item.thing.join('/'), item.quantity, item.unit ?? '', item.timeMs, item.value],
    );
};
const bt = 1_276_020_076;

test('records of the RFC, as a pack or one by one: base fields hold for what follows', () => {
  const pack = [
    { bn: 'urn:dev:ow:10e2073a0108006:', bt, bu: 'A', bver: 5, n: 'voltage', u: 'V', v: 120.1 },
    { n: 'current', t: -5, v: 1.2 },
    { n: 'open', u: '', vb: true },
    { bn: 'house/room/', n: 'label', u: '/', vs: 'x' },
  ];
  const expected = [
    ['urn:dev:ow:10e2073a0108006', 'voltage', 'V', bt * 1000, 120.1],
    ['urn:dev:ow:10e2073a0108006', 'current', 'A', (bt - 5) * 1000, 1.2],
    ['urn:dev:ow:10e2073a0108006', 'open', '', bt * 1000, true],
    ['house/room', 'label', '/', bt * 1000, 'x'],
  ];
  assert.deepEqual(items(pack), expected);
  assert.deepEqual(items(...pack), expected);
});

test('a pack of its own has bases of its own; relative times are none in a file', () => {
  assert.deepEqual(items([{ bn: 'a/', bt, n: 't', v: 1 }], [{ n: 'u/t', v: 2, t: bt }], [{ n: 't', v: 3, t: -5 }]), [
    ['a', 't', '', bt * 1000, 1],
    ['u', 't', '', bt * 1000, 2],
    ['record without an absolute time', true],
  ]);
});

test('what is no reading says why and costs the others nothing', () => {
  assert.deepEqual(
    items([
      { bt, n: 't', v: 'x' },
      7,
      { n: 't', s: 5 },
      { n: 't', u: 'parsec', v: 1 },
      { x_: 1, n: 't', v: 1 },
      { bn: 'a' },
      { n: 'b', v: 2 },
    ]),
    [
      ['record that has a value that is no reading', true],
      ['no record of SenML', true],
      ['record that has a sum (s) alone, which is no reading', true],
      ['record that has the unit "parsec", which is no SenML symbol', true],
      ['The pack has the field x_, which whoever reads it must know.', true],
      ['a', 'b', '', bt * 1000, 2],
    ],
  );
  assert.deepEqual(
    items([
      { bt, n: 't', v: 'NaN' },
      { n: 't', v: null },
    ]),
    [
      ['no value', false],
      ['no value', false],
    ],
  );
  assert.ok(isSenmlRecord({ bn: 'x', bt: 1 }));
  assert.ok(!isSenmlRecord({ n: 'x', value: 1 }));
  assert.ok(!isSenmlRecord({ v: 1, t: 2 }));
});
