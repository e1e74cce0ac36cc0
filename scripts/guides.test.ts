// Snippets of guides stand in files that tests execute: a block whose first line names a file is found in it, as it is.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

test('every snippet of the guide to domains stands in the file it names', () => {
  const guide = readFileSync(join(root, 'docs/guides/domains.md'), 'utf8');
  const blocks = [...guide.matchAll(/^```ts(?: (\S+))?\n([\s\S]*?)\n```$/gm)];
  assert.ok(blocks.length >= 6, `${blocks.length} snippets`);
  for (const [, file, text] of blocks) {
    assert.ok(file, `a snippet names its file: ${text}`);
    assert.ok(readFileSync(join(root, file), 'utf8').includes(text as string), `${file} does not hold:\n${text}`);
  }
});
