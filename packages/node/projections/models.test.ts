import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Agreement,
  type Approval,
  addressOfPrivateKey,
  approvalDigest,
  approvalPayload,
  fromHex,
  type Hex,
  labelPayload,
  type ModelIdentity,
  modelChangePayload,
  modelHash,
  modelPayload,
  policyHash,
  type StatementKind,
  signDigest,
  signStatement,
  toHex,
  withParameters,
} from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { agreement as example } from '@trine/protocol/testing/values.ts';
import { passes } from '../lifecycle/lifecycle.ts';
import type { Trial } from '../lifecycle/shadow.ts';
import { ModelRegistry } from './models.ts';
import { type Entry, NO_UNDO, Undo } from './projection.ts';

const signer = temporarySigner();
const payer = new Uint8Array(32).fill(1);
const recipient = new Uint8Array(32).fill(2);
const terms: Agreement = {
  ...example,
  parties: [
    { role: 'payer', name: 'Payer', address: addressOfPrivateKey(payer) },
    { role: 'recipient', name: 'Recipient', address: addressOfPrivateKey(recipient) },
  ],
};
const agreement = policyHash(terms);
const other = withParameters(terms.model, { thresholdPpm: { x: 1 } });
const startMs = terms.period.startMs;

async function fill(
  said: readonly [StatementKind, Uint8Array][],
  book: ModelRegistry = new ModelRegistry(),
  { undo = NO_UNDO, from = 0 }: { readonly undo?: Pick<Undo, 'push'>; readonly from?: number } = {},
): Promise<ModelRegistry> {
  for (const [n, [kind, payload]] of said.entries()) {
    const index = from + n;
    const statement = await signStatement(signer, {
      kind,
      subject: 'thing/1',
      network: terms.network,
      epoch: 0,
      seq: index,
      ...(index > 0 && { prev: new Uint8Array(32) }),
      clock: 'synchronised',
      class: 'software',
      contentType: 'application/cbor',
      payload,
    });
    const entry = { kind, index, arrivalMs: startMs + index, statement: () => statement } as Entry;
    book.apply(entry, undo);
  }
  return book;
}

function word(
  key: Uint8Array,
  vote: Approval['vote'],
  atMs: number,
  change: Partial<Approval> = {},
): [StatementKind, Uint8Array] {
  const said = { agreement, model: modelHash(other), vote, atMs };
  const domain = { chainId: BigInt(terms.money.chainId), verifyingContract: terms.money.contract as Hex };
  const signature = fromHex(signDigest(approvalDigest(said, domain), key).slice(2));
  const party = addressOfPrivateKey(key);
  return ['approval', approvalPayload.encode({ trine: 'approval/1', ...said, party, signature, ...change })];
}

const change = (model: ModelIdentity, fromMs: number): [StatementKind, Uint8Array] => [
  'model-change',
  modelChangePayload.encode({
    trine: 'model-change/1',
    agreement,
    fromMs,
    model,
    before: modelHash(terms.model),
    cause: 'promotion',
    approvals: [],
    facts: {},
  }),
];
const deciding = (book: ModelRegistry, fromMs: number) =>
  toHex(modelHash(book.active(terms, agreement, fromMs).identity));
const [before, after] = [modelHash(terms.model), modelHash(other)].map(toHex);

test('a succession counts from its window on, where every party approved before it', async () => {
  const book = await fill([word(payer, 'approve', 1), word(recipient, 'approve', 1), change(other, startMs + 60_000)]);
  assert.equal(deciding(book, startMs), before);
  assert.equal(deciding(book, startMs + 60_000), after);
});

