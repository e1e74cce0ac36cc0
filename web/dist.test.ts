// What is committed as the built console is what the sources make, and asks nothing of the world.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { domainIdentities } from '@trine/domains/identities.ts';
import { hashSources } from './build/sources.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = fileURLToPath(new URL('./dist', import.meta.url));
/** The verifier carries the domains and the table of time zones; it is loaded when a proof is looked at. */
const BYTES_MAX = 1_200_000;
const VERIFIER_BYTES_MAX = 1_200_000;
/** Compressed, before anything is shown. */
const FIRST_LOAD_BYTES_MAX = 200_000;

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name));
const record = JSON.parse(readFileSync(join(dist, 'build.json'), 'utf8')) as {
  sha256: string;
  identities: unknown;
  sources: string[];
};

test('built console: not older than its sources (npm run build -w web makes it anew)', () => {
  assert.ok(record.sources.includes('web/src/main.tsx'));
  assert.ok(record.sources.includes('packages/protocol/evidence/verify.ts'));
  assert.equal(hashSources(root, record.sources), record.sha256);
});

test('built console: replays with the models that decide', async () => {
  assert.deepEqual(record.identities, await domainIdentities());
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

test(`built console: what is loaded first stays under ${FIRST_LOAD_BYTES_MAX} bytes, compressed`, () => {
  const first = files.filter((file) => /index[^/]*\.(html|js|css)$/.test(file));
  assert.ok(first.length >= 3);
  const total = first.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0);
  assert.ok(total < FIRST_LOAD_BYTES_MAX, `${total} bytes`);
});
