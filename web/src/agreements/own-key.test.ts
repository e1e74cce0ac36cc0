// Keys made in a browser are those that commands read, and nothing else passes for one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOfPrivateKey } from '@trine/protocol';
import { keyFile, keyOf, makeKey, readKey } from './own-key.ts';

test('a key that was made is kept, found by its account, and the same from its file', () => {
  const made = makeKey();
  assert.equal(addressOfPrivateKey(made.key), made.address);
  assert.deepEqual(keyOf(made.address), made);
  assert.deepEqual(readKey(keyFile(made)), made);
  assert.deepEqual(readKey(` 0x${keyFile(made)}`), made);
  assert.notEqual(makeKey().address, made.address);
  assert.equal(keyOf(`0x${'1'.repeat(40)}`), undefined);
});

test('what is no key is none: another length, other digits, zero, more than the order of the curve', () => {
  for (const text of ['', '12', 'x'.repeat(64), '0'.repeat(64), 'f'.repeat(64), `${'1'.repeat(64)} and more`])
    assert.equal(readKey(text), undefined, text);
});

test('a key from a file is kept only where that is asked for', () => {
  const text = '11'.repeat(32);
  const read = readKey(text);
  assert.ok(read);
  assert.equal(keyOf(read.address), undefined);
  readKey(text, true);
  assert.deepEqual(keyOf(read.address), read);
});
