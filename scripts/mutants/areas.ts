// What faults are planted in, and which tests are to notice them.
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root: string = fileURLToPath(new URL('../..', import.meta.url));

export interface Area {
  readonly name: string;
  /** Paths from the root. */
  readonly sources: readonly string[];
  readonly tests: readonly string[];
}

/** A place in a source and what is written there instead. */
export interface Fault {
  readonly file: string;
  /** Offsets in UTF-16 units, in the file as it stands and without its types alike. */
  readonly start: number;
  readonly end: number;
  readonly instead: string;
  /** Where whatever is changed begins: a test that never comes here cannot notice. */
  readonly at: number;
}

/** Tests that hold the figures of any change, right or wrong: they would notice everything. */
const REFUSE_ANY_CHANGE: readonly string[] = [
  'contracts/test/artifacts.test.ts',
  'contracts/test/gas.test.ts',
  'contracts/test/settlement-gas.test.ts',
];

const files = (...patterns: string[]): string[] =>
  patterns.flatMap((pattern) => globSync(pattern, { cwd: root, exclude: ['**/node_modules/**'] }).sort());

const sources = (...folders: string[]): string[] =>
  files(...folders.map((folder) => `${folder}/**/*.ts`)).filter(
    (file) => !/\.test\.ts$|\/testing\/|\/checks\/|index\.ts$|\/guest-code\.ts$/.test(file),
  );

const tests = (...patterns: string[]): string[] =>
  files(...patterns).filter((file) => !REFUSE_ANY_CHANGE.includes(file));

export const areas: readonly Area[] = [
  {
    name: 'engine',
    // Without what is a part of bundles alone: scripts/bundles.ts builds them, and refuses any change.
    sources: sources('packages/engine').filter((file) => !/\/abi\/(describe|guest|limits|protocol)\.ts$/.test(file)),
    tests: tests('packages/engine/**/*.test.ts', 'domains/**/*.test.ts'),
  },
  {
    name: 'settle',
    sources: sources('packages/node/settle', 'packages/node/codecide'),
    tests: tests(
      'packages/node/{settle,codecide,evidence,lifecycle}/**/*.test.ts',
      'packages/node/serve/routes/{acts,payments}.test.ts',
    ),
  },
  {
    name: 'evidence',
    sources: sources('packages/protocol/evidence', 'packages/node/evidence', 'packages/protocol/evm'),
    tests: tests(
      'packages/protocol/**/*.test.ts',
      'packages/node/{evidence,settle,codecide}/**/*.test.ts',
      'contracts/test/positions.test.ts',
    ),
  },
  {
    name: 'authorize',
    sources: ['packages/protocol/authorize.ts', 'packages/protocol/payloads/permission.ts'],
    tests: tests('packages/protocol/**/*.test.ts', 'packages/node/ingest/*.test.ts'),
  },
  {
    name: 'contracts',
    sources: files('contracts/src/*.sol', 'contracts/src/libraries/*.sol'),
    tests: tests('contracts/test/*.test.ts'),
  },
  {
    name: 'admission',
    sources: ['packages/node/ingest/admission.ts'],
    tests: tests('packages/node/ingest/*.test.ts', 'packages/node/projections/**/*.test.ts'),
  },
];
