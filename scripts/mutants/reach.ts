// Which tests can come to a file at all, and how near to it they stand.
import { basename, dirname } from 'node:path';
import { importsOf, type SourceFile, sourceFiles } from '../rules.ts';
import { solidityImports } from './solidity.ts';

export interface Reach {
  /** How many imports lie between a test and the file, by path of the test; tests that never load it are missing. */
  distances(file: string): ReadonlyMap<string, number>;
  /** The path itself, and all of ours that it loads. */
  closure(path: string): ReadonlySet<string>;
  readonly textOf: ReadonlyMap<string, string>;
}

/** What a file needs beyond its imports: compiled contracts, which are read by their name, and what is built. */
function needsOf({ path, text }: SourceFile, contracts: ReadonlyMap<string, string>): string[] {
  if (path.endsWith('.sol')) return solidityImports(path, text);
  const built = path === 'packages/engine/sandbox/guest-code.ts' ? ['packages/engine/sandbox/guest.ts'] : [];
  const named = path.startsWith('contracts/test/')
    ? [...text.matchAll(/'(\w+)'/g)].flatMap(([, name = '']) => contracts.get(name) ?? [])
    : [];
  return [...importsOf({ path, text: withoutTypeImports(text) }), ...built, ...named];
}

/** Types are gone when a test runs. */
const withoutTypeImports = (text: string): string => text.replaceAll(/^(?:import|export) type [^;]*;/gm, '');

/** The imports of the whole project, read once. */
export function readReach(): Reach {
  const files = sourceFiles();
  const contracts = new Map(
    files.filter(({ path }) => path.endsWith('.sol')).map(({ path }) => [basename(path, '.sol'), path]),
  );
  const needs = new Map(files.map((file) => [file.path, needsOf(file, contracts)]));
  const neededBy = new Map<string, string[]>();
  for (const [path, all] of needs)
    for (const one of all) {
      const others = neededBy.get(one);
      if (others) others.push(path);
      else neededBy.set(one, [path]);
    }
  const walk = (from: string, next: ReadonlyMap<string, readonly string[]>): Map<string, number> => {
    const found = new Map([[from, 0]]);
    for (const [path, distance] of found)
      for (const other of next.get(path) ?? []) if (!found.has(other)) found.set(other, distance + 1);
    return found;
  };
  return {
    distances: (file) => new Map([...walk(file, neededBy)].filter(([path]) => path.endsWith('.test.ts'))),
    closure: (path) => new Set(walk(path, needs).keys()),
    textOf: new Map(files.map(({ path, text }) => [path, text])),
  };
}

/** Whether a test stands beside the file and has its name. */
export const isBeside = (test: string, file: string): boolean =>
  dirname(test) === dirname(file) && basename(test).startsWith(basename(file).replace(/\.\w+$/, ''));
