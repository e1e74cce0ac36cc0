import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { tamper } from './tamper.ts';

test('tampering changes exactly one bit and leaves the original alone', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (file) => {
      const original = file.slice();
      const { file: changed, offset, before, after } = tamper(file);
      assert.deepEqual(file, original);
      const differing = [...changed.keys()].filter((i) => changed[i] !== file[i]);
      assert.deepEqual(differing, [offset]);
      assert.equal(file[offset], before);
      const bits = before ^ after;
      assert.ok(bits > 0 && (bits & (bits - 1)) === 0);
    }),
  );
});
