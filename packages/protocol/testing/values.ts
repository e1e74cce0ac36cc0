// One value of each payload that models and monitors brought, every optional field used: what the golden bytes are of.
import type { Agreement, Monitor } from '../payloads/agreement.ts';
import type { Decision } from '../payloads/decision.ts';
import type { Approval, Label, ModelChange, RegisteredModel } from '../payloads/model.ts';

const filled = (length: number, byte: number) => new Uint8Array(length).fill(byte);
const address = (digit: string) => `0x${digit.repeat(40)}`;
const identity = {
  name: 'service-level',
  version: '1',
  code: '11'.repeat(32),
  configuration: '22'.repeat(32),
  runtime: '33'.repeat(32),
};
const judged = {
  network: `trine:${'0'.repeat(32)}`,
  domain: 'service-level',
  title: 'Cold store',
  subject: 'thermo/1',
  window: { startMs: 1_767_571_200_000, endMs: 1_767_657_600_000, lengthMs: 60_000, graceMs: 3_000 },
  rule: { statementsMin: 4, thresholdPpm: 900_000, note: 'text' },
  model: identity,
  gate: { ownersMin: 1, classMin: 'software' as const, heartbeat: 'node/1', heartbeatGapMsMax: 15_000 },
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
  trine: 'agreement/2',
  ...judged,
  payer: { name: 'Operator', address: address('1') },
  recipient: { name: 'Customer', address: address('2') },
  arbiter: address('3'),
  modelChange: {
    approvals: ['payer', 'recipient'],
    shadowWindowsMin: 20,
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
    disputeWindowS: 2,
    deadlineS: 3_600,
  },
  deciders: { addresses: [address('6')], quorum: 1 },
};

export const monitor: Monitor = {
  trine: 'watch/1',
  ...judged,
  shadows: filled(32, 0x44),
  replaces: filled(32, 0x55),
  currency: 'EUR',
};

export const decision: Decision = {
  trine: 'decision/2',
  terms: filled(32, 0x66),
  obligation: { subject: 'thermo/1', fromMs: 1_767_571_200_000, toMs: 1_767_571_260_000 },
  asOf: { origin: 'example.org/log', size: 1_000, root: filled(32, 0x77) },
  inputs: [
    { keyOwner: 'thermo/1', subject: 'thermo/1', epoch: 0, fromSeq: 3, toSeq: 8, count: 6, root: filled(32, 0x88) },
  ],
  model: identity,
  stateBefore: filled(32, 0x99),
  stateAfter: filled(32, 0xaa),
  scorePpm: 912_345,
  thresholdPpm: 900_000,
  facts: { statements: 6, strangest: 'temperature' },
  gate: {
    verdict: 'hold',
    owners: 1,
    class: 'software',
    reasons: ['implausible: temperature: 120 is outside -40 to 60'],
  },
  trust: [
    { subject: 'thermo/1', ppm: 350_000 },
    { subject: 'thermo/2', ppm: 718_750 },
  ],
  verdict: 'breached',
  outcome: 'advice',
  amount: 5,
  currency: 'EUR',
  reason: { template: '{count} readings out of order', arguments: { count: 3 } },
};

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
  stand: 'approve',
  atMs: 1_767_571_200_000,
};

export const modelChange: ModelChange = {
  trine: 'succession/1',
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
  stand: 'correct',
  verdict: 'met',
  by: 'Operator on duty',
  note: 'Maintenance',
};
