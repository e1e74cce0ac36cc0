// Golden evidence, checked as the console does it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Domain } from '@trine/engine/domain.ts';
import { agreementPayload, Contents, decodeEvidence, parseNetwork } from '@trine/protocol';
import { serviceLevelModel } from '@trine/service-level/identity.ts';
import { serviceLevel } from '@trine/service-level/index.ts';
import { checkFile } from './check.ts';

const read = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../../vectors/evidence/${name}`, import.meta.url)));
const network = parseNetwork(new TextDecoder().decode(read('network.json')));
const domain = serviceLevel(serviceLevelModel());
/** The model the golden files were decided with, which need not be today's. */
const agreed = agreementPayload.decode(
  new Contents(decodeEvidence(read('payment.trine'))).only('agreement').statement.payload,
).model;

const withModel = (model: Domain['model']): Domain => ({ ...domain, model });

for (const about of ['decision', 'payment'] as const)
  for (const [what, carried] of [
    ['a domain that is not carried here', { ...domain, name: 'weather' }],
    ['a model of other code', withModel(() => ({ ...agreed, code: '0'.repeat(64) }))],
    ['a model configured otherwise', withModel(() => ({ ...agreed, configuration: '0'.repeat(64) }))],
  ] as const)
    test(`a ${about} of ${what} is consistent, and says that it was not computed again`, () => {
      const report = checkFile(read(`${about}.trine`), network, [carried]);
      assert.equal(report.verdict, 'consistent');
      assert.deepEqual(
        report.steps.filter(({ status }) => status !== 'ok').map(({ name, status }) => [name, status]),
        [['replay', 'not-checked']],
      );
      assert.match(
        report.steps.find(({ name }) => name === 'replay')?.detail ?? '',
        /Not computed again: .* once more|release that has/,
      );
      assert.match(report.assumptions.join('\n'), /not computed again here/);
    });

test('a reading has nothing to compute again', () => {
  const report = checkFile(read('reading.trine'), network, [domain]);
  assert.equal(report.verdict, 'trusted');
  assert.ok(report.steps.every(({ status }) => status === 'ok'));
  assert.ok(!report.assumptions.some((each) => /not computed again/.test(each)));
});
