import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokenRules, sourceFiles } from './rules.ts';

test('the project keeps its house rules', () => {
  assert.deepEqual(brokenRules(sourceFiles()), []);
});

const cases: readonly [string, string, string, RegExp][] = [
  [
    'packages/models/x.test.ts',
    `import '@trine/domains/service-level/index.ts';`,
    'a package importing a domain',
    /models import protocol only/,
  ],
  [
    'packages/protocol/x.test.ts',
    `import '../log/log.ts';`,
    'protocol importing another part',
    /protocol imports nothing/,
  ],
  ['packages/log/fsck/x.ts', `import '../tree.ts';`, 'fsck importing the writer', /fsck shares no code/],
  ['domains/a/x.test.ts', `import '../b/index.ts';`, 'a domain importing another', /never import each other/],
  ['sdk/ts/x.ts', `import '@trine/log/log.ts';`, 'the device library importing the log', /protocol only/],
  ['packages/models/x.test.ts', `const a = Math.random();`, 'unseeded randomness', /randomness/],
  ['packages/models/x.ts', `export const a = Date.now();`, 'a clock in a model', /time is given/],
  ['packages/node/decide/x.ts', `import { readFileSync } from 'node:fs';`, 'a disk that is not given', /is given/],
  ['packages/log/x.ts', `setTimeout(() => 1, 5);`, 'a timer that is not given', /is given/],
  ['packages/ledger/x.ts', `const a = randomBytes(5);`, 'chance that is not given', /is given/],
  ['packages/protocol/x.test.ts', `enum A { B }`, 'an enum', /no enums/],
  ['packages/node/x.ts', `export const a = 1;`, 'a file nobody imports', /imported by nothing/],
  ['packages/node/x.test.ts', '\n'.repeat(500), 'an endless file', /split it/],
  ['cli/x.ts', 'const said = `$' + '{found.size} members`;', 'a word that is wrong for one', /there may be one/],
  ['web/src/x.tsx', '<p>{formatCount(leaves)} leaves</p>', 'such a word in the console', /there may be one/],
  [
    'domains/new/index.ts',
    `import '@trine/engine/domain.ts';`,
    'a domain without its files',
    /new\/terms\.ts is missing/,
  ],
  ['domains/new/index.ts', `export const a = 1;`, 'a domain without data', /new\/fixtures\/ is missing/],
  [
    'domains/new/fixtures/day.csv',
    `time,value`,
    'data that no test of the domain reads',
    /day\.csv is read by no test/,
  ],
];

test('kept: a domain with its files, and a test that reads its data', () => {
  const files = [
    ...['engine', 'index', 'manifest', 'panels', 'routes', 'simulate', 'terms', 'things', 'triggers'].map((name) => ({
      path: `domains/new/${name}.ts`,
      text: '',
    })),
    { path: 'domains/new/README.md', text: '' },
    { path: 'domains/new/domain.test.ts', text: `read('fixtures/day.csv')` },
    { path: 'domains/new/fixtures/day.csv', text: '' },
  ];
  assert.deepEqual(
    brokenRules(files).filter((problem) => !problem.includes('imported by nothing')),
    [],
  );
});

for (const [path, text, what, expected] of cases)
  test(`found: ${what}`, () => {
    assert.ok(
      brokenRules([{ path, text }]).some((problem) => expected.test(problem)),
      brokenRules([{ path, text }]).join('\n'),
    );
  });
