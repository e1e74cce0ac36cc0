// What is committed as the built console is what the sources make, and asks nothing of the world.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { carriedDomains } from '@trine/domains/carried.ts';
import { hashSources } from './build/sources.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = fileURLToPath(new URL('./dist', import.meta.url));
/**
 * The verifier carries the bundles, each with all that it uses, the table of time zones among it, and QuickJS for those of
 * strangers; the console loads both when a proof is looked at.
 */
const table = JSON.parse(readFileSync(join(root, 'bundles', 'releases.json'), 'utf8')) as { readonly name: string }[];
/** Each release of a domain that stays for the agreements that name it costs its size. */
const EARLIER_BYTES_MAX = 130_000 * (table.length - new Set(table.map(({ name }) => name)).size);
/** What maps messages again stands in the page that checks and in its thread. */
const BYTES_MAX = 2_650_000 + EARLIER_BYTES_MAX;
const VERIFIER_BYTES_MAX = 2_400_000 + EARLIER_BYTES_MAX;
/** Compressed, before anything is shown. */
const FIRST_LOAD_BYTES_MAX = 200_000;

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name));
const record = JSON.parse(readFileSync(join(dist, 'build.json'), 'utf8')) as {
  sha256: string;
  sources: string[];
};

test('built console: not older than its sources (npm run build -w web makes it anew)', () => {
  assert.ok(record.sources.includes('web/src/main.tsx'));
  assert.ok(record.sources.includes('packages/protocol/evidence/verify.ts'));
  assert.equal(hashSources(root, record.sources), record.sha256);
});

test('built console: replays with the bundles of the release, earlier ones among them', () => {
  for (const { identity } of carriedDomains().all())
    assert.ok(record.sources.includes(`bundles/${identity.code}.js`), identity.name);
});

test('built console: holds no inline script and loads nothing from elsewhere', () => {
  const page = readFileSync(join(dist, 'index.html'), 'utf8');
  for (const [tag] of page.matchAll(/<script\b[^>]*>/g)) assert.match(tag, / src="\/assets\//);
  for (const [, address] of page.matchAll(/(?:src|href)="([^"]*)"/g)) assert.match(address as string, /^\/[^/]/);
  for (const file of files.filter((path) => path.endsWith('.css')))
    assert.doesNotMatch(readFileSync(file, 'utf8'), /@import|url\(\s*['"]?(https?:)?\/\//);
  for (const file of files.filter((path) => path.endsWith('.js')))
    assert.doesNotMatch(readFileSync(file, 'utf8'), /\beval\(|new Function\(|from"node:/);
});

test('the verifier as one file: needs nothing beside it', () => {
  const page = readFileSync(join(dist, 'verifier.html'), 'utf8');
  const outside = page.replaceAll(/<(script|style)\b[^>]*>[\s\S]*?<\/\1>/g, '');
  assert.match(outside, /<div id="root">/);
  for (const [, address] of outside.matchAll(/(?:src|href)="([^"]*)"/g)) assert.equal(address, 'data:,');
  for (const [tag] of page.matchAll(/<(?:script|link)\b[^>]*(?:src|href)="[^d][^>]*>/g)) assert.fail(tag);
  assert.match(page, /default-src 'none'/);
  assert.ok(Buffer.byteLength(page) < VERIFIER_BYTES_MAX, `${Buffer.byteLength(page)} bytes`);
});

test(`built console: stays under ${BYTES_MAX} bytes`, () => {
  const total = files
    .filter((file) => !file.endsWith('verifier.html'))
    .reduce((sum, file) => sum + readFileSync(file).length, 0);
  assert.ok(total < BYTES_MAX, `${total} bytes`);
});

/** What the page names and what that imports at once; what is imported later is loaded when it is looked at. */
function loadedFirst(): Set<string> {
  const page = readFileSync(join(dist, 'index.html'), 'utf8');
  const found = new Set<string>();
  const follow = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    if (!name.endsWith('.js')) return;
    const text = readFileSync(join(dist, 'assets', name), 'utf8');
    for (const [, next] of text.matchAll(/(?:from|import)\s*["'`]\.\/([^"'`]+\.js)["'`]/g)) follow(next as string);
  };
  for (const [, name] of page.matchAll(/(?:src|href)="\/assets\/([^"]+)"/g)) follow(name as string);
  return found;
}

test(`built console: what is loaded first stays under ${FIRST_LOAD_BYTES_MAX} bytes, compressed`, () => {
  const first = loadedFirst();
  const all = files.filter((file) => file.endsWith('.js')).length;
  assert.ok(first.size >= 3 && first.size < all, `${first.size} of ${all}`);
  const sizes = [...first].map((name) => gzipSync(readFileSync(join(dist, 'assets', name))).length);
  const total = sizes.reduce((sum, size) => sum + size, gzipSync(readFileSync(join(dist, 'index.html'))).length);
  assert.ok(total < FIRST_LOAD_BYTES_MAX, `${total} bytes`);
});
