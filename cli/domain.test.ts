// A domain laid out by the command works, and its own tests pass as they are.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { domains } from '@trine/domains/index.ts';
import { withDomain } from './domain.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A copy of the list of domains, in a folder that finds the packages. */
function copy(): string {
  const top = mkdtempSync(join(tmpdir(), 'trine-domain-'));
  folders.push(top);
  const folder = join(top, 'domains');
  mkdirSync(folder);
  symlinkSync(join(root, 'node_modules'), join(top, 'node_modules'));
  for (const file of ['index.ts', 'package.json']) copyFileSync(join(root, 'domains', file), join(folder, file));
  return folder;
}

/** The command alone: no other one is loaded. */
function run(...given: readonly string[]) {
  const script = `import { domain } from './cli/domain.ts'; await domain.parseAsync(${JSON.stringify(given)}, { from: 'user' });`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: root,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('a new domain is whole: its files, its line in the list, and its own tests pass', () => {
  const folder = copy();
  const { status, stdout, stderr } = run('new', 'cold-chain', '--folder', folder);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /it passes as it is$/m);
  assert.doesNotMatch(stdout, /\\x0a/, 'each file stands on its own line');
  const list = readFileSync(join(folder, 'index.ts'), 'utf8');
  assert.match(list, /import { coldChain } from '\.\/cold-chain\/index\.ts';/);
  assert.match(list, /, coldChain\];/);
  const own = join(folder, 'cold-chain');
  const files = readdirSync(own, { recursive: true }).map(String);
  for (const file of ['README.md', 'domain.test.ts', 'engine.ts', 'terms.ts', join('fixtures', 'night.csv')])
    assert.ok(files.includes(file), file);
  const texts = files.filter((file) => /\.\w+$/.test(file)).map((file) => readFileSync(join(own, file), 'utf8'));
  assert.doesNotMatch(texts.join('\n'), /over-limit|overLimit|OverLimit|Over limit/);
  assert.match(texts.join('\n'), /export const coldChain: Domain<ColdChainTerms>/);
  // The runner of this test must not be taken for the one that is started.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const tested = spawnSync(process.execPath, ['--test', join(own, 'domain.test.ts')], { encoding: 'utf8', env });
  assert.equal(tested.status, 0, tested.stdout);
  assert.match(tested.stdout, /pass 9\b/);
});

test('bad and taken names are refused in words, and nothing is written', () => {
  const folder = copy();
  const before = readFileSync(join(folder, 'index.ts'), 'utf8');
  for (const [name, says] of [
    ['Cold', /lower-case words with hyphens/],
    ['../up', /lower-case words with hyphens/],
    ['cold--chain', /lower-case words with hyphens/],
    ['a'.repeat(41), /at most 40 characters/],
    ['class', /a word of the language/],
    ['metering', /There is a domain metering already/],
  ] as const) {
    const { status, stderr } = run('new', name, '--folder', folder);
    assert.equal(status, 2, name);
    assert.match(stderr, says);
  }
  assert.equal(readFileSync(join(folder, 'index.ts'), 'utf8'), before);
  assert.deepEqual(readdirSync(folder).sort(), ['index.ts', 'package.json']);
  assert.match(run('new', 'cold-chain', '--folder', tmpdir()).stderr, /run this in the project's folder/);
});

test('the list stays sorted and within the width of a line, however many there are', () => {
  let list = readFileSync(join(root, 'domains/index.ts'), 'utf8');
  const names = ['waste-collection', 'air-quality', 'noise', 'street-lighting', 'green-spaces'];
  for (const name of names) list = withDomain(list, name);
  const imports = [...list.matchAll(/from '\.\/(.+)\/index\.ts'/g)].map(([, name]) => name as string);
  assert.deepEqual(imports, [...imports].sort());
  assert.equal(imports.length, domains.length + names.length);
  assert.ok(list.split('\n').every((line) => line.length <= 120));
  assert.match(list, /\n {2}greenSpaces,\n\];/);
  assert.throws(() => withDomain('nothing', 'noise'), /has no line/);
});

test('the domains that are here are listed', () => {
  const { stdout, status } = run('list');
  assert.equal(status, 0);
  for (const { manifest } of domains) assert.match(stdout, new RegExp(`^${manifest.name} +${manifest.version} `, 'm'));
  assert.equal(JSON.parse(run('list', '--json').stdout).length, domains.length);
});
