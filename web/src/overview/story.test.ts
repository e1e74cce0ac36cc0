import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DecisionView, PaymentView } from '../api/types.ts';
import { tellStory } from './story.ts';

const window = { startMs: 1_000_000, lengthMs: 30_000, graceMs: 3_000 };

const decision = (number: number, verdict: string): DecisionView => ({
  id: `d${number}`,
  leaf: number,
  subject: 's',
  fromMs: window.startMs + number * window.lengthMs,
  toMs: window.startMs + (number + 1) * window.lengthMs,
  verdict,
  outcome: verdict === 'met' ? 'none' : 'pay',
  amount: 5,
  currency: 'EUR',
  score: 0,
  reason: '',
  gate: [],
  arrivalMs: 0,
  payment: undefined,
  terms: 'ab',
  agreement: 'cd',
  model: 'ef',
  labels: 0,
});

test('story: before any decision, the window at hand must end', () => {
  const story = tellStory(window.startMs + 70_000, window, [decision(1, 'met')], []);
  assert.equal(story.windowEndMs, window.startMs + 90_000);
  assert.equal(story.judgedMs, window.startMs + 93_000);
  assert.equal(story.decision, undefined);
});

test('story: where the window of the pause was still met, the next one is waited for', () => {
  const story = tellStory(window.startMs + 89_000, window, [decision(2, 'met'), decision(1, 'met')], []);
  assert.equal(story.windowEndMs, window.startMs + 120_000);
});

test('story: before the first window begins, its end counts', () => {
  assert.equal(tellStory(window.startMs - 5_000, window, [], []).windowEndMs, window.startMs + 30_000);
});

test('story: the first breach after the pause is told, not one before it and not the latest', () => {
  const decisions = [decision(4, 'breached'), decision(3, 'breached'), decision(2, 'met'), decision(1, 'breached')];
  const payments = [{ id: 'p3', decision: 'd3' } as PaymentView];
  const story = tellStory(window.startMs + 80_000, window, decisions, payments);
  assert.equal(story.decision?.id, 'd3');
  assert.equal(story.payment?.id, 'p3');
});
