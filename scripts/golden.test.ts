// Golden bytes: what stands in vectors/golden.json was given out once, and is never made again. A format that changes gets a new
// number, and vectors of its own beside these. `--add` takes in what is new; nothing writes over what is there.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = new URL('../vectors/', import.meta.url);
const table = new URL('golden.json', folder);
const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');

/** Each vector by its name: a file, or what a JSON file of many has under a key or at a place. */
function* vectors(): Iterable<[name: string, hash: string]> {
  for (const path of readdirSync(fileURLToPath(folder), { recursive: true, encoding: 'utf8' }).sort()) {
    if (!/\.(json|trine)$/.test(path) || path === 'golden.json') continue;
    const data = readFileSync(new URL(path, folder));
    if (!path.endsWith('.json') || path.startsWith('evidence/')) yield [path, sha256(data)];
    else
      for (const [key, one] of Object.entries(JSON.parse(data.toString()) as object))
        yield [`${path}#${key}`, sha256(JSON.stringify(one))];
  }
}

const read = () => JSON.parse(readFileSync(table, 'utf8')) as Record<string, string>;

if (process.argv.includes('--add')) {
  const known = read();
  const all = { ...Object.fromEntries(vectors()), ...known };
  writeFileSync(table, `${JSON.stringify(all, Object.keys(all).sort(), 2)}\n`);
}

test('golden vectors are what they were when they were given out, and all are listed', () => {
  const [known, here] = [read(), Object.fromEntries(vectors())];
  for (const [name, hash] of Object.entries(known))
    assert.equal(here[name], hash, `${name} changed: a format that changes gets a new number, and vectors of its own.`);
  const unlisted = Object.keys(here).filter((name) => known[name] === undefined);
  assert.deepEqual(unlisted, [], 'List them: node scripts/golden.test.ts --add');
});
