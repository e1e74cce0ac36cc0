import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brokenRules, sourceFiles } from './rules.ts';

test('the project keeps its house rules', () => {
  assert.deepEqual(brokenRules(sourceFiles()), []);
});

const cases: readonly [string, string, string, RegExp][] = [
  ['core/ai/x.test.ts', `import '@trine/service-level/index.ts';`, 'core importing a domain', /core imports neither/],
  ['core/protocol/x.test.ts', `import '../log/log.ts';`, 'protocol importing another part', /protocol imports nothing/],
  ['core/log/fsck/x.ts', `import '../tree.ts';`, 'fsck importing the writer', /fsck shares no code/],
  ['domains/a/x.test.ts', `import '../b/index.ts';`, 'a domain importing another', /never import each other/],
  ['sdk/ts/x.ts', `import '@trine/core/log/log.ts';`, 'the device library importing the log', /protocol only/],
  ['core/ai/x.test.ts', `const a = Math.random();`, 'unseeded randomness', /randomness/],
  ['core/ai/x.ts', `export const a = Date.now();`, 'a clock in a model', /time is given/],
  ['core/protocol/x.test.ts', `enum A { B }`, 'an enum', /no enums/],
  ['core/flow/x.ts', `export const a = 1;`, 'a file nobody imports', /imported by nothing/],
  ['core/flow/x.test.ts', '\n'.repeat(500), 'an endless file', /split it/],
  ['domains/new/index.ts', `import '@trine/core/flow/domain.ts';`, 'a domain without its files', /same files/],
];

for (const [path, text, what, expected] of cases)
  test(`found: ${what}`, () => {
    assert.ok(
      brokenRules([{ path, text }]).some((problem) => expected.test(problem)),
      brokenRules([{ path, text }]).join('\n'),
    );
  });
