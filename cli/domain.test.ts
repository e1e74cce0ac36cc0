// A domain laid out by the command works, and its own tests pass as they are.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { domains } from '@trine/domains/index.ts';
import { readDomainFile } from '@trine/engine/sandbox/file.ts';
import { approvedDomains, loadApproved } from './installed.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** An empty folder that finds the packages. */
function place(): string {
  const top = mkdtempSync(join(tmpdir(), 'trine-domain-'));
  folders.push(top);
  symlinkSync(join(root, 'node_modules'), join(top, 'node_modules'));
  return join(top, 'own');
}

/** A data folder. */
function home(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trine-home-'));
  folders.push(folder);
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

test('a newcomer lays a domain out, tests it, installs it, and takes it out again', async () => {
  const folder = place();
  const { status, stdout, stderr } = run('new', 'cold-chain', '--folder', folder);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /it passes as it is$/m);
  assert.doesNotMatch(stdout, /\\x0a/, 'each file stands on its own line');
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

  const data = home();
  const added = run('add', own, '--yes', '--home', data);
  assert.equal(added.status, 0, added.stderr);
  assert.match(added.stdout, /^Cold chain \(cold-chain 1\)$/m);
  assert.match(added.stdout, /limitMilli +Limit +Thousandths of the unit/);
  const [, hash] = /Bundle +([0-9a-f]{64})/.exec(added.stdout) ?? [];
  const listed = run('list', '--home', data);
  assert.match(listed.stdout, new RegExp(`^cold-chain +1 +installed +${hash?.slice(0, 12)}`, 'm'));
  const { loaded, problems } = await loadApproved(data);
  assert.deepEqual(problems, []);
  const [domain] = loaded;
  assert.equal(domain?.identity.code, hash);
  assert.equal(domain?.domain.manifest.title, 'Cold chain');
  assert.throws(() => domain?.domain.terms.parse({ thing: 'x' }), { code: 'malformed', message: /limitMilli/ });
  assert.match(run('remove', 'cold-chain', '--home', data).stdout, /^Removed cold-chain/);
  assert.doesNotMatch(run('list', '--home', data).stdout, /cold-chain/);
  assert.equal(run('remove', 'cold-chain', '--home', data).status, 2);
});

test('the same domain, packed elsewhere and changed in its words, has the same bundle', () => {
  const folder = place();
  run('new', 'cold-chain', '--folder', folder);
  const own = join(folder, 'cold-chain');
  const file = join(folder, 'cold-chain.json');
  assert.equal(run('pack', own, file).status, 0);
  const { hash, data } = readDomainFile(readFileSync(file, 'utf8'));
  const terms = join(own, 'terms.ts');
  writeFileSync(terms, readFileSync(terms, 'utf8').replace("title: 'Limit'", "title: 'Highest value'"));
  assert.equal(run('pack', own, file).status, 0);
  const changed = readDomainFile(readFileSync(file, 'utf8'));
  assert.equal(changed.hash, hash);
  assert.notDeepEqual(changed.data, data);
});

/** A file that says it is a domain, with a bundle of these terms. */
function fileOf(parse: string, before = '', name = 'hostile'): string {
  const manifest = {
    name,
    version: '1',
    title: 'Hostile',
    about: 'It harms.',
    things: {},
    roles: ['payer', 'recipient'],
  };
  const code = `${before};export default { abi: 1, terms: { parse() { ${parse} } }, triggers: () => [], inputs: () => [], open: async () => ({ decide() { for (;;); } }) };`;
  const data = { manifest: { ...manifest, reads: ['pack'], verdicts: {}, alerts: {}, panels: [] }, schema: {} };
  return JSON.stringify({ trine: 'domain/1', ...data, code });
}

