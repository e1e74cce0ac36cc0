// Who let a model decide: a succession that the parties approved, of this agreement, model and name, in force in time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex } from '../../bytes.ts';
import { addressOfPrivateKey, signDigest } from '../../evm/secp256k1.ts';
import type { Hex } from '../../evm/words.ts';
import { contentTypeOf } from '../../kinds.ts';
import type { Decision } from '../../payloads/decision.ts';
import {
  type Approval,
  approvalDigest,
  approvalPayload,
  type ModelChange,
  modelChangePayload,
  modelHash,
} from '../../payloads/model.ts';
import type { Agreement, Monitor } from '../../payloads/policy.ts';
import { encodeStatementLeaf } from '../../statement/leaf.ts';
import { signStatement } from '../../statement/statement.ts';
import { temporarySigner } from '../../testing/signer.ts';
import { agreement as anyAgreement, decision as anyDecision, monitor } from '../../testing/values.ts';
import { signCheckpoint } from '../../tlog/checkpoint.ts';
import { Contents } from '../contents.ts';
import type { Verification } from '../verification.ts';
import { verifyModel } from './model.ts';

const ORIGIN = 'example.org/log';
const member = temporarySigner();
const keys = { payer: new Uint8Array(32).fill(5), recipient: new Uint8Array(32).fill(6) };
const terms: Agreement = {
  ...anyAgreement,
  parties: anyAgreement.parties.map((one) => ({ ...one, address: addressOfPrivateKey(keys[one.role as 'payer']) })),
};
const id = new Uint8Array(32).fill(9);
const model = { ...terms.model, name: 'newer', version: '2', configuration: '55'.repeat(32) };
const { obligation } = anyDecision;
const domain = { chainId: BigInt(terms.money.chainId), verifyingContract: terms.money.contract as Hex };

function approval(role: keyof typeof keys, more: Partial<Approval> = {}): Approval {
  const said = { agreement: id, model: modelHash(model), vote: 'approve' as const, atMs: 1_000, ...more };
  const signature = fromHex(signDigest(approvalDigest(said, domain), keys[role]));
  return { trine: 'approval/1', ...said, party: addressOfPrivateKey(keys[role]), signature, ...more };
}
const change: ModelChange = {
  trine: 'model-change/1',
  ...{ agreement: id, fromMs: obligation.fromMs, model, before: modelHash(terms.model) },
  ...{ cause: 'promotion', approvals: [], facts: {} },
};

interface Given {
  readonly approvals?: readonly Approval[];
  readonly change?: Partial<ModelChange>;
  readonly decision?: Partial<Decision>;
  readonly late?: readonly Approval[];
  readonly terms?: Agreement | Monitor;
}

/** What the step says of a file with these approvals, the succession, and what was approved after it. */
async function verified(given: Given = {}) {
  const { approvals = [approval('payer'), approval('recipient')], late = [] } = given;
  const sign = (kind: 'approval' | 'model-change', payload: Uint8Array) =>
    signStatement(member, {
      ...{ kind, payload, subject: terms.subject, network: terms.network, epoch: 0, seq: 0 },
      ...{ clock: 'synchronised', class: 'software', contentType: contentTypeOf(kind) },
    });
  const statements = await Promise.all([
    ...approvals.map((one) => sign('approval', approvalPayload.encode(one))),
    sign('model-change', modelChangePayload.encode({ ...change, ...given.change })),
    ...late.map((one) => sign('approval', approvalPayload.encode(one))),
  ]);
  const leaves = statements.map(({ bytes }, index) => ({ index, leaf: encodeStatementLeaf(10_000 + index, bytes) }));
  const { note: checkpoint } = signCheckpoint(
    { origin: ORIGIN, size: leaves.length, root: new Uint8Array(32) },
    member.publicKey.raw,
    (message) => member.sign(message) as Uint8Array,
  );
  const contents = new Contents({ logs: [{ checkpoint, leaves, proof: [], bodies: [] }] });
  const accountedFor = new Set<number>();
  const verification = { contents, accountedFor, assumptions: [] } as unknown as Verification;
  const decision = { ...anyDecision, agreement: id, model, ...given.decision };
  return { ...verifyModel(verification, decision, given.terms ?? terms), accountedFor: [...accountedFor].sort() };
}

test('a model that the parties approved decides from the succession on, and all that let it is accounted for', async () => {
  const { detail, accountedFor, parameters } = await verified();
  assert.match(detail, /^newer 2 \([0-9a-f]{12}…\), approved by the parties, in force since 2026-/);
  assert.deepEqual(accountedFor, [0, 1, 2]);
  assert.deepEqual(parameters, {});
});

test('what a model is called is what the parties call it', async () => {
  for (const name of [{ name: 'other' }, { version: '3' }]) {
    await assert.rejects(
      verified({ decision: { model: { ...model, ...name } } }),
      /; what put it in force calls it newer 2/,
    );
    const named = { ...terms.model, ...name };
    await assert.rejects(verified({ decision: { model: named } }), /; the terms calls it service-level 1/);
  }
  const { detail } = await verified({ decision: { model: terms.model } });
  assert.equal(detail, 'service-level 1, named in the terms');
});

test('an approval that is missing, rejected, of something else, or later than the succession lets nothing decide', async () => {
  const payer = approval('payer');
  const recipient = approval('recipient');
  const no = /The model may not decide: Customer \(recipient\) did not approve it/;
  const spoiled = recipient.signature.with(3, (recipient.signature[3] as number) ^ 1);
  for (const approvals of [
    [payer],
    [payer, { ...recipient, signature: spoiled }],
    [payer, { ...recipient, signature: payer.signature }],
    [payer, approval('recipient', { vote: 'reject' })],
    [payer, recipient, approval('recipient', { vote: 'reject', atMs: 2_000 })],
    [payer, approval('recipient', { model: modelHash(terms.model) })],
    [payer, approval('recipient', { agreement: new Uint8Array(32) })],
  ])
    await assert.rejects(verified({ approvals }), no);
  await assert.rejects(verified({ approvals: [payer], late: [recipient] }), no);
  // The newest vote counts, not the last in the log.
  await verified({ approvals: [payer, recipient, approval('recipient', { vote: 'reject', atMs: 999 })] });
  const { modelChange: _, ...fixed } = terms;
  await assert.rejects(verified({ terms: fixed }), /allow no other model than the one they name/);
});

test('a succession is of this agreement and model, and in force before the window', async () => {
  await assert.rejects(verified({ change: { agreement: new Uint8Array(32) } }), /is of another agreement/);
  const other = { ...model, code: '66'.repeat(32) };
  await assert.rejects(verified({ change: { model: other } }), /names another model/);
  await assert.rejects(verified({ change: { fromMs: obligation.fromMs + 1 } }), /only after this window/);
  const cuts = [{ origin: ORIGIN, index: 2, atMs: 0 }];
  await assert.rejects(verified({ decision: { cuts } }), /only after this window/);
  const monitored = { ...monitor, modelChange: undefined } as unknown as Monitor;
  await assert.rejects(verified({ terms: monitored }), /The monitor names another model/);
});
