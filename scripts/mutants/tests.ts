// Runs a file of tests in a copy of the project: once beforehand, to see that it passes, how long it takes and what it
// comes by; then with a fault, until its first failure.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
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
import { pathToFileURL } from 'node:url';
import { root } from './areas.ts';
import type { Reach } from './reach.ts';

/** A fault that makes tests run on is noticed too, by whoever waits for them. */
const TEST_MS_MIN = 60_000;
const TEST_TIMES_MAX = 10;
const MEMORY_MB_MAX = 3072;

export interface Copy {
  readonly folder: string;
  /** What tests leave behind when they are ended. */
  readonly temporary: string;
}

/** A copy of the project to plant faults in; libraries are those of the project, workspaces its own. */
export function copyProject(): Copy {
  const folder = mkdtempSync(join(tmpdir(), 'trine-mutants-'));
  cpSync(root, folder, { recursive: true, filter: (path) => !/\/(node_modules|\.git)(\/|$)/.test(path) });
  const modules = join(root, 'node_modules');
  mkdirSync(join(folder, 'node_modules'));
  for (const name of readdirSync(modules))
    if (name === '@trine')
      cpSync(join(modules, name), join(folder, 'node_modules', name), { recursive: true, verbatimSymlinks: true });
    else if (lstatSync(join(modules, name)).isDirectory())
      symlinkSync(join(modules, name), join(folder, 'node_modules', name));
  return { folder, temporary: mkdtempSync(join(tmpdir(), 'trine-mutants-left-')) };
}

/** Removes what tests that were ended left behind. */
export function tidy({ temporary }: Copy): void {
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary);
}

interface Run {
  readonly copy: Copy;
  readonly test: string;
  readonly msMax: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Whether a file of tests passes; ends it, and all it started, at the first failure or when the time is over. */
function passes({ copy, test, msMax, env = {} }: Run): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [`--max-old-space-size=${MEMORY_MB_MAX}`, '--test-reporter=tap', test], {
      cwd: copy.folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, TMPDIR: copy.temporary, ...env },
    });
    let failed = false;
    let line = '';
    const end = () => {
      failed = true;
      try {
        process.kill(-(child.pid as number), 'SIGKILL');
      } catch {
        // Ended by itself meanwhile.
      }
    };
    const timer = setTimeout(end, msMax);
    child.stdout.on('data', (part: Buffer) => {
      const lines = (line + part).split('\n');
      line = lines.pop() as string;
      if (!failed && lines.some((text) => /^\s*not ok /.test(text))) end();
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve(code === 0 && !failed);
    });
  });
}

/** What a file of tests did without a fault. */
export interface Known {
  readonly passed: boolean;
  readonly ms: number;
  /** Where it came by, [from, to) in turn, by path of a source. */
  readonly ran: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}

interface Covered {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
    }[];
  }[];
}

/** What V8 saw run, in any process of the test, of these files. */
function readCovered(folder: string, { folder: copied }: Copy, sources: ReadonlySet<string>): Known['ran'] {
  const base = pathToFileURL(`${copied}/`).href;
  const seen = new Map<string, Uint8Array>();
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Covered;
    for (const { url, functions } of result) {
      const path = url.startsWith(base) ? url.slice(base.length) : '';
      if (!sources.has(path)) continue;
      // Inner ranges after outer ones: the innermost says whether a place ran.
      const ranges = functions
        .flatMap((one) => one.ranges)
        .sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
      const here = new Uint8Array(Math.max(0, ...ranges.map(({ endOffset }) => endOffset)));
      for (const { startOffset, endOffset, count } of ranges) here.fill(count > 0 ? 1 : 0, startOffset, endOffset);
      const before = seen.get(path);
      seen.set(path, before ? here.map((ran, i) => ran | (before[i] ?? 0)) : here);
    }
  }
  return Object.fromEntries([...seen].map(([path, ran]) => [path, spans(ran)]));
}

function spans(ran: Uint8Array): [number, number][] {
  const found: [number, number][] = [];
  for (let from = ran.indexOf(1); from >= 0; ) {
    const to = ran.indexOf(0, from);
    found.push([from, to < 0 ? ran.length : to]);
    from = to < 0 ? -1 : ran.indexOf(1, to);
  }
  return found;
}

const cache = join(root, 'node_modules', '.cache', 'trine-mutants');

/**
 * What a test does without a fault: run once, kept while nothing that it loads changes.
 *
 * @param sources of the area, by path; the copy holds each in another form, so that a test that refuses any change of its
 * text fails now
 */
export async function knowTest(
  copy: Copy,
  test: string,
  sources: readonly string[],
  { closure, textOf }: Reach,
): Promise<Known> {
  const hash = createHash('sha256').update(`1 ${process.version} ${sources.join()}`);
  for (const path of [...closure(test)].sort()) hash.update(`\n${path}\n${textOf.get(path)}`);
  const kept = join(cache, `${hash.digest('hex').slice(0, 32)}.json`);
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8'));
  const covered = mkdtempSync(join(tmpdir(), 'trine-mutants-ran-'));
  const begun = Date.now();
  const passed = await passes({ copy, test, msMax: 600_000, env: { NODE_V8_COVERAGE: covered } });
  const ms = Date.now() - begun;
  const known: Known = { passed, ms, ran: readCovered(covered, copy, new Set(sources)) };
  rmSync(covered, { recursive: true, force: true });
  tidy(copy);
  mkdirSync(cache, { recursive: true });
  writeFileSync(kept, JSON.stringify(known));
  return known;
}

/** Whether a file of tests notices the fault that is in the copy. */
export async function notices(copy: Copy, test: string, { ms }: Known): Promise<boolean> {
  const noticed = !(await passes({ copy, test, msMax: Math.max(TEST_MS_MIN, TEST_TIMES_MAX * ms) }));
  tidy(copy);
  return noticed;
}
