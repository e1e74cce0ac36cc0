// Golden evidence, checked as the console does it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { domains } from '@trine/domains';
import { Domains } from '@trine/engine';
import { agreementPayload, Contents, decodeEvidence, type ModelIdentity, parseNetwork } from '@trine/protocol';
import { checkFile } from './check.ts';

const read = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../../vectors/evidence/${name}`, import.meta.url)));
const network = parseNetwork(new TextDecoder().decode(read('network.json')));
/** What the golden files were decided with, which need not be today's. */
const agreed = agreementPayload.decode(
  new Contents(decodeEvidence(read('payment.trine'))).only('agreement').statement.payload,
);
const carrying = (identity: ModelIdentity) =>
  new Domains(
    domains.filter(({ manifest }) => manifest.name === agreed.domain).map((domain) => ({ domain, identity })),
  );

for (const about of ['decision', 'payment'] as const)
  for (const [what, carried] of [
    ['a domain that is not carried here', new Domains([])],
    ['a model of other code', carrying({ ...agreed.model, code: '0'.repeat(64) })],
    ['a model configured otherwise', carrying({ ...agreed.model, configuration: '0'.repeat(64) })],
  ] as const)
    test(`a ${about} of ${what} is trusted without replay at best, and says that it was not computed again`, async () => {
      const report = await checkFile(read(`${about}.trine`), network, carried);
      assert.equal(report.verdict, about === 'payment' ? 'members-word' : 'trusted-without-replay');
      assert.deepEqual(
        report.steps.filter(({ status }) => status !== 'ok').map(({ name, status }) => [name, status]),
        [['replay', 'not-checked']],
      );
      assert.match(
        report.steps.find(({ name }) => name === 'replay')?.detail ?? '',
        /is not installed here|release that has|other parameters/,
      );
    });

test('a reading has nothing to compute again', async () => {
  const report = await checkFile(read('reading.trine'), network, carrying(agreed.model));
  assert.equal(report.verdict, 'trusted');
  assert.ok(report.steps.every(({ status }) => status === 'ok'));
  assert.ok(!report.assumptions.some((each) => /not computed again/.test(each)));
});
