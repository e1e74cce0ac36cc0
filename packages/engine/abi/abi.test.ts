// What bundles have in place of ours says the same, and their errors become ours.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits as all, FormatError, TrineError } from '@trine/protocol';
import { FormatError as GuestFormatError, TrineError as GuestTrineError } from './errors.ts';
import type { Bundled } from './guest.ts';
import { limits } from './limits.ts';
import { nativeDeciding } from './native.ts';
import { ABI } from './version.ts';

test('limits of bundles are those of the formats', () => {
  for (const [name, value] of Object.entries(limits)) assert.equal(value, all[name as keyof typeof all], name);
});

const failing = (error: unknown): Bundled => {
  const fail = () => {
    throw error;
  };
  return { abi: ABI, terms: { parse: fail }, triggers: fail, inputs: fail, open: () => Promise.reject(error) };
};

test('an error of a bundle is one of ours, with its code and words; what is none passes as it is', async () => {
  const malformed = nativeDeciding(failing(new GuestFormatError('malformed', 'terms.limit: too small.')));
  assert.throws(() => malformed.terms.parse({}), FormatError);
  await assert.rejects(malformed.open({}), {
    name: 'FormatError',
    refusal: 'malformed',
    message: 'terms.limit: too small.',
  });
  const invalid = nativeDeciding(failing(new GuestTrineError('invalid', 'no parameter x')));
  assert.throws(
    () => invalid.triggers({}),
    (error: Error) => error instanceof TrineError && error.code === 'invalid',
  );
  const odd = new RangeError('odd');
  assert.throws(() => nativeDeciding(failing(odd)).terms.parse({}), odd);
});

test('a bundle of another version of the engine is refused', () => {
  assert.throws(
    () => nativeDeciding({ ...failing(undefined), abi: ABI + 1 }),
    /made for version 2 of the engine; here is 1/,
  );
});
