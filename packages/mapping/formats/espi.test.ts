import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Element, GreenButton } from './espi.ts';

const link = (rel: string, href: string) => ({ '@_rel': rel, '@_href': href });
const type = (self: string, members: Element) => ({ link: link('self', self), content: { ReadingType: members } });
const meter = (self: string, reading: string) => ({
  link: [link('self', self), link('related', `${self}/IntervalBlock`), link('related', reading)],
  content: { MeterReading: '' },
});
const block = (up: string, ...readings: Element[]) => ({
  link: link('up', up),
  content: { IntervalBlock: { IntervalReading: readings } },
});
const reading = (start: number, value: string, more: Element = {}) => ({
  timePeriod: { duration: '900', start: String(start) },
  value,
  ...more,
});

function items(entries: readonly Element[], interval?: 'start' | 'end') {
  const button = new GreenButton(interval);
  for (const entry of entries) button.learn(entry);
  return entries
    .flatMap((entry, i) => [...button.items(entry, i + 1)])
    .map((item) =>
      'why' in item
        ? [item.why, item.isLoss]
        : [item.thing.join(), item.quantity, item.unit, item.timeMs / 1000, item.value, item.mark ?? ''],
    );
}

test('blocks find their type by links, before and behind it; scale, direction, quality, cost', () => {
  const point = '/espi/1_1/resource/UsagePoint/48C2';
  assert.deepEqual(
    items([
      block(
        `${point}/MeterReading/01/IntervalBlock`,
        reading(1_717_200_000, '450', { cost: '907', ReadingQuality: { quality: '8' } }),
      ),
      meter(`${point}/MeterReading/01`, '/espi/1_1/resource/ReadingType/07'),
      type('/espi/1_1/resource/ReadingType/07', {
        powerOfTenMultiplier: '-3',
        uom: '72',
        flowDirection: '1',
        accumulationBehaviour: '4',
      }),
      meter(`${point}/MeterReading/02`, '/espi/1_1/resource/ReadingType/08'),
      type('/espi/1_1/resource/ReadingType/08', { powerOfTenMultiplier: '3', uom: '72', flowDirection: '19' }),
      block(`${point}/MeterReading/02/IntervalBlock`, reading(1_717_200_900, '2'), reading(1_717_201_800, '')),
    ]),
    [
      ['cost of an interval: it is no measurement', false],
      ['48C2', 'energy', 'Wh', 1_717_200_000, 0.45, 'estimated by a reference day'],
      ['48C2', 'energy-reverse', 'Wh', 1_717_200_900, 2000, ''],
      ['no value', false],
    ],
  );
});

test('one type alone needs no links; the end of an interval where it is asked for', () => {
  const entries = [
    { content: { ReadingType: { uom: '42', powerOfTenMultiplier: '0' } } },
    block('', reading(1_717_200_000, '7')),
  ];
  assert.deepEqual(items(entries), [['', 'volume', 'm3', 1_717_200_000, 7, '']]);
  assert.deepEqual(items(entries, 'end'), [['', 'volume', 'm3', 1_717_200_900, 7, '']]);
});

test('two meter readings of one quantity stay apart, what cannot be read is counted', () => {
  const up = (n: number) => `UsagePoint/1/MeterReading/${n}/IntervalBlock`;
  const entries = [
    type('ReadingType/1', { uom: '72' }),
    ...[1, 2].map((n) => meter(`UsagePoint/1/MeterReading/${n}`, '/ReadingType/1')),
    ...[1, 2].map((n) => block(up(n), reading(1_717_200_000, String(n)))),
  ];
  assert.deepEqual(
    items(entries.map((one, i) => (i === 0 ? { ...one, link: link('self', '/ReadingType/1') } : one))).map(
      (one) => one[1],
    ),
    ['energy', 'energy.2'],
  );
  const lost = [type('a', { uom: '72' }), type('b', { uom: '38' }), block(up(1), reading(1_717_200_000, '1'))];
  assert.deepEqual(items(lost), [['interval block without its reading type', true]]);
  const bad = [type('a', { uom: '72' }), block('', reading(5, '1'), reading(1_717_200_000, '1,5'), { value: '1' })];
  assert.deepEqual(
    items(bad).map(([why]) => why),
    ['time not readable, before 1990 or after 2049', 'no number', 'no time'],
  );
});
