// The identity of what decides: it follows from what is executed, and from nothing else.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildBundle, buildExpression } from './bundle.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trine-bundle-'));
  folders.push(folder);
  return folder;
}

/** A copy of a domain that can be changed. */
function copyOf(name: string): string {
  const folder = join(temporary(), name);
  cpSync(join(root, 'domains', name), folder, { recursive: true });
  return folder;
}

function edit(folder: string, file: string, ...changes: readonly (readonly [string | RegExp, string])[]): void {
  const path = join(folder, file);
  let text = readFileSync(path, 'utf8');
  for (const [from, to] of changes) {
    const changed = typeof from === 'string' ? text.replaceAll(from, to) : text.replace(from, to);
    assert.ok(changed !== text, `${file} has no ${from}`);
    text = changed;
  }
  writeFileSync(path, text);
}

const code = async (folder: string) => (await buildBundle(folder)).code;
/** Of the code: what differs in a hundred thousand characters is no message. */
const identity = async (folder: string) => hashOf(await code(folder));
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const text = await code(join(root, 'domains/booking'));
const booking = hashOf(text);

/** Changes of sources after which the same is executed. */
const same: Readonly<Record<string, (folder: string) => void>> = {
  'a comment': (folder) =>
    edit(folder, 'engine.ts', [/^import/m, '/* what follows */\nimport'], ['if (cause', '// why\n  if (cause']),
  'white space': (folder) => edit(folder, 'engine.ts', ['\n  ', '\n\n\t\t']),
  'a local name': (folder) => edit(folder, 'engine.ts', [/\basked\b(?!:)/g, 'theRequestThatWasMade']),
  'a name of the module': (folder) => edit(folder, 'engine.ts', [/\brelease\(/g, 'zzTheThingIsFree(']),
  'a name that files share': (folder) => {
    edit(folder, 'memory.ts', [/\bopenHolds\b/g, 'aaStillOpen']);
    edit(folder, 'engine.ts', [/\bopenHolds\b/g, 'aaStillOpen']);
    edit(folder, 'line.ts', [/\bopenHolds\b/g, 'aaStillOpen']);
  },
  'a type': (folder) => edit(folder, 'engine.ts', [/^type Input/m, 'type UnusedTypeOfNoUse = string;\ntype Input']),
  'the order of imports': (folder) => {
    const path = join(folder, 'engine.ts');
    const text = readFileSync(path, 'utf8');
    const imports = [...text.matchAll(/^import [^;]*;\n/gm)].map(([one]) => one);
    const rest = imports.reduce((left, one) => left.replace(one, ''), text);
    writeFileSync(path, imports.reverse().join('') + rest);
  },
  'a file of another name': (folder) => {
    renameSync(join(folder, 'memory.ts'), join(folder, 'a-remembered.ts'));
    for (const file of ['engine.ts', 'line.ts']) edit(folder, file, ['./memory.ts', './a-remembered.ts']);
  },
  'a file in a folder': (folder) => {
    mkdirSync(join(folder, 'parts'));
    renameSync(join(folder, 'events.ts'), join(folder, 'parts/events.ts'));
    for (const file of ['engine.ts', 'line.ts', 'triggers.ts'])
      edit(folder, file, ['./events.ts', './parts/events.ts']);
    edit(folder, 'parts/events.ts', ["from './", "from '../"]);
  },
  'titles and help of the form': (folder) => edit(folder, 'terms.ts', [/title: '[^']*'/g, "title: 'Another title'"]),
  'words, panels, routes and simulation': (folder) => {
    edit(folder, 'manifest.ts', [/about:[^,]*,/g, "about: 'Something else.',"]);
    for (const file of ['panels.ts', 'routes.ts', 'simulate.ts']) writeFileSync(join(folder, file), '// Nothing.\n');
  },
};

for (const [what, change] of Object.entries(same))
  test(`${what} changes nothing`, async () => {
    const folder = copyOf('booking');
    change(folder);
    assert.equal(await identity(folder), booking);
  });

/** Changes after which something else is executed. */
const other: Readonly<Record<string, (folder: string) => void>> = {
  'a sentence of the decision': (folder) => edit(folder, 'engine.ts', ["'It is taken.'", "'It is taken!'"]),
  'a comparison': (folder) => edit(folder, 'engine.ts', ['own.length >= mayOpen', 'own.length > mayOpen']),
  'a constant of the memory': (folder) => edit(folder, 'memory.ts', ['untilMs > ', 'untilMs >= ']),
  'a limit of the terms': (folder) => edit(folder, 'terms.ts', ['max(100)', 'max(101)']),
  'a media type': (folder) => edit(folder, 'events.ts', ['vnd.trine.session-end', 'vnd.trine.session-over']),
  'a trigger': (folder) => edit(folder, 'triggers.ts', ["name: 'cancel'", "name: 'cancelled'"]),
};

for (const [what, change] of Object.entries(other))
  test(`${what} makes another identity`, async () => {
    const folder = copyOf('booking');
    change(folder);
    assert.notEqual(await identity(folder), booking);
  });

test('every domain: the same bytes twice, in a copy elsewhere, and from another working folder', async () => {
  for (const name of ['service-level', 'metering', 'booking']) {
    const here = await identity(join(root, 'domains', name));
    assert.equal(await identity(join(root, 'domains', name)), here);
    assert.equal(await identity(copyOf(name)), here);
    const script = `const { buildBundle } = await import(${JSON.stringify(new URL('./bundle.ts', import.meta.url).href)});
      process.stdout.write((await buildBundle(${JSON.stringify(join(root, 'domains', name))})).code);`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: temporary(),
      encoding: 'utf8',
      maxBuffer: 16_777_216,
    });
    assert.equal(hashOf(stdout), here, stderr);
  }
});

