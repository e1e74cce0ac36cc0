import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { TlogError } from './errors.ts';
import type { TileId } from './tile.ts';
import { decodeBundle, encodeBundle, fullTiles, parseTilePath, partialWidth, tilePath } from './tile.ts';

const vectors = JSON.parse(readFileSync(new URL('../../../vectors/log/tile.json', import.meta.url), 'utf8'));

describe('paths', () => {
  test('golden', () => {
    for (const { path, ...id } of vectors.paths) {
      assert.equal(tilePath(id), path);
      assert.deepEqual(parseTilePath(path), id);
    }
  });

  test('every tile has one path, and the path gives the tile back', () => {
    const ids: fc.Arbitrary<TileId> = fc.record(
      {
        level: fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 })),
        index: fc.maxSafeNat(),
        width: fc.integer({ min: 1, max: 256 }),
      },
      { noNullPrototype: true },
    );
    fc.assert(fc.property(ids, (id) => assert.deepEqual(parseTilePath(tilePath(id)), id)));
  });

  test('any other text is no path', () => {
    for (const path of vectors.notPaths) assert.equal(parseTilePath(path), undefined, path);
    fc.assert(
      fc.property(fc.string(), (text) => {
        const id = parseTilePath(`tile/${text}`);
        if (id !== undefined) assert.equal(tilePath(id), `tile/${text}`);
      }),
    );
  });

  test('numbers out of range', () => {
    assert.throws(() => tilePath({ level: 64, index: 0, width: 256 }), TlogError);
    assert.throws(() => tilePath({ level: 0, index: -1, width: 256 }), TlogError);
    assert.throws(() => tilePath({ level: 0, index: 0, width: 0 }), TlogError);
  });

  test('widths of the example of the specification: 70,000 leaves', () => {
    assert.deepEqual(
      [0, 1, 2, 3].map((level) => fullTiles(70_000, level)),
      [273, 1, 0, 0],
    );
    assert.deepEqual(
      [0, 1, 2, 3].map((level) => partialWidth(70_000, level)),
      [112, 17, 1, 0],
    );
  });
});

describe('bundles', () => {
  test('golden', () => {
    const entries = vectors.bundle.entries.map((hex: string) => new Uint8Array(Buffer.from(hex, 'hex')));
    assert.equal(Buffer.from(encodeBundle(entries)).toString('hex'), vectors.bundle.encoded);
  });

  test('round trip; cut, lengthened or with another number of entries they are refused', () => {
    const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 256 });
    fc.assert(
      fc.property(entries, (list) => {
        const bundle = encodeBundle(list);
        assert.deepEqual(decodeBundle(bundle, list.length), list);
        assert.throws(() => decodeBundle(bundle.subarray(0, -1), list.length), TlogError);
        assert.throws(() => decodeBundle(new Uint8Array([...bundle, 0]), list.length), TlogError);
        assert.throws(() => decodeBundle(bundle, list.length + 1), TlogError);
        assert.throws(() => decodeBundle(bundle, list.length - 1), TlogError);
      }),
    );
    assert.throws(() => encodeBundle([new Uint8Array(65_536)]), TlogError);
    assert.deepEqual(decodeBundle(encodeBundle([new Uint8Array(65_535)]), 1), [new Uint8Array(65_535)]);
  });
});
