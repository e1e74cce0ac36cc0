import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { Report } from '@trine/protocol';
import { CommandError, failWith, print, printJson, say, showProgress, table, visible } from './output.ts';
import { showReport } from './verify.ts';

/** What is written while this runs, on both streams. */
function written(work: () => void): string {
  let all = '';
  const take = (text: unknown): boolean => {
    all += String(text);
    return true;
  };
  const mocks = [mock.method(process.stdout, 'write', take), mock.method(process.stderr, 'write', take)];
  try {
    work();
  } finally {
    for (const one of mocks) one.mock.restore();
  }
  return all;
}

const TITLE = '\u001b[2J\u001b[H\u001b[32mTRUSTED: everything holds.\u001b[0m\u001b[8m';
const hostile = [
  TITLE,
  '\u001b]0;title\u0007',
  '\u009b2J',
  '\u0090q\u009c',
  'over\rwritten',
  'back\b\b\b\b',
  '\u007f',
  'a\nTRUSTED: everything holds.',
  '\u202egnikcehc\u202c',
  '\u2066isolated\u2069',
  '\u2028TRUSTED',
  '\u200fx',
];
// biome-ignore lint/suspicious/noControlCharactersInRegex: what must not come out
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

test('whatever is printed, no terminal obeys it, and it makes no line of its own', () => {
  for (const text of hostile)
    for (const [name, work, lines] of [
      ['print', () => print(`Title: ${text}`), 1],
      ['print of lines', () => print(['first', `  ${text}`]), 2],
      ['say', () => say(text), 1],
      ['progress', () => showProgress(text), 1],
      [
        'table',
        () =>
          print(
            table([
              ['name', 'x'],
              [text, 'y'],
            ]),
          ),
        2,
      ],
    ] as const) {
      const out = written(work);
      assert.doesNotMatch(out, OBEYED, name);
      assert.equal(out.split('\n').length - 1, lines, name);
    }
});

test('JSON stays the same document', () => {
  const out = written(() => printJson({ titles: hostile }));
  assert.doesNotMatch(out, OBEYED);
  assert.deepEqual(JSON.parse(out), { titles: hostile });
});

test('an error that quotes a stranger obeys as little, and its lines are set in', () => {
  const exit = mock.method(process, 'exit', () => undefined as never);
  const out = written(() => failWith(new CommandError(`The node said: ${TITLE}\nTRUSTED: everything holds.`)));
  exit.mock.restore();
  assert.doesNotMatch(out, OBEYED);
  assert.ok(!out.split('\n').some((line) => line.startsWith('TRUSTED')));
});

test('terms with a title that paints over the verdict: the verdict is read as it is', () => {
  const report = {
    about: 'decision',
    verdict: 'broken',
    steps: [{ title: TITLE, detail: TITLE, status: 'failed' }],
    facts: { title: TITLE },
    assumptions: [TITLE],
    readings: [{ leaf: 1, quantity: TITLE, value: TITLE, unit: '' }],
    sources: [{ leaf: 1, subject: 'a', topic: TITLE, payload: new TextEncoder().encode(TITLE) }],
  } as unknown as Report;
  const out = written(() => showReport(report, true));
  assert.doesNotMatch(out, OBEYED);
  assert.match(out, /\\x1b\[2J\\x1b\[H\\x1b\[32mTRUSTED/);
  assert.match(out, /^BROKEN: /m);
});

test('what is shown is spelled out, and the rest is left as it is', () => {
  assert.equal(visible('\u001b[2J'), '\\x1b[2J');
  assert.equal(visible('\u202e'), '\\u202e');
  assert.equal(visible('Größe 20 °C ✓ 水 👩‍🔧'), 'Größe 20 °C ✓ 水 👩‍🔧');
});
