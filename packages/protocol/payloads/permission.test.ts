// What a payload may say: each row differs from one that may in a single point.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memberKey } from '../authorize.ts';
import { fromHex, toHex } from '../bytes.ts';
import { addressOfPrivateKey, signDigest } from '../evm/secp256k1.ts';
import { hexOf } from '../evm/words.ts';
import { didKey } from '../keys.ts';
import type { StatementKind } from '../kinds.ts';
import { temporarySigner } from '../testing/signer.ts';
import {
  decision as anyDecision,
  monitor as anyMonitor,
  row as anyRow,
  state as anyState,
  agreement as basis,
} from '../testing/values.ts';
import { accountPayload, type LineAccount, lineAccountDigest } from './account.ts';
import { type Consent, consentPayload } from './consent.ts';
import { type Decision, decisionPayload, rowPayload } from './decision.ts';
import { type PermissionContext, permissionRefusal } from './permission.ts';
import { type Agreement, policyHash } from './policy.ts';
import { type PolicyEnd, policyEndDigest, policyEndPayload } from './policy-end.ts';
import { recoveryPayload } from './recovery.ts';
import { type Release, releaseDigest, releasePayload } from './release.ts';
import { statePayload } from './state.ts';

const decider = didKey(temporarySigner().publicKey);
const other = didKey(temporarySigner().publicKey);
const payerKey = new Uint8Array(32).fill(5);
const recipientKey = new Uint8Array(32).fill(6);
const policy: Agreement = {
  ...basis,
  parties: [
    { role: 'payer', name: 'Operator', address: addressOfPrivateKey(payerKey) },
    { role: 'recipient', name: 'Customer', address: addressOfPrivateKey(recipientKey) },
  ],
  deciders: { ...basis.deciders, list: [{ ...(basis.deciders.list[0] as object), key: decider } as never] },
};
const hash = policyHash(policy);
const { startMs, endMs } = policy.period;
const obligation = { trigger: 'window', fromMs: startMs, toMs: startMs + 60_000 };
const cutMs = obligation.toMs + 3_000;
/** Of the agreement on the chain. */
const id = new Uint8Array(32).fill(9);
const context: PermissionContext = {
  policy: (name) => (name === toHex(hash) ? policy : undefined),
  agreementId: () => id,
  joined: () => false,
  endedFrom: () => undefined,
  arrivalMs: cutMs,
  index: 100,
  keysOf: () => [],
  forkOf: () => undefined,
};

const say = (
  kind: StatementKind,
  payload: Uint8Array,
  { subject = policy.subject, issuer = decider, body = undefined as Uint8Array | undefined, at = context } = {},
) => permissionRefusal({ header: { kind, subject, issuer } as never, payload }, body, at);

const decided = (more: Partial<Decision> = {}): Uint8Array =>
  decisionPayload.encode({
    ...anyDecision,
    policy: hash,
    obligation,
    cuts: [{ origin: 'example.org/log', index: 90, atMs: cutMs }],
    ...more,
  } as Decision);
const over = (fromMs: number, toMs: number) =>
  ({ obligation: { trigger: 'window', fromMs, toMs } }) as Partial<Decision>;
const cut = (atMs: number) => ({ cuts: [{ origin: 'example.org/log', index: 90, atMs }] });

test('a decision comes from a decider of its policy, about its subject, once the time is over', () => {
  assert.equal(say('decision', decided()), undefined);
  const rows: [string | RegExp, string | undefined][] = [
    [/none of the deciders/, say('decision', decided(), { issuer: other })],
    [/not in the log before/, say('decision', decided({ policy: new Uint8Array(32) }))],
    [/another subject/, say('decision', decided(), { subject: 'thermo/9' })],
    [/before the time it is about was over/, say('decision', decided(cut(obligation.toMs - 1)))],
    [/before the time it is about was over/, say('decision', decided(cut(cutMs + 1)))],
    [/not over/, say('decision', decided(), { at: { ...context, arrivalMs: obligation.toMs - 1 } })],
    [/outside the period/, say('decision', decided(over(startMs - 1, obligation.toMs)))],
    [/outside the period/, say('decision', decided({ ...over(startMs, endMs + 1), ...cut(endMs + 1) }))],
  ];
  for (const [expected, refused] of rows) assert.match(refused ?? 'nothing refused', expected as RegExp);
});

