import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkModel, inexact } from './checks.ts';
import { exclusions, models, scenarios } from './models.ts';

for (const model of models) checkModel(model);

test('every detector file is a listed model or part of one, and has a card', () => {
  const sources = new Set(models.flatMap((model) => model.sources));
  for (const file of readdirSync(new URL('detectors', import.meta.url))) {
    if (file.endsWith('.ts') && !file.endsWith('.test.ts')) assert.ok(sources.has(`detectors/${file}`), file);
  }
  for (const { name, sources } of models) {
    const card = sources.at(-1)?.replace(/\.ts$/, '.md') ?? '';
    assert.ok(existsSync(new URL(card, import.meta.url)), `${name} has no model card at core/ai/${card}`);
  }
});

test('every model is measured by a benchmark scenario, or excluded with a reason', () => {
  for (const { name } of models) {
    const scenario = scenarios[name];
    if (scenario === undefined) assert.ok((exclusions[name] ?? '').length > 20, `${name} is in no scenario`);
    else {
      const source = readFileSync(new URL(`../../bench/scenarios/${scenario}`, import.meta.url), 'utf8');
      assert.match(source, /models/, `${scenario} takes its models from core/ai/models.ts`);
    }
  }
});

test('the source scan finds what engines may compute differently, and nothing else', () => {
  for (const bad of [
    'Math.log(x)',
    'Math . exp(x)',
    "Math['pow'](x, 2)",
    'const { sin } = Math;',
    'x ** 2',
    'Date.now()',
  ]) {
    assert.notEqual(inexact(bad), undefined, bad);
  }
  assert.equal(inexact('Math.sqrt(Math.abs(x)) * 2 // not Math.log'), undefined);
  assert.equal(inexact('/** like Math.exp */ x * y'), undefined);
});
