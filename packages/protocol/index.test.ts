// The public surface of the formats. What is added or taken away shows in a review of index.snapshot.json; write it anew
// with: node packages/protocol/index.test.ts --update
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import * as protocol from './index.ts';

const snapshot = new URL('./index.snapshot.json', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

function exported(): { values: string[]; types: string[] } {
  const values = Object.keys(protocol).sort();
  const names = [...read('./index.ts').matchAll(/export (type )?\{([^}]*)\}/g)].flatMap(([, all, list]) =>
    (list as string)
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name) => ({ isType: all !== undefined || name.startsWith('type '), name: name.replace(/^type /, '') })),
  );
  const types = names.flatMap(({ isType, name }) => (isType ? [name] : [])).sort();
  return { values, types };
}

test('the index exports what its snapshot says', () => {
  if (process.argv.includes('--update')) writeFileSync(snapshot, `${JSON.stringify(exported(), undefined, 2)}\n`);
  assert.deepEqual(
    exported(),
    JSON.parse(readFileSync(snapshot, 'utf8')),
    'node packages/protocol/index.test.ts --update',
  );
});

test('the package is three libraries, an index, and a calendar that the index does not load', () => {
  const manifest = JSON.parse(read('./package.json')) as Record<string, unknown>;
  assert.deepEqual(Object.keys(manifest.dependencies as object), ['@noble/curves', '@noble/hashes', '@scure/base']);
  const exports = { '.': './index.ts', './calendar/*': './calendar/*', './testing/*': './testing/*' };
  assert.deepEqual(manifest.exports, exports);
  assert.doesNotMatch(read('./index.ts'), /calendar\//);
  assert.equal(manifest.sideEffects, false);
  assert.match(manifest.description as string, /\w+/);
});
