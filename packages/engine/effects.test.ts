import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Agreement, type Effect, type Entry, type GateResult, isEntry, type Monitor } from '@trine/protocol';
import fc from 'fast-check';
import { alert, entry } from './domain.ts';
import { effectsOf, outcomeOf, outcomeOfAll } from './effects.ts';
import { Scene } from './testing/scene.ts';
import { toyDomain } from './testing/toy.ts';

const options = { domain: toyDomain(), terms: {}, subject: 'thing/1', startMs: 0, endMs: 1 };
function agreement(perObligationMax: number): Agreement {
  const { policy } = new Scene(options);
  return { ...(policy as Agreement), money: { ...(policy as Agreement).money, perObligationMax } };
}
const monitor = new Scene({ ...options, monitor: true }).policy as Monitor;
const odd = alert('info', 'odd', 'thing/1', { template: 'odd', arguments: {} });
const short = (effects: readonly Effect[]) =>
  effects.map((one) => (isEntry(one) ? `${one.from} → ${one.to} ${one.amount} ${one.currency}` : one.tag));

test('an obligation costs no more than agreed, the first entries first; advice has no limit', () => {
  const effects = [entry('a', 'b', 70, 'EUR'), odd, entry('a', 'c', 50, 'EUR'), entry('a', 'd', 1, 'EUR')];
  assert.deepEqual(short(effectsOf(agreement(100), effects, undefined)), ['a → b 70 EUR', 'alert', 'a → c 30 EUR']);
  assert.deepEqual(effectsOf(monitor, effects, undefined), effects);
});

test('a correction orders the difference, in either direction, and nothing where nothing changed', () => {
  const correct = (due: number, before: readonly Effect[]) =>
    short(effectsOf(agreement(100), due > 0 ? [entry('a', 'b', due, 'EUR')] : [], before));
  assert.deepEqual(correct(70, [entry('a', 'b', 50, 'EUR')]), ['a → b 20 EUR']);
  assert.deepEqual(correct(30, [entry('a', 'b', 50, 'EUR')]), ['b → a 20 EUR']);
  assert.deepEqual(correct(0, [entry('a', 'b', 50, 'EUR')]), ['b → a 50 EUR']);
  assert.deepEqual(correct(50, [entry('a', 'b', 50, 'EUR')]), []);
  assert.deepEqual(correct(50, []), ['a → b 50 EUR']);
});

test('a second correction starts from what flowed to and fro, as one sum', () => {
  const before = [entry('a', 'b', 50, 'EUR'), entry('b', 'a', 20, 'EUR')];
  assert.deepEqual(short(effectsOf(agreement(100), [entry('a', 'b', 50, 'EUR')], before)), ['a → b 20 EUR']);
  assert.deepEqual(short(effectsOf(agreement(100), [entry('a', 'b', 30, 'EUR')], before)), []);
  assert.deepEqual(short(effectsOf(agreement(100), [entry('b', 'a', 5, 'EUR')], before)), ['b → a 35 EUR']);
});

test('what is corrected upwards is capped as the base was, not once more', () => {
  assert.deepEqual(short(effectsOf(agreement(100), [entry('a', 'b', 140, 'EUR')], [entry('a', 'b', 90, 'EUR')])), [
    'a → b 10 EUR',
  ]);
});

test('alerts stay, and currencies are never mixed', () => {
  const before = [entry('a', 'b', 50, 'EUR')];
  assert.deepEqual(short(effectsOf(monitor, [entry('a', 'b', 50, 'USD'), odd], before)), [
    'a → b 50 USD',
    'b → a 50 EUR',
    'alert',
  ]);
});

const anEntry = fc
  .record({
    from: fc.constantFrom('a', 'b', 'c'),
    to: fc.constantFrom('a', 'b', 'c'),
    amount: fc.integer({ min: 1, max: 90 }),
  })
  .filter(({ from, to }) => from !== to)
  .map(({ from, to, amount }) => entry(from, to, amount, 'EUR'));

function balances(effects: readonly Effect[]): Record<string, number> {
  const sums: Record<string, number> = { a: 0, b: 0, c: 0 };
  for (const { from, to, amount } of effects.filter(isEntry) as Entry[]) {
    sums[from] = (sums[from] ?? 0) - amount;
    sums[to] = (sums[to] ?? 0) + amount;
  }
  return sums;
}

test('property: after any number of corrections everybody has what the last one alone would have given', () => {
  fc.assert(
    fc.property(fc.array(fc.array(anEntry, { maxLength: 4 }), { minLength: 1, maxLength: 6 }), (versions) => {
      const policy = agreement(150);
      let ordered: Effect[] = [];
      for (const [i, due] of versions.entries()) {
        const now = effectsOf(policy, due, i === 0 ? undefined : ordered);
        const pairs = now.filter(isEntry).map(({ from, to }) => [from, to].sort().join());
        if (i > 0) assert.equal(new Set(pairs).size, pairs.length, 'one entry for a pair');
        ordered = [...ordered, ...now];
      }
      assert.deepEqual(balances(ordered), balances(effectsOf(policy, versions.at(-1) ?? [], undefined)));
    }),
  );
});

const pass: GateResult = { verdict: 'pass', owners: 1, class: 'software', reasons: [] };
const hold: GateResult = { ...pass, verdict: 'hold', reasons: ['asleep'] };

test('money follows where the gate lets it; what is not known is held or paid like money; advice is advice', () => {
  const euro = entry('a', 'b', 1, 'EUR');
  const unknown: Effect = { tag: 'transfer', data: new Uint8Array() };
  assert.equal(outcomeOf(agreement(9), [euro], pass), 'pay');
  assert.equal(outcomeOf(agreement(9), [euro], hold), 'hold');
  assert.equal(outcomeOf(agreement(9), [odd], hold), 'none');
  assert.equal(outcomeOf(agreement(9), [], pass), 'none');
  assert.equal(outcomeOf(agreement(9), [unknown], hold), 'hold');
  assert.equal(outcomeOf(monitor, [euro], hold), 'advice');
  assert.equal(outcomeOf(monitor, [], pass), 'none');
});

test('of a decision over rows: it pays where anything in it does', () => {
  assert.equal(outcomeOfAll(['none', 'hold', 'pay']), 'pay');
  assert.equal(outcomeOfAll(['none', 'hold']), 'hold');
  assert.equal(outcomeOfAll(['none', 'advice']), 'advice');
  assert.equal(outcomeOfAll([]), 'none');
});
