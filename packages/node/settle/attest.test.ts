// Co-deciding: who signs an intent computed the decision again, and signs nothing else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Domains } from '@trine/engine';
import {
  addressOfPrivateKey,
  hexOf,
  type Intent,
  type IntentEntry,
  intentDigest,
  recoverAddress,
  StepError,
} from '@trine/protocol';
import { buildEvidence } from '../evidence/build.ts';
import { openSettling, type Settling } from '../testing/settling.ts';
import { CosignError, cosign } from './attest.ts';

let settling: Settling;
let intent: Intent;
let about: (id: Uint8Array) => Promise<Uint8Array>;
let decision: Uint8Array;
const key = new Uint8Array(32).fill(7);

before(async () => {
  settling = await openSettling();
  const { parts, decisions, settler } = settling;
  await parts.does(decisions.propose(parts.agreement()));
  await parts.say([{ atMs: 1_000 }]);
  await parts.decideAt(12_000);
  await settling.settle();
  const [row] = await parts.does(parts.store.query('SELECT digest, decision FROM intents'));
  decision = row?.decision as Uint8Array;
  intent = (await parts.does(settler.payment(row?.digest as Uint8Array)))?.intent as Intent;
  const options = { ...parts.sources, log: parts.log, settler, policies: parts.projections.policies };
  about = (id) => parts.does(buildEvidence(options, id));
});
after(() => settling.close());

const signing = (evidence: Uint8Array, what: Intent, more: { domains?: Domains; id?: string } = {}) => {
  const { network } = settling.parts.genesis;
  return cosign(evidence, what, { network, domains: more.domains ?? settling.parts.domains, key });
};

test('of a decision that holds, the intent that it orders is signed', async () => {
  const signature = await signing(await about(decision), intent);
  assert.equal(signature.length, 65);
  assert.equal(recoverAddress(intentDigest(intent), hexOf(signature)), addressOfPrivateKey(key));
});

test('another amount, recipient or deadline than its own is not', async () => {
  const file = await about(decision);
  const [entry] = intent.entries as [IntentEntry];
  const entries = (change: Partial<IntentEntry>) => ({ entries: [{ ...entry, ...change }] });
  const stranger = `0x${'9'.repeat(40)}` as const;
  for (const change of [
    entries({ amount: 6n }),
    entries({ to: stranger }),
    { entries: [] },
    { end: 1n },
    { chainId: 1n },
  ])
    await assert.rejects(signing(file, { ...intent, ...change }), StepError);
});

test('a file about something else, a damaged one, and one that cannot be computed again here are refused', async () => {
  const [pack] = await settling.parts.does(
    settling.parts.store.query('SELECT id FROM statements WHERE kind = 1 LIMIT 1'),
  );
  await assert.rejects(signing(await about(pack?.id as Uint8Array), intent), CosignError);
  const damaged = Uint8Array.from(await about(decision));
  const at = damaged.length - 40;
  damaged[at] = (damaged[at] as number) ^ 1;
  await assert.rejects(signing(damaged, intent), CosignError);
  await assert.rejects(signing(new Uint8Array(2), intent), CosignError);
  await assert.rejects(signing(await about(decision), intent, { domains: new Domains([]) }), CosignError);
});
