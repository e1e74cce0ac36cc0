// The first agreement of an installation: its operator owes a customer a credit when this computer's readings are
// incomplete or out of order. Practice money, real machinery.
import { zones, zonesIdentity } from '@trine/engine';
import type { FirstAgreement } from '@trine/node/decide/first-agreement.ts';
import { type Agreement, addressOfPrivateKey, didKey } from '@trine/protocol';

const YEAR_MS = 365 * 86_400_000;
/** Two bounds broken at once: below that, a single odd reading would count. */
const THRESHOLD_PPM = 900_000;
const DOMAIN = 'service-level';
/** Some hours for updates and moves, in a year. */
const OUTAGE_ALLOWANCE_MS = 24 * 3_600_000;

export const practiceTerms: FirstAgreement = ({ settings, genesis, subject, heartbeat, domains, nowMs }): Agreement => {
  const { keys, network } = genesis;
  const { windowMs, graceMs, creditMinorUnits, fundsMinorUnits, disputeWindowS } = settings.practice;
  // The first whole window after this one: the device has yet to start.
  const startMs = (Math.ceil(nowMs / windowMs) + 1) * windowMs;
  const due = Math.floor(windowMs / settings.device.intervalMs);
  const memberKey = didKey(keys.member.publicKey);
  return {
    trine: 'agreement/1',
    network: network.id,
    origins: [genesis.origin],
    domain: DOMAIN,
    title: 'Service level of this computer',
    subject,
    parties: [
      { role: 'payer', name: network.members[0]?.name as string, address: addressOfPrivateKey(keys.account) },
      { role: 'recipient', name: 'Practice customer', address: addressOfPrivateKey(keys.recipient) },
    ],
    arbiter: addressOfPrivateKey(keys.arbiter),
    terms: {
      thing: subject,
      windowMs,
      graceMs,
      statementsMin: Math.max(1, Math.floor(due * 0.6)),
      outOfOrderReadings: 3,
      thresholdPpm: THRESHOLD_PPM,
      creditMinorUnits,
    },
    period: { startMs, endMs: startMs + Math.floor(YEAR_MS / windowMs) * windowMs },
    zones: zonesIdentity(zones),
    model: domains.identity(DOMAIN),
    gate: {
      // Silence is what the credit is for: nobody but the operator can say anything then.
      ownersMin: 0,
      classMin: 'software',
      heartbeat,
      // Four tenths of the statements may be missing: an outage that is not noticed hides fewer.
      heartbeatGapMsMax: Math.max(10_000, Math.floor(windowMs * 0.35)),
      waysIn: ['mqtt'],
      // The operator keeps the log and owes the credit: who stays away for longer owes it all the same.
      outageAllowanceMs: OUTAGE_ALLOWANCE_MS,
    },
    modelChange: {
      approvals: ['payer', 'recipient'],
      shadowsMin: settings.practice.shadowWindowsMin,
      differencesMaxPpm: 100_000,
      rollback: { labelsMin: 3, wrongMaxPpm: 500_000 },
    },
    money: {
      chainId: network.chain.id,
      contract: network.chain.direct,
      token: network.chain.tokens[0]?.address as string,
      currency: 'EUR',
      perObligationMax: creditMinorUnits,
      totalMax: fundsMinorUnits,
      obligationMaxS: Math.ceil(windowMs / 1000) + 1,
      settleWithinS: 90 * 86_400,
      disputeWindowS,
      holdMaxS: 30 * 86_400,
      afterHold: 'pay',
      deadlineS: 30 * 86_400,
    },
    deciders: {
      list: [
        { key: memberKey, address: addressOfPrivateKey(keys.account) },
        ...settings.practice.deciders.map((address) => ({ key: memberKey, address })),
      ],
      quorum: settings.practice.quorum,
    },
  };
};