test('it counts for nothing where a party is silent, forged, refused last, or spoke too late', async () => {
  const forged = word(payer, 'approve', 2, { party: addressOfPrivateKey(recipient) });
  const altered = word(recipient, 'approve', 2, { atMs: 3 });
  const cases: Record<string, [StatementKind, Uint8Array][]> = {
    silent: [word(payer, 'approve', 1)],
    'signed by the other': [word(payer, 'approve', 1), forged],
    'signed for another time': [word(payer, 'approve', 1), altered],
    'refused after approving': [word(payer, 'approve', 1), word(recipient, 'approve', 1), word(recipient, 'reject', 2)],
    'an old approval sealed again after the refusal': [
      word(payer, 'approve', 1),
      word(recipient, 'reject', 2),
      word(recipient, 'approve', 1),
    ],
  };
  for (const [what, said] of Object.entries(cases)) {
    const book = await fill([...said, change(other, startMs)]);
    assert.equal(deciding(book, startMs), before, what);
  }
  const late = await fill([word(payer, 'approve', 1), change(other, startMs), word(recipient, 'approve', 1)]);
  assert.equal(deciding(late, startMs), before, 'approved only after the succession');
  const { modelChange: _, ...fixed } = terms;
  const unruly = await fill([word(payer, 'approve', 1), word(recipient, 'approve', 1), change(other, startMs)]);
  assert.equal(
    toHex(modelHash(unruly.active(fixed, agreement, startMs).identity)),
    before,
    'the terms have no rule for it',
  );
});

test('a succession that was staged and not appended is forgotten, also where somebody looked meanwhile', async () => {
  const book = await fill([word(payer, 'approve', 1), word(recipient, 'approve', 1)]);
  const undo = new Undo();
  await fill([change(other, startMs)], book, { undo, from: 2 });
  assert.equal(deciding(book, startMs), after);
  undo.rollback();
  await fill([change(terms.model, startMs)], book, { from: 2 });
  assert.equal(deciding(book, startMs), before);
  assert.equal(book.modelChangesOf(terms, agreement).length, 1);
});

test('back to the model of the terms needs nobody’s approval', async () => {
  const book = await fill([
    word(payer, 'approve', 1),
    word(recipient, 'approve', 1),
    change(other, startMs),
    change(terms.model, startMs + 60_000),
  ]);
  assert.deepEqual([deciding(book, startMs), deciding(book, startMs + 60_000)], [after, before]);
});

test('parameters come from the first registration; a member’s newest word on a decision counts', async () => {
  const registration = (purpose: string): [StatementKind, Uint8Array] => [
    'model',
    modelPayload.encode({
      trine: 'model/1',
      domain: terms.domain,
      identity: other,
      parameters: '{"thresholdPpm":{"x":1}}',
      card: { purpose, data: '', split: '', metric: '', result: '', limits: '', licence: '' },
    }),
  ];
  const label = (assessment: 'right' | 'wrong'): [StatementKind, Uint8Array] => [
    'label',
    labelPayload.encode({
      trine: 'label/1',
      decision: new Uint8Array(32).fill(7),
      assessment,
      by: 'Ada',
      note: '',
    }),
  ];
  const book = await fill([registration('first'), registration('second'), label('right'), label('wrong')]);
  assert.equal(book.get(after as string)?.model.card.purpose, 'first');
  assert.deepEqual(book.deciding(other).parameters, { thresholdPpm: { x: 1 } });
  assert.deepEqual(book.deciding(terms.model).parameters, {});
  const [[id, newest] = []] = book.labelled();
  assert.equal(id, '07'.repeat(32));
  assert.deepEqual(
    newest?.map((one) => one.label.assessment),
    ['wrong'],
  );
});

test('the rule of promotion: long enough, not too different, and no worse in people’s eyes', () => {
  const rule = { shadowsMin: 20, differencesMaxPpm: 100_000 };
  const trial: Trial = {
    obligations: 20,
    differences: 2,
    excused: 0,
    amountActive: 0,
    amountShadow: 0,
    labels: 4,
    rightActive: 2,
    rightShadow: 3,
  };
  assert.ok(passes(trial, rule));
  assert.ok(!passes({ ...trial, obligations: 19 }, rule));
  assert.ok(!passes({ ...trial, differences: 3 }, rule));
  assert.ok(passes({ ...trial, differences: 3, excused: 1 }, rule), 'where people hold it right, a difference is none');
  assert.ok(!passes({ ...trial, rightShadow: 1 }, rule));
});
