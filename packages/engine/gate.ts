// The gate: may this move money? Inclusion is not correctness: enough owners other than the one who gains, keys good
// enough, no fork, a log that was awake (one asleep proves no silence), readings that fit, exact arithmetic.
import {
  type AssuranceClass,
  assuranceClasses,
  type Effect,
  forkSides,
  type GateResult,
  type InputStatement,
  isEntry,
  lowestClass,
  movesMoney,
  type Policy,
  runtimeOf,
} from '@trine/protocol';
import type { Awake } from './awake.ts';
import { isKnownEffect } from './domain.ts';
import type { PlausibilityResult } from './plausibility.ts';

export interface GateInput {
  readonly policy: Policy;
  /** Runtime hash of the model. */
  readonly runtime: string;
  readonly effects: readonly Effect[];
  /** Of the part: without heartbeats. */
  readonly inputs: readonly InputStatement[];
  readonly awake: Awake;
  /** False where nothing rests on what anybody says: of what is common to rows that have all inputs. */
  readonly needsOwners?: boolean;
  /** Of a row: is what is common to all held? */
  readonly isCommonHeld?: boolean;
  readonly plausibility: PlausibilityResult | undefined;
  readonly unreadable: readonly number[];
}

const REASONS_MAX = 8;
const REASON_CHARS_MAX = 200;

/** @returns `hold` with reasons in words where the effects must not follow by themselves */
export function passGate(given: GateInput): GateResult {
  const { policy, effects, inputs, plausibility } = given;
  const owners = ownersOf(given);
  const worst = lowestClass(inputs.map(({ statement }) => statement.header.class));
  const shown: AssuranceClass = inputs.length > 0 ? worst : given.awake.class;
  const reasons = [
    ...(owners < policy.gate.ownersMin && given.needsOwners !== false
      ? [`owners besides who gains whose statements count: ${owners}; needed: ${policy.gate.ownersMin}`]
      : []),
    ...(inputs.length > 0 && assuranceClasses[worst] > assuranceClasses[policy.gate.classMin]
      ? [`a statement of class ${worst}; at least ${policy.gate.classMin} needed`]
      : []),
    ...(given.isCommonHeld ? ['what is common to all lines is held'] : []),
    ...(forkSides(inputs).length > 0 ? ['a sequence with two sides: a fork or a clone'] : []),
    ...given.unreadable.map((leaf) => `leaf ${leaf} cannot be read`),
    ...asleep(given),
    ...(movesMoney(policy) && runtimeOf(given.runtime) !== 'strict'
      ? ['the arithmetic of the model may differ between machines: it may advise, not pay']
      : []),
    ...effects.filter((effect) => !isKnownEffect(effect)).map(({ tag }) => `an effect of another version: ${tag}`),
    ...(plausibility ? implausible(policy, plausibility) : []),
  ];
  return {
    verdict: reasons.length === 0 ? 'pass' : 'hold',
    owners,
    class: shown,
    reasons: reasons.slice(0, REASONS_MAX).map((reason) => reason.slice(0, REASON_CHARS_MAX)),
  };
}

/** Distinct owners of what went in; neither who gains by it, nor the heartbeat, which is the log's own. */
function ownersOf({ policy, effects, inputs }: GateInput): number {
  const gaining = new Set(effects.filter(isEntry).map(({ to }) => to));
  // Where nothing is owed yet, the recipient is who would gain.
  if (gaining.size === 0) gaining.add('recipient');
  const gainers = movesMoney(policy)
    ? policy.parties.filter(({ role }) => gaining.has(role)).map(({ address }) => address)
    : [];
  return new Set(
    inputs
      .filter(({ ownerAddress, statement }) => {
        const isHeartbeat = statement.header.subject === policy.gate.heartbeat;
        return !isHeartbeat && !gainers.includes(ownerAddress) && !gaining.has(statement.header.subject);
      })
      .map(({ owner }) => owner),
  ).size;
}

/** A log asleep, or a way in that was closed, shows no silence: it holds, as long as the terms let it in their period. */
function asleep({ policy: { gate }, awake: { silenceMs, closed, held }, isCommonHeld }: GateInput): string[] {
  if (silenceMs <= gate.heartbeatGapMsMax) return [];
  if (gate.outageAllowanceMs !== undefined) {
    // What is common is held by it, or nothing is: a line alone does not know what was held before.
    if (isCommonHeld !== undefined || (held?.heldMs ?? 0) > gate.outageAllowanceMs) return [];
  }
  const seconds = Math.round(silenceMs / 1000);
  return closed.length > 0
    ? [`no way in by ${closed.join(', ')} for ${seconds} s of the time`]
    : [`the log took nothing for ${seconds} s of the time`];
}

/** What speaks against the subject, what could not be checked, and what is remembered. */
function implausible({ subject, plausibility }: Policy, { findings, unchecked, trust }: PlausibilityResult): string[] {
  const against = findings.filter(({ subjects }) => subjects.includes(subject)).map(({ text }) => text);
  const ppm = trust[subject];
  const min = plausibility?.trustMinPpm ?? 0;
  const mistrusted = ppm !== undefined && ppm < min;
  return [
    ...against.map((text) => `implausible: ${text}`),
    ...unchecked.map((text) => `not checked: ${text}`),
    ...(mistrusted ? [`trust of ${Math.floor(ppm / 10_000)} %; at least ${Math.floor(min / 10_000)} % needed`] : []),
  ];
}
