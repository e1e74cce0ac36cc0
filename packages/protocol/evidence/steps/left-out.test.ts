// What is said of statements that did not go in: some by name, the rest by number.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../../payloads/decision.ts';
import { agreement } from '../../testing/values.ts';
import type { LoggedStatement } from '../contents.ts';
import type { Looked } from '../replay.ts';
import type { Verification } from '../verification.ts';
import { checkLeft, leftWords, unseen } from './left-out.ts';

const looked = (subjects: string[], more: Partial<Looked> = {}): Looked => ({
  ...{ subjects, kinds: ['pack'], fromMs: 100, toMs: 200, ...more },
});
const names = (count: number) => Array.from({ length: count }, (_, i) => `thing/${i}`);
const said = (index: number, subject = 'thing/1', kind = 'pack') =>
  ({ index, statement: { id: new Uint8Array(32).fill(index), header: { kind, subject } } }) as LoggedStatement;
/** As if statements spoke of these times. */
const at = (...times: number[]) => ({ packs: { timesOf: () => times } }) as unknown as Verification;

test('what was looked at and is not shown is named, ten of it, and the rest counted', () => {
  const words = (count: number) => unseen(agreement, [looked(names(count))], new Set(['thing/0'])).join();
  assert.equal(words(1), '');
  assert.match(words(3), /about thing\/1, thing\/2: /);
  assert.match(words(11), /, thing\/10: /);
  assert.match(words(12), /, thing\/10 and 1 more: /);
  assert.match(words(31), /, thing\/10 and 20 more: /);
  assert.deepEqual(unseen(agreement, [looked([agreement.gate.heartbeat]), looked([])], new Set()), []);
});

test('without the domain, what was said of the time and left out is named, ten of it, and the rest counted', () => {
  const decision = { obligation: { fromMs: 100, toMs: 200 } } as Decision;
  const words = (count: number, ...times: number[]) =>
    leftWords(
      at(...times),
      decision,
      Array.from({ length: count }, (_, i) => said(i)),
    ).join();
  for (const outside of [[], [99], [200], [99, 200]]) assert.equal(words(3, ...outside), '');
  for (const within of [[100], [199], [99, 150]])
    assert.match(words(2, ...within), /: 00+ \(leaf 0\), (01)+ \(leaf 1\)\.$/);
  assert.match(words(10, 150), /\(leaf 9\)\.$/);
  assert.match(words(13, 150), /\(leaf 9\) and 3 more\.$/);
});

test('what the domain looks at and was left out is an error: of its kind, subject and time', () => {
  const all = [looked(['other/1']), looked(['thing/*', 'exact'])];
  const check =
    (one: LoggedStatement, ...times: number[]) =>
    () =>
      checkLeft(at(...times), [one], all);
  const refused = /The statement at leaf 4 belongs to the time and did not go in/;
  for (const times of [[100], [199], [50, 300]]) assert.throws(check(said(4), ...times), refused);
  assert.throws(check(said(4, 'exact'), 150), refused);
  for (const times of [[], [99], [200]]) assert.doesNotThrow(check(said(4), ...times));
  for (const one of [said(4, 'thing'), said(4, 'exactly'), said(4, 'thing/1', 'event')])
    assert.doesNotThrow(check(one, 150));
});
