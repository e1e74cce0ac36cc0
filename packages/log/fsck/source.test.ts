import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remembering } from './source.ts';

test('what was read is kept, up to a limit, first come first kept; what was absent is asked for again', async () => {
  const files = new Map([
    ['a', 4],
    ['b', 4],
    ['c', 3],
  ]);
  const asked: string[] = [];
  const source = remembering(
    {
      async read(path) {
        asked.push(path);
        const length = files.get(path);
        return length === undefined ? undefined : new Uint8Array(length);
      },
    },
    8,
  );
  for (const path of ['a', 'b', 'c', 'a', 'b', 'c', 'd', 'd']) await source.read(path);
  assert.deepEqual(asked, ['a', 'b', 'c', 'c', 'd', 'd']);
  files.set('d', 1);
  assert.equal((await source.read('d'))?.length, 1);
  assert.equal((await source.read('a'))?.length, 4);
});
