// The first agreement of an installation: its operator owes a customer a credit when this computer's readings are
// incomplete or out of order. Practice money, real machinery.

import type { FirstAgreement } from '@trine/node/decide/decisions.ts';
import { addressOfPrivateKey, TrineError } from '@trine/protocol';

const YEAR_MS = 365 * 86_400_000;
/** Two bounds broken at once: below that, a single odd reading would count. */
const THRESHOLD_PPM = 900_000;

export const practiceTerms: FirstAgreement = (options) => {
  const { settings, genesis, subject, heartbeat, nowMs } = options;
  const { keys, network } = genesis;
  const { windowMs, graceMs, creditMinorUnits, fundsMinorUnits, disputeWindowS } = settings.practice;
  const domain = options.domains.find(({ name }) => name === 'service-level');
  if (domain === undefined)
    throw new TrineError('unsupported', 'The practice agreement needs the domain service-level.');
  // The first whole window after this one: the device has yet to start.
  const startMs = (Math.ceil(nowMs / windowMs) + 1) * windowMs;
  const due = Math.floor(windowMs / settings.device.intervalMs);
  return {
    trine: 'agreement/2',
    network: network.id,
    domain: domain.name,
    title: 'Service level of this computer',
    payer: { name: network.members[0]?.name as string, address: addressOfPrivateKey(keys.account) },
    recipient: { name: 'Practice customer', address: addressOfPrivateKey(keys.recipient) },
    arbiter: addressOfPrivateKey(keys.arbiter),
    subject,
    window: { startMs, endMs: startMs + Math.floor(YEAR_MS / windowMs) * windowMs, lengthMs: windowMs, graceMs },
    rule: {
      statementsMin: Math.max(1, Math.floor(due * 0.6)),
      outOfOrderReadings: 3,
      thresholdPpm: THRESHOLD_PPM,
      creditMinorUnits,
    },
    model: domain.model(),
    gate: {
      ownersMin: 1,
      classMin: 'software',
      heartbeat,
      heartbeatGapMsMax: Math.max(15_000, Math.floor(windowMs / 2)),
    },
    modelChange: {
      approvals: ['payer', 'recipient'],
      shadowWindowsMin: settings.practice.shadowWindowsMin,
      differencesMaxPpm: 100_000,
      rollback: { labelsMin: 3, wrongMaxPpm: 500_000 },
    },
    money: {
      chainId: network.chain.id,
      contract: network.chain.agreements,
      token: network.chain.tokens[0]?.address as string,
      currency: 'EUR',
      perObligationMax: creditMinorUnits,
      totalMax: fundsMinorUnits,
      disputeWindowS,
      deadlineS: 30 * 86_400,
    },
    deciders: {
      addresses: [addressOfPrivateKey(keys.account), ...settings.practice.deciders].sort(),
      quorum: settings.practice.quorum,
    },
  };
};
