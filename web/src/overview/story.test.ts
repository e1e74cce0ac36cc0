import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DecisionView, PaymentView } from '../api/types.ts';
import { tellStory, windowsOf } from './story.ts';

const window = { startMs: 1_000_000, lengthMs: 30_000, graceMs: 3_000 };

const decision = (number: number, amount: number) =>
  ({
    id: `d${number}`,
    fromMs: window.startMs + number * window.lengthMs,
    toMs: window.startMs + (number + 1) * window.lengthMs,
    amount,
  }) as DecisionView;

test('story: before any decision, the window at hand must end', () => {
  const story = tellStory(window.startMs + 70_000, window, [decision(1, 0)], []);
  assert.equal(story.windowEndMs, window.startMs + 90_000);
  assert.equal(story.decidedMs, window.startMs + 93_000);
  assert.equal(story.decision, undefined);
});

test('story: where the window of the pause cost nothing, the next one is waited for', () => {
  const story = tellStory(window.startMs + 89_000, window, [decision(2, 0), decision(1, 0)], []);
  assert.equal(story.windowEndMs, window.startMs + 120_000);
});

test('story: before the first window begins, its end counts', () => {
  assert.equal(tellStory(window.startMs - 5_000, window, [], []).windowEndMs, window.startMs + 30_000);
});

test('story: the first decision that costs something after the pause is told, not one before it and not the latest', () => {
  const decisions = [decision(4, 5), decision(3, 5), decision(2, 0), decision(1, 5)];
  const payments = [{ id: 'p3', decision: 'd3' } as PaymentView];
  const story = tellStory(window.startMs + 80_000, window, decisions, payments);
  assert.equal(story.decision?.id, 'd3');
  assert.equal(story.payment?.id, 'p3');
});

test('story: windows are found among the triggers of an agreement', () => {
  const monthly = { name: 'month', on: 'calendar', graceMs: 1 } as const;
  assert.equal(windowsOf([monthly]), undefined);
  assert.deepEqual(windowsOf([monthly, { name: 'window', on: 'window', ...window }]), window);
});