test('at the very ends a decision may be', () => {
  assert.equal(say('decision', decided(cut(obligation.toMs))), undefined);
  const whole = { ...over(startMs, endMs), ...cut(endMs) };
  assert.equal(say('decision', decided(whole), { at: { ...context, arrivalMs: endMs } }), undefined);
});

test('one cut too early refuses the decision, whatever the others are', () => {
  const cuts = [
    { origin: 'example.org/log', index: 90, atMs: cutMs },
    { origin: 'example.org/other', index: 90, atMs: obligation.toMs - 1 },
  ];
  assert.match(say('decision', decided({ cuts })) ?? '', /before the time/);
});

test('a state comes from a decider, about its key, or about the policy where the key is not a subject', () => {
  const body = (key: string, of = hash) => statePayload.encode({ ...anyState, policy: of, key });
  const nothing = new Uint8Array();
  assert.equal(say('state', nothing, { subject: 'home/7', body: body('home/7') }), undefined);
  assert.equal(say('state', nothing, { body: body('$total') }), undefined);
  assert.match(say('state', nothing, { subject: 'home/8', body: body('home/7') }) ?? '', /another subject/);
  assert.match(say('state', nothing, { subject: 'home/7', body: body('$total') }) ?? '', /another subject/);
  assert.match(say('state', nothing, { body: body('$total'), issuer: other }) ?? '', /Only a decider/);
  assert.match(say('state', nothing, { body: body('$total', new Uint8Array(32)) }) ?? '', /Only a decider/);
});

test('a row comes from a decider, about its key, once the time is over', () => {
  const body = (more = {}) =>
    rowPayload.encode({ ...anyRow, policy: hash, obligation: obligation as never, key: 'home/7', ...more });
  const nothing = new Uint8Array();
  const about = { subject: 'home/7' };
  assert.equal(say('row', nothing, { ...about, body: body() }), undefined);
  assert.match(say('row', nothing, { subject: 'home/8', body: body() }) ?? '', /another subject/);
  assert.match(say('row', nothing, { ...about, body: body(), issuer: other }) ?? '', /none of the deciders/);
  const early = { ...context, arrivalMs: obligation.toMs - 1 };
  assert.match(say('row', nothing, { ...about, body: body(), at: early }) ?? '', /not over/);
});

test('of a body that was erased only the header is judged', () => {
  for (const kind of ['state', 'row'] as const)
    assert.equal(say(kind, new Uint8Array(), { issuer: other, subject: 'home/7' }), undefined);
});

test('a recovery is asked of the keys and the fork at its own leaf', () => {
  const payload = recoveryPayload.encode({
    trine: 'recovery/1',
    keyOwner: 'thermo/1',
    key: decider,
    epoch: 1,
    from: { epoch: 0, seq: 3 },
    heads: [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)],
  });
  assert.match(say('recovery', payload) ?? '', /not enrolled for this sequence/);
  const asked: string[] = [];
  const at = {
    ...context,
    keysOf: (owner: string) => {
      asked.push(owner);
      return [{ ...memberKey(decider), keyOwner: owner }];
    },
    forkOf: (owner: string, subject: string) => {
      asked.push(`${owner} ${subject}`);
      return undefined;
    },
  };
  assert.match(say('recovery', payload, { subject: 'thermo/1', at }) ?? '', /./);
  assert.deepEqual(asked, ['thermo/1', 'thermo/1 thermo/1']);
});