test('nothing of the machine, of names and of comments is in it', () => {
  assert.doesNotMatch(text, /\/\*|^\/\/|\.ts\b|node_modules|trine-bundle-|domains\/|title:"|\bimport\b/m);
});

/** A copy of the project's sources that bundles are built of. */
function copyOfProject(): string {
  const project = temporary();
  for (const folder of [
    'packages/bundler',
    'packages/engine',
    'packages/protocol',
    'packages/models',
    'domains/booking',
  ])
    cpSync(join(root, folder), join(project, folder), {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    });
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
  return project;
}

test('a change of who checks a decision ends no agreement: gate, selection, verifier, errors, limits', async () => {
  const project = copyOfProject();
  const { buildBundle: build } = (await import(
    join(project, 'packages/bundler/bundle.ts')
  )) as typeof import('./bundle.ts');
  const built = async () => hashOf((await build(join(project, 'domains/booking'))).code);
  assert.equal(await built(), booking);
  const more = '\nexport const another = (given: unknown) => String(given).repeat(2);\n';
  for (const file of [
    'packages/engine/gate.ts',
    'packages/engine/evaluate.ts',
    'packages/engine/inputs.ts',
    'packages/engine/effects.ts',
    'packages/protocol/evidence/verify.ts',
    'packages/protocol/index.ts',
    'packages/protocol/crypto.ts',
  ])
    writeFileSync(join(project, file), readFileSync(join(project, file), 'utf8') + more);
  edit(project, 'packages/engine/gate.ts', ["? 'pass' : 'hold'", "? 'hold' : 'hold'"]);
  edit(project, 'packages/protocol/errors.ts', ['larger than the limit', 'much larger than the limit']);
  edit(project, 'packages/protocol/limits.ts', ['bodyBytesMax: 262_144', 'bodyBytesMax: 131_072']);
  assert.equal(await built(), booking);
  // What the engine offers to bundles is part of them.
  edit(project, 'packages/engine/subjects.ts', ['pattern === subject', 'pattern == subject']);
  assert.notEqual(await built(), booking);
});

test('what is no domain is refused in words', async () => {
  const reads = copyOf('booking');
  edit(reads, 'engine.ts', [
    /^import/m,
    "import { readFileSync } from 'node:fs';\nexport const secrets = readFileSync('/etc/passwd');\nimport",
  ]);
  await assert.rejects(code(reads), /imports node:fs: what decides reads no machine/);
  const node = copyOf('booking');
  edit(node, 'engine.ts', [
    /^import/m,
    "import { startNode } from '@trine/node/node.ts';\nexport const node = startNode;\nimport",
  ]);
  await assert.rejects(code(node), /imports @trine\/node\/node\.ts: bundles are made of engine, models and protocol/);
  const broken = copyOf('booking');
  edit(broken, 'engine.ts', [/^import/m, 'const = 1;\nimport']);
  await assert.rejects(code(broken), /engine\.ts:\d+:\d+: ERROR: Expected identifier/);
  const two = copyOf('booking');
  writeFileSync(join(two, 'index.ts'), 'export const a = 1;\nexport const b = 2;\n');
  await assert.rejects(code(two), /must export one constant, the domain; it exports 2/);
});

test('an expression is built whatever short name its default gets', async () => {
  const file = join(temporary(), 'many.ts');
  const made: string[] = [];
  for (let others = 45; others < 56; others++) {
    const each = Array.from({ length: others }, (_, i) => {
      const next = `f${(i + 1) % others}`;
      return `function f${i}(x) { return x > ${i} ? ${next}(x - 1) + ${next}(x - 2) : x; }`;
    });
    writeFileSync(file, `${each.join('\n')}\nexport default function last(x) { return f0(x) + 7; }`);
    const code = await buildExpression(file);
    assert.equal(new Function(`return ${code}`)()(0), 7);
    made.push(/return ([^;{}]+)\}\)\(\)$/.exec(code)?.[1] as string);
  }
  assert.ok(made.includes('$'), `of names that no letter begins: ${made}`);
});
