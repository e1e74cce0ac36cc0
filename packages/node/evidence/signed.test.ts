// Who signed an agreement, and how it ended, in the evidence of what was decided under it: what is not shown is assumed, and
// what is shown must hold.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replayWith } from '@trine/engine';
import {
  type Agreement,
  addressOfPrivateKey,
  consentPayload,
  decisionId,
  fromHex,
  hexOf,
  policyEndDigest,
  policyEndPayload,
  policyHash,
  signDigest,
  verifyEvidence,
} from '@trine/protocol';
import { Parts } from '../testing/parts.ts';
import { T0 } from '../testing/world.ts';
import { buildEvidence } from './build.ts';

const keys = { payer: new Uint8Array(32).fill(51), recipient: new Uint8Array(32).fill(52) };
type Role = keyof typeof keys;

/** An agreement of two people, and one window decided under it. @param between what is said before it is decided */
async function decided(between: (parts: Parts, agreement: Agreement, id: Uint8Array) => Promise<unknown>) {
  const parts = await Parts.open();
  const agreement = parts.agreement({
    parties: (['payer', 'recipient'] as const).map((role) => ({
      ...{ role, name: role, address: addressOfPrivateKey(keys[role]) },
    })),
  });
  const { id } = await parts.propose(agreement);
  await between(parts, agreement, id as Uint8Array);
  await parts.say([{ atMs: 1_000 }, { atMs: 2_000 }]);
  const [decision] = await parts.decideAt(12_000);
  await parts.does(parts.projections.runner.flush());
  return { parts, agreement, id: id as Uint8Array, decision };
}

const consent = (parts: Parts, agreement: Agreement, id: Uint8Array, role: Role) =>
  parts.does(
    parts.identities.member.issue(
      'consent',
      agreement.subject,
      consentPayload.encode({
        ...{ trine: 'consent/1', policy: policyHash(agreement), agreement: id, role },
        signature: fromHex(signDigest(hexOf(id), keys[role])),
      }),
    ),
  );

const end = (parts: Parts, agreement: Agreement, id: Uint8Array, fromMs: number) =>
  parts.does(
    parts.identities.member.issue(
      'policy-end',
      agreement.subject,
      policyEndPayload.encode({
        ...{ trine: 'policy-end/1', policy: policyHash(agreement), fromMs, reason: 'Sold' },
        by: { role: 'payer', signature: fromHex(signDigest(policyEndDigest(id, fromMs, agreement.money), keys.payer)) },
      }),
    ),
  );

async function report(parts: Parts, decision: Parameters<typeof decisionId>[0]) {
  const options = {
    ...parts.sources,
    ...{ log: parts.log, policies: parts.projections.policies },
    settler: { payment: async () => undefined, settledBatch: async () => undefined },
  };
  const file = await parts.does(buildEvidence(options, decisionId(decision)));
  const found = await verifyEvidence(file, { network: parts.genesis.network, replay: replayWith(parts.domains) });
  const step = found.steps.find(({ name }) => name === 'agreement')?.detail ?? '';
  return { verdict: found.verdict, step, assumed: found.assumptions.join('\n') };
}

test('who signed is said, and who did not is assumed to have agreed', async (t) => {
  for (const roles of [[], ['recipient'], ['payer', 'recipient']] as Role[][]) {
    const { parts, decision } = await decided(async (given, agreement, id) => {
      for (const role of roles) await consent(given, agreement, id, role);
    });
    t.after(() => parts.close());
    const { verdict, step, assumed } = await report(parts, decision ?? assert.fail());
    assert.equal(verdict, 'trusted');
    assert.equal(/signed by (.*)$/.exec(step)?.[1], roles.length > 0 ? roles.join(' and ') : undefined);
    const missing = (['payer', 'recipient'] as const).filter((role) => !roles.includes(role));
    assert.equal(
      /That the (.*) agreed to the terms/.exec(assumed)?.[1],
      missing.length > 0 ? missing.join(' and the ') : undefined,
    );
  }
});

test('an end is shown, and nothing is decided on what began after it', async (t) => {
  const { parts, decision } = await decided((given, agreement, id) => end(given, agreement, id, T0 + 5_000));
  t.after(() => parts.close());
  const { verdict, step } = await report(parts, decision ?? assert.fail());
  assert.deepEqual([verdict, /; ended later$/.test(step)], ['trusted', true], step);
  await parts.say([{ atMs: 13_000 }, { atMs: 14_000 }]);
  assert.deepEqual(await parts.decideAt(30_000), []);
});