test('other kinds are no matter of this rule; what is not of its form is an error', () => {
  for (const kind of ['pack', 'label'] as const) assert.equal(say(kind, new Uint8Array([1])), undefined);
  assert.throws(() => say('decision', new Uint8Array([0xff])), { name: 'FormatError' });
  assert.throws(() => say('state', new Uint8Array(), { body: new Uint8Array([0xff]) }), { name: 'FormatError' });
});

const signed = (digest: string, key: Uint8Array) => fromHex(signDigest(digest as `0x${string}`, key));
const consents = (more: Partial<Consent> = {}, key = payerKey) =>
  consentPayload.encode({
    ...{ trine: 'consent/1', policy: hash, agreement: id, role: 'payer' },
    ...{ signature: signed(hexOf(id), key), ...more },
  });

test('a party consents with its signature over the id that the chain gives the agreement', () => {
  assert.equal(say('consent', consents(), { issuer: other }), undefined);
  assert.equal(say('consent', consents({ role: 'recipient' }, recipientKey)), undefined);
  const otherId = new Uint8Array(32).fill(8);
  const rows: [RegExp, string | undefined][] = [
    [/not in the log before/, say('consent', consents({ policy: otherId }))],
    [/another subject/, say('consent', consents(), { subject: 'thermo/9' })],
    [/other terms/, say('consent', consents({ agreement: otherId, signature: signed(hexOf(otherId), payerKey) }))],
    [/has no arbiter/, say('consent', consents({ role: 'arbiter' }))],
    [/not by the account of the payer/, say('consent', consents({}, recipientKey))],
    [/not by the account of the payer/, say('consent', consents({ signature: new Uint8Array(65) }))],
  ];
  for (const [expected, refused] of rows) assert.match(refused ?? 'nothing refused', expected);
  const monitor = { ...context, policy: () => ({ ...anyMonitor, subject: policy.subject }) };
  assert.match(say('consent', consents(), { at: monitor }) ?? '', /Only agreements/);
});

test('a line joins by the signature of its account, once, handed in by whom the terms name', () => {
  const key = new Uint8Array(32).fill(7);
  const open = { ...policy, joining: { by: [decider] } };
  const at = { ...context, policy: () => open };
  const about = { subject: 'home/7', at };
  const digest = (line = 'home/7', money = policy.money) => lineAccountDigest(id, line, money);
  const body = (more: Partial<LineAccount> = {}, signature = signed(digest(), key)) =>
    accountPayload.encode({
      ...{ trine: 'account/1', policy: hash, agreement: id, key: 'home/7', address: addressOfPrivateKey(key) },
      ...{ signature, ...more },
    });
  const joins = (given: Uint8Array | undefined, more = {}) =>
    say('account', new Uint8Array(), { ...about, body: given, ...more });
  assert.equal(joins(body()), undefined);
  assert.equal(joins(undefined), undefined, 'of what was erased only the header is judged');
  const ofParty = { address: addressOfPrivateKey(payerKey), signature: signed(digest(), payerKey) };
  const rows: [RegExp, string | undefined][] = [
    [/themselves name the accounts/, joins(body(), { at: context })],
    [/let other members/, joins(body(), { issuer: other })],
    [/not in the log before/, joins(body(), { at: { ...at, policy: () => undefined } })],
    [/other terms/, joins(body({ agreement: new Uint8Array(32) }))],
    [/another line/, joins(body(), { subject: 'home/8' })],
    [/not by the account itself/, joins(body({ address: addressOfPrivateKey(payerKey.map((byte) => byte + 9)) }))],
    // A signature for one line, or at one contract, is none for another.
    [/not by the account itself/, joins(body({ key: 'home/8' }), { subject: 'home/8' })],
    [/not by the account itself/, joins(body({}, signed(digest('home/7', { ...policy.money, chainId: 5 }), key)))],
    [/than the parties/, joins(body(ofParty))],
    [/than the parties/, joins(body({ key: 'payer', signature: signed(digest('payer'), key) }), { subject: 'payer' })],
    [
      /than the parties/,
      joins(body({ key: 'escrow', signature: signed(digest('escrow'), key) }), { subject: 'escrow' }),
    ],
    [/account already/, joins(body(), { at: { ...at, joined: () => true } })],
  ];
  for (const [expected, refused] of rows) assert.match(refused ?? 'nothing refused', expected);
});

