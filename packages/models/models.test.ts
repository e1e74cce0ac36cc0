import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { checkClassifier, checkLearning, checkTrainable } from './checks/classifier.ts';
import { checkDetector } from './checks/detector.ts';
import { checkForecaster } from './checks/forecaster.ts';
import { checkModel, inexact } from './checks/model.ts';
import { checkMultivariate } from './checks/multivariate.ts';
import { checkOptimiser } from './checks/optimiser.ts';
import { onnxAbsent } from './classifiers/onnx.ts';
import { unsuited } from './detectors/list.ts';
import type { Model } from './model.ts';
import { models } from './models.ts';

for (const { model } of models) {
  checkModel(model);
  checkFamily(model);
}

function checkFamily(model: Model): void {
  if (model.family === 'detector') checkDetector(model, unsuited(model.name));
  if (model.family === 'multivariate-detector') checkMultivariate(model);
  if (model.family === 'forecaster') checkForecaster(model);
  if (model.family === 'classifier') checkClassifier(model, model.runtime === 'onnx' && onnxAbsent());
  if (model.family === 'learning-classifier') checkLearning(model);
  if (model.family === 'trainable-classifier') checkTrainable(model);
  if (model.family === 'optimiser') checkOptimiser(model);
}

test('every file of a family is part of a listed model, and every model has a card', () => {
  const sources = new Set(models.flatMap(({ model }) => model.sources));
  for (const family of ['detectors', 'forecasters', 'classifiers', 'optimisers'])
    for (const file of readdirSync(new URL(family, import.meta.url)))
      if (file.endsWith('.ts') && !/^list\.ts$|\.test\.ts$/.test(file))
        assert.ok(sources.has(`${family}/${file}`), `${family}/${file} is in no model of list.ts`);
  for (const { model } of models) {
    const code = model.sources.findLast((path) => path.endsWith('.ts')) ?? '';
    const card = code.replace(/\.ts$/, '.md');
    assert.ok(existsSync(new URL(card, import.meta.url)), `${model.name} has no model card at packages/models/${card}`);
  }
});

test('every model is measured by a benchmark scenario, or excluded with a reason', () => {
  for (const { model, ...where } of models) {
    if ('excluded' in where) assert.ok(where.excluded.length > 20, `${model.name} is in no scenario, without a reason`);
    else
      assert.ok(
        existsSync(new URL(`../../bench/scenarios/${where.scenario}`, import.meta.url)),
        `${model.name}: there is no bench/scenarios/${where.scenario}`,
      );
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
