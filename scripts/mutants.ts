// How much the unit tests would notice: plants seeded faults, one at a time, in what decides, admits and authorises, and
// runs the tests that stand beside it. `npm run mutants`, `npm run mutants -- --seed 7 --count 20 --only engine`.
//
// A fault is a small wrong change of the code (another comparison, a branch always or never taken, a line left out), as
// in mutation testing (DeMillo, Lipton and Sayward, "Hints on Test Data Selection", Computer 11(4), 1978).
import { spawn } from 'node:child_process';
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { AnyNode } from 'acorn';
import { parse } from 'acorn';
import { fullAncestor } from 'acorn-walk';

const root = fileURLToPath(new URL('..', import.meta.url));
/** A fault that makes the tests run on is noticed too. */
const TESTS_MS_MAX = 600_000;
const WORKERS = 2;

interface Area {
  readonly name: string;
  readonly files: readonly string[];
  readonly tests: readonly string[];
}

interface Fault {
  readonly area: Area;
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly instead: string;
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|^testing\/|^checks\/|index\.ts$|node_modules/.test(file))
    .map((file) => `${folder}/${file}`);
}

const areas: readonly Area[] = [
  {
    name: 'engine',
    files: sources('packages/engine'),
    tests: ['packages/engine/**/*.test.ts', 'domains/**/*.test.ts'],
  },
  {
    name: 'admission',
    files: ['packages/node/ingest/admission.ts'],
    tests: ['packages/node/ingest/*.test.ts', 'packages/node/projections/**/*.test.ts'],
  },
  {
    name: 'authorize',
    files: ['packages/protocol/authorize.ts', 'packages/protocol/payloads/permission.ts'],
    tests: ['packages/protocol/**/*.test.ts', 'packages/node/ingest/ingest.test.ts'],
  },
];

const otherOperator: Readonly<Record<string, string>> = {
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '+': '-',
  '-': '+',
  '*': '/',
  '&&': '||',
  '||': '&&',
};
const otherMethod: Readonly<Record<string, string>> = { some: 'every', every: 'some', min: 'max', max: 'min' };

/** Faults that a place in the code can have. @param text of the file, types blanked out */
function faultsAt(node: AnyNode, text: string): Omit<Fault, 'area' | 'file'>[] {
  const { start, end } = node;
  const of = (part: { start: number; end: number }) => text.slice(part.start, part.end);
  const here = (instead: string) => ({ start, end, instead });
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression': {
      const other = otherOperator[node.operator];
      return other ? [here(`${of(node.left)} ${other} ${of(node.right)}`)] : [];
    }
    case 'UnaryExpression':
      return node.operator === '!' ? [here(of(node.argument))] : [];
    case 'IfStatement':
      return ['true', 'false'].map((instead) => ({ start: node.test.start, end: node.test.end, instead }));
    case 'ConditionalExpression':
      return [here(`${of(node.test)} ? ${of(node.alternate)} : ${of(node.consequent)}`)];
    case 'Literal':
      if (typeof node.value === 'number') return [here(String(node.value + 1))];
      return typeof node.value === 'boolean' ? [here(String(!node.value))] : [];
    case 'ReturnStatement':
      // To return nothing instead of `undefined` is no fault.
      return node.argument && of(node.argument) !== 'undefined' ? [here('return;')] : [];
    case 'ThrowStatement':
      return [here(';')];
    case 'ExpressionStatement':
      return 'directive' in node ? [] : [here(';')];
    case 'MemberExpression': {
      const { property } = node;
      const other = property.type === 'Identifier' ? otherMethod[property.name] : undefined;
      return other ? [{ start: property.start, end: property.end, instead: other }] : [];
    }
    default:
      return [];
  }
}

/** Every fault of a file. What an error says is nobody's decision: it is left alone. */
function faultsOf(area: Area, file: string): Fault[] {
  const text = stripTypeScriptTypes(readFileSync(join(root, file), 'utf8'));
  const found: Fault[] = [];
  fullAncestor(parse(text, { ecmaVersion: 'latest', sourceType: 'module' }), (node, _state, around) => {
    const isSaid = around.slice(0, -1).some(({ type }) => type === 'ThrowStatement' || type === 'TemplateLiteral');
    if (!isSaid) found.push(...faultsAt(node, text).map((fault) => ({ area, file, ...fault })));
  });
  return found;
}

