import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokenRules, sourceFiles } from './rules.ts';

test('the project keeps its house rules', () => {
  assert.deepEqual(brokenRules(sourceFiles()), []);
});

const cases: readonly [string, string, string, RegExp][] = [
  [
    'packages/models/x.test.ts',
    `import '@trine/service-level/index.ts';`,
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
  ['packages/protocol/x.test.ts', `enum A { B }`, 'an enum', /no enums/],
  ['packages/node/x.ts', `export const a = 1;`, 'a file nobody imports', /imported by nothing/],
  ['packages/node/x.test.ts', '\n'.repeat(500), 'an endless file', /split it/],
  ['domains/new/index.ts', `import '@trine/engine/domain.ts';`, 'a domain without its files', /same files/],
];

for (const [path, text, what, expected] of cases)
  test(`found: ${what}`, () => {
    assert.ok(
      brokenRules([{ path, text }]).some((problem) => expected.test(problem)),
      brokenRules([{ path, text }]).join('\n'),
    );
  });
