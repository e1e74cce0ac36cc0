// Pages that are made from code say what the code says; links between pages lead somewhere.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connectors } from '@trine/connectors/index.ts';
import { refusals } from '@trine/protocol';
import { sourceFiles } from './rules.ts';
import { mappingPage, settingsPage } from './settings-doc.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

test('the page of settings is the schema', () => {
  assert.equal(
    readFileSync(join(root, 'docs/reference/settings.md'), 'utf8'),
    settingsPage(),
    'run node scripts/settings-doc.ts',
  );
});

test('the page of mappings is the schema', () => {
  const page = readFileSync(join(root, 'docs/reference/mapping.md'), 'utf8');
  assert.equal(page, mappingPage(), 'run node scripts/settings-doc.ts');
});

test('the guide on connectors says of each what it was tried against', () => {
  const guide = readFileSync(join(root, 'docs/guides/connectors.md'), 'utf8');
  for (const { manifest } of connectors)
    assert.ok(
      guide.includes(`| ${manifest.title} | ${manifest.ways.join(', ')} | ${manifest.triedAgainst} |`),
      manifest.name,
    );
});

test('the page on HTTP names every refusal', () => {
  const page = readFileSync(join(root, 'docs/reference/http.md'), 'utf8');
  for (const reason of Object.keys(refusals)) assert.ok(page.includes(`\`${reason}\``), reason);
});

for (const { path, text } of sourceFiles().filter((file) => file.path.endsWith('.md')))
  test(`links of ${path}`, () => {
    assert.doesNotMatch(text, /[<>]{7} /, 'a merge was left unfinished');
    for (const [, target] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target as string)) continue;
      assert.ok(existsSync(join(root, dirname(path), target as string)), `${target} is not there`);
    }
  });

test('every test that SECURITY.md names is there', () => {
  const page = readFileSync(join(root, 'SECURITY.md'), 'utf8').replace(/\s*\n\s*/g, ' ');
  const claims = [...page.matchAll(/`([\w./-]+\.ts)`: (\*[^*]+\*(?:, \*[^*]+\*)*)/g)];
  assert.ok(claims.length >= 40, `${claims.length} claims`);
  for (const [, file, names] of claims) {
    const text = readFileSync(join(root, file as string), 'utf8');
    for (const [, name] of (names as string).matchAll(/\*([^*]+)\*/g))
      assert.ok(text.includes(name as string), `${file} has no test "${name}"`);
  }
});
