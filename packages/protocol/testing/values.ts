// One value of each payload that models and monitors brought, every optional field used: what the golden bytes are of.

import type { LineAccount } from '../payloads/account.ts';
import type { AlertStatus } from '../payloads/alert.ts';
import type { Consent } from '../payloads/consent.ts';
import type { Decision, Row } from '../payloads/decision.ts';
import type { Erasure } from '../payloads/erasure.ts';
import type { Link } from '../payloads/link.ts';
import type { Approval, Label, ModelChange, RegisteredModel } from '../payloads/model.ts';
import type { Agreement, Monitor } from '../payloads/policy.ts';
import type { PolicyEnd } from '../payloads/policy-end.ts';
import type { Recovery } from '../payloads/recovery.ts';
import type { Release } from '../payloads/release.ts';
import type { ModelState } from '../payloads/state.ts';

const filled = (length: number, byte: number) => new Uint8Array(length).fill(byte);
const address = (digit: string) => `0x${digit.repeat(40)}`;
const identity = {
  name: 'service-level',
  version: '1',
  code: '11'.repeat(32),
  configuration: '22'.repeat(32),
  runtime: '33'.repeat(32),
};
const did = 'did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp';
const common = {
  network: `trine:${'0'.repeat(32)}`,
  origins: ['example.org/log'],
  domain: 'service-level',
  title: 'Cold store',
  subject: 'thermo/1',
  terms: { thing: 'thermo/1', statementsMin: 4, tariff: [{ upTo: 100, price: 3 }], isStrict: true },
  period: { startMs: 1_767_571_200_000, endMs: 1_767_657_600_000 },
  zones: { release: '2026f', hash: '44'.repeat(32) },
  model: identity,
  gate: { ownersMin: 1, classMin: 'software' as const, heartbeat: 'node/1', heartbeatGapMsMax: 15_000 },
  correctableMs: 86_400_000,
  plausibility: {
    trustMinPpm: 500_000,
    ranges: [{ quantity: 'temperature', minMilli: -40_000, maxMilli: 60_000, changeMilliPerSMax: 500 }],
    neighbours: [{ quantity: 'temperature', peers: ['thermo/2', 'thermo/3'], peersMin: 2, toleranceMilli: 1_000 }],
    balances: [
      { quantity: 'flow', inflows: ['in/1'], outflows: ['out/1', 'out/2'], tolerancePpm: 20_000, toleranceMilli: 100 },
    ],
  },
};

export const agreement: Agreement = {
  trine: 'agreement/1',
  ...common,
  parties: [
    { role: 'payer', name: 'Operator', address: address('1') },
    { role: 'recipient', name: 'Customer', address: address('2') },
  ],
  arbiter: address('3'),
  modelChange: {
    approvals: ['payer', 'recipient'],
    shadowsMin: 20,
    differencesMaxPpm: 100_000,
    rollback: { labelsMin: 3, wrongMaxPpm: 500_000 },
  },
  money: {
    chainId: 31_337,
    contract: address('4'),
    token: address('5'),
    currency: 'EUR',
    perObligationMax: 100,
    totalMax: 10_000,
    obligationMaxS: 3_600,
    settleWithinS: 86_400,
    disputeWindowS: 2,
    holdMaxS: 86_400,
    afterHold: 'drop',
    deadlineS: 3_600,
  },
  deciders: { list: [{ key: did, address: address('6') }], quorum: 1 },
};

export const monitor: Monitor = {
  trine: 'monitor/1',
  ...common,
  deciders: { list: [{ key: did }] },
  shadows: filled(32, 0x44),
  replaces: filled(32, 0x55),
  currency: 'EUR',
};

const obligation = {
  trigger: 'session',
  fromMs: 1_767_571_200_000,
  toMs: 1_767_571_260_000,
  about: filled(32, 0x13),
  closedBy: filled(32, 0x14),
  base: filled(32, 0x15),
  revision: 1,
};
const decided = {
  verdict: 'breached',
  score: { ppm: 912_345, thresholdPpm: 900_000 },
  facts: { statements: 6, strangest: 'temperature' },
  reason: { template: '{count} readings out of order', arguments: { count: 3 } },
  effects: [
    { tag: 'entry' as const, from: 'payer', to: 'recipient', amount: 5, currency: 'EUR' },
    {
      tag: 'alert' as const,
      severity: 'warning' as const,
      code: 'too-warm',
      subject: 'thermo/1',
      reason: { template: 'too warm', arguments: {} },
    },
    { tag: 'transfer', data: filled(3, 0x16) },
  ],
  gate: {
    verdict: 'hold' as const,
    owners: 1,
    class: 'software' as const,
    reasons: ['implausible: temperature: 120 is outside -40 to 60'],
  },
  outcome: 'hold' as const,
};

