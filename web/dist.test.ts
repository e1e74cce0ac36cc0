// What is committed as the built console is what the sources make, and asks nothing of the world.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serviceLevelModel } from '@trine/service-level/identity.ts';
import { hashSources } from './build/sources.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = fileURLToPath(new URL('./dist', import.meta.url));
const BYTES_MAX = 750_000;

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => join(parentPath, name));
const record = JSON.parse(readFileSync(join(dist, 'build.json'), 'utf8')) as {
  sha256: string;
  model: unknown;
  sources: string[];
};

test('built console: not older than its sources (npm run build -w web makes it anew)', () => {
  assert.ok(record.sources.includes('web/src/main.tsx'));
  assert.ok(record.sources.includes('packages/protocol/evidence/verify.ts'));
  assert.equal(hashSources(root, record.sources), record.sha256);
});

test('built console: replays with the model that decides', () => {
  assert.deepEqual(record.model, serviceLevelModel());
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

test(`built console: stays under ${BYTES_MAX} bytes`, () => {
  const total = files.reduce((sum, file) => sum + readFileSync(file).length, 0);
  assert.ok(total < BYTES_MAX, `${total} bytes`);
});
