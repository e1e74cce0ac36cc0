import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { hashTypedData } from 'viem';
import { fromHex } from '../bytes.ts';
import { type Hex, hexOf } from '../evm/words.ts';
import { encodeAll } from '../testing/encode.ts';
import * as values from '../testing/values.ts';
import { accountPayload } from './account.ts';
import { alertStatusPayload } from './alert.ts';
import { checkBody, checkPayload } from './check.ts';
import { consentPayload } from './consent.ts';
import { amountOf, decisionPayload, entriesOf, obligationId, rowPayload } from './decision.ts';
import { erasurePayload } from './erasure.ts';
import { linkPayload } from './link.ts';
import {
  agreesWith,
  approvalPayload,
  labelPayload,
  modelChangePayload,
  modelPayload,
  readParameters,
} from './model.ts';
import { agreementPayload, concernedThings, monitorPayload } from './policy.ts';
import { policyEndPayload } from './policy-end.ts';
import { recoveryPayload } from './recovery.ts';
import { releasePayload } from './release.ts';
import { statePayload } from './state.ts';

const golden = JSON.parse(
  readFileSync(new URL('../../../vectors/payloads/payloads.json', import.meta.url), 'utf8'),
) as Record<string, string>;
const codecs = {
  agreement: agreementPayload,
  monitor: monitorPayload,
  decision: decisionPayload,
  model: modelPayload,
  approval: approvalPayload,
  'model-change': modelChangePayload,
  label: labelPayload,
  row: rowPayload,
  state: statePayload,
  'alert-status': alertStatusPayload,
  erasure: erasurePayload,
  recovery: recoveryPayload,
  link: linkPayload,
  consent: consentPayload,
  'policy-end': policyEndPayload,
  account: accountPayload,
  release: releasePayload,
} as const;
const kinds = Object.keys(codecs) as (keyof typeof codecs)[];

test('golden bytes of the payloads of models, watches and labels', () => {
  assert.deepEqual(encodeAll(), golden);
  for (const kind of kinds) {
    const bytes = fromHex(golden[kind] as string);
    const value = codecs[kind].decode(bytes);
    assert.deepEqual((codecs[kind].encode as (value: unknown) => Uint8Array)(value), bytes, kind);
  }
});

test('what a party signs is what any wallet shows it: EIP-712', () => {
  const { agreement, model, atMs } = values.approval;
  const digest = hashTypedData({
    domain: { name: 'Trine', version: '1', chainId: 31_337, verifyingContract: `0x${'4'.repeat(40)}` },
    types: {
      ModelApproval: [
        { name: 'agreement', type: 'bytes32' },
        { name: 'model', type: 'bytes32' },
        { name: 'approve', type: 'bool' },
        { name: 'atMs', type: 'uint64' },
      ],
    },
    primaryType: 'ModelApproval',
    message: { agreement: hexOf(agreement) as Hex, model: hexOf(model) as Hex, approve: true, atMs: BigInt(atMs) },
  });
  assert.equal(golden.approvalDigest, digest);
});

test('what an account signs to join is what any wallet shows it: EIP-712, the line in words', () => {
  const { agreement, key } = values.account;
  const { chainId, contract } = values.agreement.money;
  const digest = hashTypedData({
    domain: { name: 'Trine', version: '1', chainId, verifyingContract: contract as Hex },
    types: {
      LineAccount: [
        { name: 'agreement', type: 'bytes32' },
        { name: 'key', type: 'string' },
      ],
    },
    primaryType: 'LineAccount',
    message: { agreement: hexOf(agreement), key },
  });
  assert.equal(golden.accountDigest, digest);
});

test('what is signed to release is what any wallet shows it: EIP-712, the line in words, and none where all is meant', () => {
  const { agreement, release, lineRelease } = values;
  const { chainId, contract } = agreement.money;
  const digestOf = (row: string) =>
    hashTypedData({
      domain: { name: 'Trine', version: '1', chainId, verifyingContract: contract as Hex },
      types: {
        Release: [
          { name: 'agreement', type: 'bytes32' },
          { name: 'decision', type: 'bytes32' },
          { name: 'row', type: 'string' },
          { name: 'ruling', type: 'string' },
        ],
      },
      primaryType: 'Release',
      message: { agreement: hexOf(release.policy), decision: hexOf(release.decision), row, ruling: release.ruling },
    });
  assert.equal(golden.releaseDigest, digestOf(''));
  assert.equal(golden.lineReleaseDigest, digestOf(lineRelease.row as string));
  assert.deepEqual(releasePayload.decode(fromHex(golden.lineRelease as string)), lineRelease);
  // Else what was signed for all of it could be handed in as a word on a line.
  assert.throws(() => releasePayload.encode({ ...release, row: '' }), { name: 'FormatError' });
});

test('property: no damaged payload is read as anything else, and none breaks the reader', () => {
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.nat(), fc.integer({ min: 1, max: 255 }), (kind, at, flip) => {
      const bytes = fromHex(golden[kind] as string);
      const damaged = bytes.slice();
      damaged[at % bytes.length]! ^= flip;
      try {
        if (kind === 'state' || kind === 'row')
          checkBody(kind, { contentType: '', subject: '', clock: 'synchronised' }, damaged);
        else checkPayload({ header: { kind, sealed: false } as never, payload: damaged });
      } catch (error) {
        assert.equal((error as Error).name, 'FormatError');
        return;
      }
      // Another text or number is another value, in the one encoding it has.
      const value = codecs[kind].decode(damaged);
      assert.deepEqual((codecs[kind].encode as (value: unknown) => Uint8Array)(value), damaged);
    }),
    { numRuns: 2_000 },
  );
});

