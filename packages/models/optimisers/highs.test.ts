import assert from 'node:assert/strict';
import { test } from 'node:test';
import { highs, pinned } from './highs.ts';

test('a swapped solver is refused before it runs', () => {
  const bytes = new Uint8Array([0, 97, 115, 109]);
  assert.throws(() => pinned(bytes, highs.config.wasm as string, 'highs/runtime'), /approved file.*install highs/);
});
