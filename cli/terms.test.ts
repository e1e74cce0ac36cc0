import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TermsSchema } from '@trine/engine';
import { Command } from 'commander';
import { collectTerm, readTerms, TermsFlags } from './terms.ts';

const schema: TermsSchema = {
  required: ['thing'],
  properties: {
    thing: { type: 'string', kind: 'subject', title: 'Thing' },
    windowMs: { type: 'integer', kind: 'duration', title: 'Window', default: 3_600_000 },
    sharePpm: { type: 'integer', kind: 'ppm', title: 'Share' },
    credit: { type: 'integer', kind: 'money', title: 'Credit', description: 'Owed for a breach.' },
    title: { type: 'string', title: 'Name on the bill' },
    open: { type: 'boolean', title: 'Open' },
    hours: { type: 'array', title: 'Hours' },
  },
};

test('terms are written as people write them', () => {
  const written = ['windowMs=15min', 'sharePpm=2.5%', 'credit=-5', 'title=12', 'open=true', 'hours=[1,2]'];
  const terms = readTerms(
    schema,
    written.reduce((before, text) => collectTerm(text, before), {}),
  );
  assert.deepEqual(terms, { windowMs: 900_000, sharePpm: 25_000, credit: -5, title: '12', open: true, hours: [1, 2] });
  assert.deepEqual(readTerms(schema, { windowMs: '900000', stranger: 'x' }), { windowMs: 900_000, stranger: 'x' });
  assert.throws(() => readTerms(schema, { windowMs: 'long' }), /no duration/);
  assert.throws(() => collectTerm('credit', {}), /NAME=VALUE/);
});

test('every field is a flag with its words; one whose name is taken has another; the subject goes where one is due', () => {
  const command = new Command('add').option('--title <words>').exitOverride();
  const flags = new TermsFlags(command, schema);
  assert.match(command.helpInformation(), /--window <duration> +Window \(default: 1 h\)/);
  assert.match(command.helpInformation(), /--credit <minor units> +Credit: Owed for a breach\./);
  command.parse(['--window', '1h', '--title', 'Ours', '--term-title', 'Theirs'], { from: 'user' });
  assert.deepEqual(flags.read(command.opts(), 'pump/7'), { thing: 'pump/7', windowMs: 3_600_000, title: 'Theirs' });
});