/** Mulberry32: numbers from 0 to 1, the same for a seed. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function choose(faults: readonly Fault[], count: number, seed: number): Fault[] {
  const next = chance(seed);
  const left = [...faults];
  return Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(Math.floor(next() * left.length), 1),
  ).flat();
}

/** A copy of the project to plant faults in; libraries are those of the project, workspaces its own. */
function copyProject(): string {
  const copy = mkdtempSync(join(tmpdir(), 'trine-mutants-'));
  cpSync(root, copy, { recursive: true, filter: (path) => !/\/(node_modules|\.git)(\/|$)/.test(path) });
  const modules = join(root, 'node_modules');
  mkdirSync(join(copy, 'node_modules'));
  for (const name of readdirSync(modules))
    if (name === '@trine')
      cpSync(join(modules, name), join(copy, 'node_modules', name), { recursive: true, verbatimSymlinks: true });
    else if (lstatSync(join(modules, name)).isDirectory())
      symlinkSync(join(modules, name), join(copy, 'node_modules', name));
  return copy;
}

function passes(copy: string, { tests: files }: Area): Promise<boolean> {
  return new Promise((resolve) => {
    const tests = spawn(process.execPath, ['--test', '--test-concurrency=1', ...files], {
      cwd: copy,
      stdio: 'ignore',
      timeout: TESTS_MS_MAX,
      killSignal: 'SIGKILL',
    });
    tests.on('exit', (code) => resolve(code === 0));
  });
}

/** Whether the tests notice. */
async function isNoticed(copy: string, { area, file, start, end, instead }: Fault): Promise<boolean> {
  const path = join(copy, file);
  const before = readFileSync(path, 'utf8');
  const text = stripTypeScriptTypes(before);
  writeFileSync(path, text.slice(0, start) + instead + text.slice(end));
  try {
    return !(await passes(copy, area));
  } finally {
    writeFileSync(path, before);
  }
}

function describe({ file, start, end, instead }: Fault): string {
  const text = readFileSync(join(root, file), 'utf8');
  const line = text.slice(0, start).split('\n').length;
  const was = text.slice(start, end).replaceAll(/\s+/g, ' ');
  return `${file}:${line}  ${was.slice(0, 90)}  →  ${instead.replaceAll(/\s+/g, ' ').slice(0, 90)}`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string', default: '100' },
      only: { type: 'string' },
    },
  });
  const all = areas
    .filter(({ name }) => values.only === undefined || name === values.only)
    .flatMap((area) => area.files.flatMap((file) => faultsOf(area, file)));
  const chosen = choose(all, Number(values.count), Number(values.seed));
  process.stdout.write(`${chosen.length} of ${all.length} faults, seed ${values.seed}\n`);
  const missed: Fault[] = [];
  let done = 0;
  const queue = [...chosen];
  await Promise.all(
    Array.from({ length: WORKERS }, async () => {
      const copy = copyProject();
      // Tests that fail by themselves would notice everything.
      for (const area of new Set(queue.map((fault) => fault.area)))
        if (!(await passes(copy, area))) throw new Error(`The tests of ${area.name} fail without a fault.`);
      for (let fault = queue.shift(); fault; fault = queue.shift()) {
        const noticed = await isNoticed(copy, fault);
        if (!noticed) missed.push(fault);
        process.stdout.write(`${++done}/${chosen.length} ${noticed ? 'noticed' : 'MISSED '}  ${describe(fault)}\n`);
      }
      rmSync(copy, { recursive: true, force: true });
    }),
  );
  for (const { name } of areas) {
    const of = chosen.filter(({ area }) => area.name === name).length;
    const not = missed.filter(({ area }) => area.name === name).length;
    if (of > 0) process.stdout.write(`${name}: ${of - not} of ${of} noticed\n`);
  }
  process.stdout.write(`${chosen.length - missed.length} of ${chosen.length} noticed\n`);
}

await main();
