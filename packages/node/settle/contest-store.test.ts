// What is kept of contests, on disk: no more than the chain knows, and nothing of what was forgotten.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Hex } from '@trine/protocol';
import { systemDisk } from '@trine/system/system-disk.ts';
import { MemoryDisk } from '@trine/system/testing/memory-disk.ts';
import { SettleStore } from './settle-store.ts';

test('of what is said with acts that come to nothing no more is kept after a week; of a contest what the chain knows', () => {
  const { contests } = new SettleStore('/ledger/settle.sqlite', new MemoryDisk());
  const word = (digit: string): Hex => `0x${digit.repeat(64)}`;
  const id = (digit: string) => ({
    agreement: word('a'),
    obligation: word('b'),
    account: `0x${digit.repeat(40)}` as Hex,
  });
  const [one, two] = [id('1'), id('2')];
  contests.addWords(one, word('c'), 'first', 1_000);
  contests.addWords(one, word('d'), 'second', 1_001);
  contests.addWords(two, word('c'), 'never sent', 1_002);
  contests.take([{ ...one, event: 'contested', statement: word('d'), atS: 1_010 }], [word('a')], 9n);
  assert.deepEqual(
    [contests.wordsOf(one, word('c')), contests.wordsOf(one, word('d')), contests.wordsOf(two, word('c'))],
    [undefined, 'second', 'never sent'],
  );
  contests.addWords(id('3'), word('e'), 'later', 1_002 + 9 * 86_400);
  assert.deepEqual(
    [contests.wordsOf(one, word('d')), contests.wordsOf(two, word('c')), contests.wordsOf(id('3'), word('e'))],
    ['second', undefined, 'later'],
  );
  // The same again changes nothing, and how far it was read never goes back.
  contests.take([{ ...one, event: 'ended', returned: true, atS: 1_020 }], [word('a')], 12n);
  contests.take([{ ...one, event: 'contested', statement: word('d'), atS: 1_010 }], [word('a')], 10n);
  assert.deepEqual(contests.cursorOf(word('a')), 12n);
  assert.deepEqual(
    contests.of(word('a'), word('b')).map(({ endedS, returned, words }) => [endedS, returned, words]),
    [[1_020, true, 'second']],
  );
});

test('what is forgotten of somebody is in no file any more', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trine-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const store = new SettleStore(join(folder, 'settle.sqlite'), systemDisk);
  t.after(() => store.close());
  const agreement: Hex = `0x${'a'.repeat(64)}`;
  const obligation: Hex = `0x${'b'.repeat(64)}`;
  for (const digit of ['1', '2'])
    store.contests.addWords(
      { agreement, obligation, account: `0x${digit.repeat(40)}` },
      obligation,
      `said ${digit}`,
      1,
    );
  const isThere = (words: string) =>
    readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(words));
  assert.deepEqual(['said 1', 'said 2'].map(isThere), [true, true]);
  store.contests.forgetWords(agreement, `0x${'1'.repeat(40)}`);
  assert.deepEqual(['said 1', 'said 2'].map(isThere), [false, true]);
});