export const decision: Decision = {
  trine: 'decision/1',
  agreement: filled(32, 0x65),
  policy: filled(32, 0x66),
  obligation,
  cuts: [{ origin: 'example.org/log', index: 1_000, atMs: 1_767_571_263_000 }],
  inputs: { count: 1, root: filled(32, 0x88) },
  heads: { count: 1, root: filled(32, 0x89) },
  model: identity,
  continues: filled(32, 0x97),
  statesBefore: { count: 1, root: filled(32, 0x99) },
  statesAfter: { count: 2, root: filled(32, 0xaa) },
  trust: [
    { subject: 'thermo/1', ppm: 350_000 },
    { subject: 'thermo/2', ppm: 718_750 },
  ],
  ...decided,
  rows: { count: 3, root: filled(32, 0xab) },
  supersedes: filled(32, 0xac),
};

export const row: Row = { trine: 'row/1', policy: filled(32, 0x66), obligation, key: 'home/7', ...decided };

export const state: ModelState = {
  policy: filled(32, 0x66),
  untilMs: 1_767_571_260_000,
  key: 'home/7',
  state: filled(5, 1),
};

export const alertStatus: AlertStatus = {
  trine: 'alert-status/1',
  decision: filled(32, 0x34),
  code: 'too-warm',
  status: 'acknowledged',
  by: 'Operator on duty',
  note: 'On the way',
};

export const erasure: Erasure = {
  trine: 'erasure/1',
  reason: 'Asked for by whom it is about',
  by: 'Data protection officer',
  bodies: 1_440,
  open: 3,
};

export const recovery: Recovery = {
  trine: 'recovery/1',
  keyOwner: 'thermo/1',
  key: did,
  epoch: 2,
  from: { epoch: 1, seq: 17 },
  heads: [filled(32, 0x35), filled(32, 0x36)],
};

export const link: Link = { trine: 'link/1', person: 'member/4711' };

export const model: RegisteredModel = {
  trine: 'model/1',
  domain: 'service-level',
  identity,
  parameters: '{"thresholdPpm":{"temperature":950000}}',
  card: {
    purpose: 'Decides as people would',
    data: '12 labelled windows',
    split: 'held out one by one',
    metric: 'windows decided as people say',
    result: '12 of 12',
    limits: 'knows only what was labelled',
    licence: 'CC0-1.0',
  },
  learnt: { from: filled(32, 0xbb), asOf: 2_000, labels: [filled(32, 0xcc)], effect: { labels: 12, note: 'text' } },
};

/** Signed with the private key 0x0101…01, whose account is the party. */
export const approval: Omit<Approval, 'signature' | 'party'> = {
  trine: 'approval/1',
  agreement: filled(32, 0xdd),
  model: filled(32, 0xee),
  vote: 'approve',
  atMs: 1_767_571_200_000,
};

export const modelChange: ModelChange = {
  trine: 'model-change/1',
  agreement: filled(32, 0xdd),
  fromMs: 1_767_571_260_000,
  model: identity,
  before: filled(32, 0xff),
  cause: 'promotion',
  approvals: [filled(32, 0x12)],
  facts: { windows: 20, differences: 1 },
};

export const label: Label = {
  trine: 'label/1',
  decision: filled(32, 0x34),
  row: 'home/7',
  assessment: 'corrected',
  verdict: 'met',
  by: 'Operator on duty',
  note: 'Maintenance',
};

export const consent: Consent = {
  trine: 'consent/1',
  policy: filled(32, 0x66),
  agreement: filled(32, 0x77),
  role: 'payer',
  signature: filled(65, 0x1b),
};

export const account: LineAccount = {
  trine: 'account/1',
  policy: filled(32, 0x66),
  agreement: filled(32, 0x77),
  key: 'home/7',
  address: `0x${'9'.repeat(40)}`,
  signature: filled(65, 0x1b),
};

export const release: Release = {
  trine: 'release/1',
  policy: filled(32, 0x66),
  decision: filled(32, 0x55),
  ruling: 'pay',
  reason: 'Looked at on the spot',
  signatures: [filled(65, 0x1b)],
};

export const lineRelease: Release = { ...release, row: 'home/7' };

export const policyEnd: PolicyEnd = {
  trine: 'policy-end/1',
  policy: filled(32, 0x66),
  fromMs: 1_767_571_200_000,
  reason: 'Sold',
  by: { role: 'payer', signature: filled(65, 0x1b) },
};