test('an agreement ends by the word of one of its parties, a monitor by that of a member', () => {
  const fromMs = startMs + 120_000;
  const digest = policyEndDigest(id, fromMs, policy.money);
  const ends = (more: Partial<PolicyEnd> = {}) =>
    policyEndPayload.encode({ trine: 'policy-end/1', policy: hash, fromMs, reason: 'Sold', ...more });
  const by = (role: string, key: Uint8Array) => ({ by: { role, signature: signed(digest, key) } });
  assert.equal(say('policy-end', ends(by('recipient', recipientKey))), undefined);
  const rows: [RegExp, string | undefined][] = [
    [/by the word of one of its parties/, say('policy-end', ends())],
    [/not by the account of the payer/, say('policy-end', ends(by('payer', recipientKey)))],
    [/has no arbiter/, say('policy-end', ends(by('arbiter', payerKey)))],
    // A signature over an end at one time is none over another.
    [/not by the account/, say('policy-end', ends({ fromMs: fromMs + 1, ...by('payer', payerKey) }))],
  ];
  for (const [expected, refused] of rows) assert.match(refused ?? 'nothing refused', expected);
  const monitor = {
    ...context,
    policy: () => ({ ...anyMonitor, subject: policy.subject }),
    agreementId: () => undefined,
  };
  assert.equal(say('policy-end', ends(), { at: monitor }), undefined);
  assert.match(say('policy-end', ends(by('payer', payerKey)), { at: monitor }) ?? '', /no parties/);
});

test('what is held is released by the word of all parties, and of no stranger', () => {
  const held = { decision: new Uint8Array(32).fill(3), ruling: 'pay' } as const;
  const by = (...keys: Uint8Array[]) => keys.map((key) => signed(releaseDigest(id, held, policy.money), key));
  const releases = (signatures: Uint8Array[], more: Partial<Release> = {}) =>
    releasePayload.encode({ trine: 'release/1', policy: hash, ...held, reason: 'Checked', signatures, ...more });
  const both = releases(by(payerKey, recipientKey));
  assert.equal(say('release', both), undefined);
  const monitor = { ...context, policy: () => ({ ...anyMonitor, subject: policy.subject }) };
  const rows: [RegExp, string | undefined][] = [
    [/another subject/, say('release', both, { subject: 'thermo/9' })],
    [/or of all parties/, say('release', releases(by(payerKey)))],
    [/no decider and no party/, say('release', releases(by(payerKey, recipientKey, new Uint8Array(32).fill(7))))],
    // A word for paying is none for dropping.
    [/over something else/, say('release', releases(by(payerKey, recipientKey), { ruling: 'drop' }))],
    [/moves no money/, say('release', both, { at: monitor })],
    // Nor is one for all that is held one for a line.
    [/over something else/, say('release', releases(by(payerKey, recipientKey), { row: 'home/1' }))],
  ];
  const line = { ...held, row: 'home/1' };
  const signatures = [payerKey, recipientKey].map((key) => signed(releaseDigest(id, line, policy.money), key));
  assert.equal(say('release', releases(signatures, { row: 'home/1' })), undefined);
  assert.match(say('release', releases(signatures, { row: 'home/2' })) ?? '', /over something else/);
  assert.match(say('release', releases(signatures)) ?? '', /over something else/);
  for (const [expected, refused] of rows) assert.match(refused ?? 'nothing refused', expected);
});

test('nothing is decided on what begins after the end', () => {
  const at = (ms: number) => ({ at: { ...context, endedFrom: () => ms } });
  assert.match(say('decision', decided(), at(obligation.fromMs)) ?? '', /ended before/);
  assert.equal(say('decision', decided(), at(obligation.fromMs + 1)), undefined);
});