test('hostile and broken files and folders are refused in words, and nothing is installed', () => {
  const data = home();
  const folder = place();
  mkdirSync(folder);
  const secret = join(data, 'secret.json');
  writeFileSync(secret, '{"key":"0123"}');
  const refused = (what: string, says: RegExp) => {
    const { status, stderr } = run('add', what, '--yes', '--home', data);
    assert.equal(status, 2, what);
    assert.match(stderr, says);
    assert.deepEqual(approvedDomains(data).approved, []);
  };
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  refused(file('loop.json', fileOf('', 'for (;;);')), /more steps than one question may take/);
  refused(file('bomb.json', fileOf('', 'const all = []; for (;;) all.push(new Uint8Array(1e6))')), /The bundle/);
  refused(file('reads.json', fileOf('', 'import fs from "node:fs"')), /The bundle cannot be run/);
  refused(file('junk.json', '{"trine":"domain/1"}'), /no file of a domain: manifest/);
  refused(file('text.json', 'not JSON'), /no JSON/);
  refused(file('name.json', fileOf('', '', '../../keys')), /no file of a domain: manifest\.name/);
  refused(file('metering.json', fileOf('', '', 'metering')), /The release has a domain metering already/);
  const withSchema = (schema: string) =>
    JSON.stringify({ ...JSON.parse(fileOf('', '')), schema: '@' }).replace('"@"', schema);
  const deep = `${'{"items":'.repeat(20_000)}{}${'}'.repeat(20_000)}`;
  refused(file('deep.json', withSchema(deep)), /nested too deep/);
  // Each field is a flag of commands: so many would keep every command from starting.
  const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`field${i}`, { type: 'string' }]));
  refused(
    file('many.json', withSchema(JSON.stringify({ properties: many }))),
    /schema\.properties: has more than 256 names/,
  );
  refused(join(folder, 'nowhere'), /There is no/);
  run('new', 'cold-chain', '--folder', folder);
  const own = join(folder, 'cold-chain');
  const manifest = join(own, 'manifest.ts');
  const before = readFileSync(manifest, 'utf8');
  const marker = join(data, 'was-here');
  writeFileSync(
    manifest,
    `import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(marker)}, '');\n${before}`,
  );
  refused(own, /imports node:fs: what decides reads no machine/);
  writeFileSync(
    manifest,
    `import secret from ${JSON.stringify(secret)} with { type: 'json' };\nexport const stolen = secret;\n${before}`,
  );
  refused(own, /cannot be built/);
  writeFileSync(manifest, `globalThis.process?.exit(0);\nfor (;;);\n${before}`);
  refused(own, /more steps than one question may take/);
  assert.ok(!existsSync(marker));
});

test('what was changed after it was approved, or approved by another, is not used, and it is said', async () => {
  const data = home();
  const file = join(data, 'x.json');
  writeFileSync(file, fileOf('return {};'));
  assert.equal(run('add', file, '--yes', '--home', data).status, 0);
  const [kept] = approvedDomains(data).approved;
  const path = join(data, 'domains', `${kept?.file.hash}.json`);
  writeFileSync(path, fileOf('return { changed: 1 };'));
  assert.match(run('list', '--home', data).stdout, /is not used: The file is not the one that was approved/);
  assert.deepEqual((await loadApproved(data)).loaded, []);
  writeFileSync(path, fileOf('return {};'));
  const approval = join(data, 'domains', `${kept?.file.hash}.approval.json`);
  const text = readFileSync(approval, 'utf8');
  writeFileSync(approval, text.replace(/"approvedMs":\d/, '"approvedMs":2'));
  assert.match(run('list', '--home', data).stdout, /is not used: It was not approved by the member/);
  const other = home();
  cpSync(join(data, 'domains'), join(other, 'domains'), { recursive: true });
  writeFileSync(join(other, 'domains', `${kept?.file.hash}.approval.json`), text);
  assert.match(run('list', '--home', other).stdout, /is not used: It was not approved by the member/);
});

test('without anybody to approve it nothing is installed', () => {
  const data = home();
  const file = join(data, 'x.json');
  writeFileSync(file, fileOf('return {};'));
  const { status, stderr } = run('add', file, '--home', data);
  assert.equal(status, 2);
  assert.match(stderr, /Nobody is here to approve it/);
  assert.deepEqual(approvedDomains(data).approved, []);
});

test('bad and taken names are refused in words, and nothing is written', () => {
  const folder = place();
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
  assert.ok(!existsSync(folder));
  assert.match(run('new', 'cold-chain', '--folder', tmpdir()).stderr, /lies in the project's folder or below it/);
});

test('the domains that are here are listed', () => {
  const data = home();
  const { stdout, status } = run('list', '--home', data);
  assert.equal(status, 0);
  for (const { manifest } of domains) assert.match(stdout, new RegExp(`^${manifest.name} +${manifest.version} `, 'm'));
  // Earlier releases stay for the agreements that name them.
  const listed = JSON.parse(run('list', '--json', '--home', data).stdout) as { name: string }[];
  assert.deepEqual(new Set(listed.map(({ name }) => name)), new Set(domains.map(({ manifest }) => manifest.name)));
});
