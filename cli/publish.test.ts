// What `trine publish` takes for a reading.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandError } from './output.ts';
import { readingOf } from './publish.ts';

const of = (text: string) => {
  const { quantity, unit, value } = readingOf(text, 0);
  return [quantity, value, unit];
};

test('numbers as people write them, with a unit or without; truths and texts', () => {
  for (const [text, ...expected] of [
    ['power=230:W', 'power', 230, 'W'],
    ['temperature=21,5:Cel', 'temperature', 21.5, 'Cel'],
    ['temperature=70.7:°F', 'temperature', 21.5, 'Cel'],
    ['energy=0.5:MWh', 'energy', 500, 'kWh'],
    ['charge=3:C', 'charge', 3, 'C'],
    ['n=1.5e-3', 'n', 0.0015, ''],
    ['open=true', 'open', true, ''],
    ['door=open:wide', 'door', 'open:wide', ''],
    ['tag=12E5', 'tag', '12E5', ''],
  ] as const)
    assert.deepEqual(of(text), expected, text);
});

test('what is no reading is refused in words, and nothing is sent', () => {
  for (const [text, words] of [
    ['temperature=nan:Cel', /no value/],
    ['temperature=unavailable', /no value/],
    ['temperature=', /no value/],
    ['temperature=warm:Cel', /"warm" is no number/],
    ['temperature=1,234:Cel', /two numbers/],
    ['count=9007199254740993:count', /2\^53/],
    ['temperature=21.5:celcius', /"celcius" is no SenML unit/],
    ['temperature=21.5 °C:Cel', /behind a colon/],
    ['air temp=21.5:Cel', /is no reading/],
    ['=5', /is no reading/],
  ] as const)
    assert.throws(
      () => of(text),
      (error) => error instanceof CommandError && words.test(error.message),
      text,
    );
});
