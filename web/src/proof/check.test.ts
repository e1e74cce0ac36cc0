// Golden evidence, checked as the console does it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Domain } from '@trine/core/flow/domain.ts';
import { Contents } from '@trine/core/protocol/evidence/contents.ts';
import { decodeEvidence } from '@trine/core/protocol/evidence/format.ts';
import { termsPayload } from '@trine/core/protocol/payloads/agreement.ts';
import { parseNetwork } from '@trine/core/protocol/payloads/network.ts';
import { serviceLevelModel } from '@trine/service-level/identity.ts';
import { serviceLevel } from '@trine/service-level/index.ts';
import { checkFile } from './check.ts';

const read = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../../vectors/evidence/${name}`, import.meta.url)));
const network = parseNetwork(new TextDecoder().decode(read('network.json')));
const domain = serviceLevel(serviceLevelModel());
/** The model the golden files were decided with, which need not be today's. */
const agreed = termsPayload.decode(
  new Contents(decodeEvidence(read('payment.trine'))).only('agreement').statement.payload,
).model;

const withModel = (model: Domain['model']): Domain => ({ ...domain, model });

for (const about of ['decision', 'payment'] as const)
  test(`a ${about} of a domain that is not carried here holds, and says that it was not computed again`, () => {
    const file = read(`${about}.trine`);
    const report = checkFile(file, network, [{ ...domain, name: 'weather' }]);
    assert.equal(report.verdict, 'trusted');
    assert.deepEqual(
      report.steps.filter(({ status }) => status !== 'ok').map(({ name, status }) => [name, status]),
      [['replay', 'not-checked']],
    );
    assert.match(report.steps.find(({ name }) => name === 'replay')?.detail ?? '', /service-level.*trine verify/);
    assert.match(report.assumptions.join('\n'), /not computed again here/);
    assert.equal(checkFile(file, undefined, []).verdict, 'consistent');
  });

for (const field of ['code', 'configuration'] as const)
  test(`a model of another ${field} fails, and the reader is told what to do`, () => {
    const other = withModel(() => ({ ...agreed, [field]: '0'.repeat(64) }));
    const report = checkFile(read('payment.trine'), network, [other]);
    assert.equal(report.verdict, 'broken');
    const failed = report.steps.find(({ status }) => status === 'failed');
    assert.equal(failed?.name, 'replay');
    assert.match(failed?.detail ?? '', /Check the file with the release of Trine whose model the agreement names/);
    assert.ok(!report.assumptions.some((each) => /not computed again/.test(each)));
  });

test('a reading has nothing to compute again', () => {
  const report = checkFile(read('reading.trine'), network, [domain]);
  assert.equal(report.verdict, 'trusted');
  assert.ok(report.steps.every(({ status }) => status === 'ok'));
  assert.ok(!report.assumptions.some((each) => /not computed again/.test(each)));
});