test('what belongs together is demanded, and what contradicts itself is refused', () => {
  assert.throws(() => labelPayload.encode({ ...values.label, assessment: 'right' }), /exactly where the assessment/);
  const { agreement } = values;
  assert.throws(() => agreementPayload.encode({ ...agreement, parties: agreement.parties.slice(1) }), /no payer/);
  const twice = [...agreement.parties, agreement.parties[0] as (typeof agreement.parties)[number]];
  assert.throws(() => agreementPayload.encode({ ...agreement, parties: twice }), /each role stands once/);
  const account = (i: number) => ({ key: `home/${i}`, address: `0x${i.toString(16).padStart(40, '0')}` });
  const accounts = (...list: ReturnType<typeof account>[]) => agreementPayload.encode({ ...agreement, accounts: list });
  const many = Array.from({ length: 15 }, (_, i) => account(i + 1));
  accounts(...many.slice(1));
  assert.throws(() => accounts(...many), /registrar: more than 16 accounts need one/);
  agreementPayload.encode({ ...agreement, accounts: many, registrar: account(99).address });
  assert.throws(() => accounts(account(1), { ...account(1), key: 'home/2' }), /accounts: 0x0+1 stands twice/);
  assert.throws(() => accounts(account(1), { ...account(2), key: 'home/1' }), /each key stands once/);
  const joining = { by: [agreement.deciders.list[0]?.key as string] };
  const registrar = account(99).address;
  agreementPayload.encode({ ...agreement, joining, registrar });
  assert.throws(() => agreementPayload.encode({ ...agreement, joining }), /registrar: accounts that join need one/);
  for (const wrong of [{ joining: { by: [] } }, { joining: { by: [...joining.by, ...joining.by] } }])
    assert.throws(() => agreementPayload.encode({ ...agreement, registrar, ...wrong }), /joining: names members/);
  assert.throws(
    () => agreementPayload.encode({ ...agreement, registrar, joining, accounts: [account(1)] }),
    /in place of accounts/,
  );
  const ofParty = { key: 'home/1', address: agreement.parties[0]?.address as string };
  assert.throws(() => accounts(ofParty), /stands twice/);
  const deciders = { ...agreement.deciders, quorum: 2 };
  assert.throws(() => agreementPayload.encode({ ...agreement, deciders }), /quorum is more than/);
  assert.throws(
    () => agreementPayload.encode({ ...agreement, period: { startMs: 5, endMs: 5 } }),
    /ends before it starts/,
  );
  assert.throws(() => agreementPayload.encode({ ...agreement, terms: [1] }), /terms: expected an object/);
  assert.throws(() => agreementPayload.encode({ ...agreement, terms: { a: 0.5 } }), /terms\.a: expected an integer/);
  const peers = Array.from({ length: 8 }, (_, rule) => Array.from({ length: 16 }, (_, i) => `t/${rule}-${i}`));
  const neighbours = peers.map((all) => ({ quantity: 'x', peers: all, peersMin: 1, toleranceMilli: 0 }));
  const crowded = { ...values.monitor, plausibility: { ...values.monitor.plausibility, neighbours } };
  assert.throws(() => monitorPayload.encode(crowded as typeof values.monitor), /concerns \d+ things, at most 64/);
  assert.deepEqual(concernedThings(values.monitor), ['thermo/1', 'thermo/2', 'thermo/3', 'in/1', 'out/1', 'out/2']);
  for (const json of ['{"b":1,"a":2}', '[1]', '"x"', '{', '{ "a":1}'])
    assert.throws(() => readParameters(json), /model\.parameters/);
});

test('a session is one obligation, however it ends; a window is named by its times, a correction by what it corrects', () => {
  const { closedBy: _, ...open } = values.decision.obligation;
  assert.deepEqual(obligationId({ ...open, toMs: 5 }), obligationId(values.decision.obligation));
  const window = { trigger: 'window', fromMs: 0, toMs: 10 };
  assert.notDeepEqual(obligationId(window), obligationId({ ...window, toMs: 11 }));
  const base = obligationId(window);
  assert.notDeepEqual(obligationId({ ...window, base, revision: 1 }), obligationId({ ...window, base, revision: 2 }));
});

test('effects: known tags are read, others carried along, what is none refused', () => {
  const { decision } = values;
  assert.equal(amountOf(decision), 5);
  assert.deepEqual(entriesOf(decision).length, 1);
  for (const effects of [
    [{ tag: 'entry' }],
    [{ tag: 'transfer', data: 'x' }],
    [null],
    [{ tag: 'UPPER', data: new Uint8Array() }],
  ])
    assert.throws(() => decisionPayload.encode({ ...decision, effects: effects as never }), /effects\[0\]/);
});

test('labels: right, wrong and corrected', () => {
  assert.ok(agreesWith({ assessment: 'right' }, 'breached', 'breached'));
  assert.ok(!agreesWith({ assessment: 'wrong' }, 'breached', 'breached'));
  assert.ok(agreesWith({ assessment: 'wrong' }, 'breached', 'met'));
  assert.ok(agreesWith({ assessment: 'corrected', verdict: 'late' }, 'breached', 'late'));
  assert.ok(!agreesWith({ assessment: 'corrected', verdict: 'late' }, 'breached', 'met'));
});
