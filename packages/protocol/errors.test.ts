import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type ErrorCode, errorCodes, FormatError, isErrorCode, refusals, TrineError } from './errors.ts';
import { StepError } from './evidence/report.ts';
import { TlogError } from './tlog/errors.ts';

const page = readFileSync(new URL('../../docs/reference/errors.md', import.meta.url), 'utf8');

test('the page has an entry for each code of the table, with its status, retry and sentence, and no other', () => {
  const entries = [...page.matchAll(/^### (.+)\n\n(.+(?:\n.+)*)/gm)].map(([, code, text]) => [code, text] as const);
  assert.deepEqual(
    entries.map(([code]) => code),
    Object.keys(errorCodes),
  );
  for (const [code, text] of entries) {
    const { status, retry, sentence } = errorCodes[code as ErrorCode];
    const start = `HTTP status ${status}, retry ${retry}: ${sentence}. `;
    assert.ok(text?.startsWith(start) && text.length > start.length, `${code}: should begin with "${start}"`);
  }
});

test('an error says what its code says', () => {
  const error = new TrineError('busy', 'Another one is being made.', { facts: { waiting: 2 }, cause: new Error('x') });
  assert.deepEqual(
    [error.code, error.status, error.retry, error.docs, error.facts, (error.cause as Error).message],
    ['busy', 503, 'later', 'docs/reference/errors.md#busy', { waiting: 2 }, 'x'],
  );
  const wrong = new TlogError('Note: no signature.');
  assert.ok(wrong instanceof FormatError && wrong instanceof TrineError);
  assert.deepEqual([wrong.name, wrong.code, wrong.refusal, wrong.status], ['TlogError', 'malformed', 'malformed', 400]);
  assert.deepEqual([new StepError('No.').name, new StepError('No.').code], ['StepError', 'not-proven']);
  assert.equal('cause' in new TrineError('invalid', 'No.'), false);
});

test('later means a status that asks to come again; refusals are the counted codes', () => {
  for (const [code, { status, retry, counted }] of Object.entries(errorCodes)) {
    assert.match(code, /^[a-z]+(-[a-z]+)*$/);
    assert.equal(counted, Object.hasOwn(refusals, code));
    if (status === 429 || status === 503 || status === 504) assert.equal(retry, 'later', code);
    else if (status !== 404 && status !== 409) assert.equal(retry, 'never', code);
  }
  assert.ok(isErrorCode('malformed') && !isErrorCode('toString') && !isErrorCode(7));
});
