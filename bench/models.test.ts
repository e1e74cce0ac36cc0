import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { models } from '@trine/models/models.ts';
import { givenOf, holdOut, holdOutTable, withHoldOut } from './lib/holdout.ts';
import { pages, read } from './models.ts';

const results = read();

test('the table of models and their cards say what was measured (node bench/models.ts --pages writes them)', () => {
  for (const [file, text] of pages(results)) assert.equal(readFileSync(file, 'utf8'), text, file.pathname);
});

test('every figure on data kept back is of a listed model, and stands beside the figure it names', () => {
  const names = models.map(({ model }) => model.name);
  for (const kept of holdOut.figures) {
    assert.ok(names.includes(kept.model), kept.model);
    if (kept.given) assert.ok(givenOf(kept, results.scenarios), `${kept.model}: ${kept.dataset}, ${kept.metric}`);
  }
});

test('a model that was measured on data kept back says so in its card, once, however often it is written', () => {
  const card = '# Model card\n\n## Measured\n\nWell.\n\n## What it cannot tell\n\nMuch.\n';
  const once = withHoldOut(card, 'auto', results.scenarios);
  assert.match(once, /Well\.\n\n## On data kept back\n[\s\S]*0\.7414[\s\S]*\n\n## What it cannot tell/);
  assert.equal(withHoldOut(once, 'auto', results.scenarios), once);
  assert.equal(withHoldOut(card, 'no-such-model', results.scenarios), card);
});

test('a table of one model does not repeat its name', () => {
  assert.doesNotMatch(holdOutTable(results.scenarios, ['mewma']).join('\n'), /mewma/);
  assert.match(holdOutTable(results.scenarios).join('\n'), /mewma/);
});
