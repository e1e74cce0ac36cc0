// States: what a model remembers, by the subject it is about. A decision names them by the root of a sorted Merkle map
// over salted commitments, so that public leaves hold nobody's values and every body can be erased by itself.
import {
  commitMap,
  decodeCbor,
  detachBody,
  encodeCbor,
  type MapCommitment,
  type Obligation,
  obligationId,
  schema,
  statePayload,
  toHex,
} from '@trine/protocol';
import type { Trust } from './plausibility.ts';

/** A state, and what commits to it. */
export interface KeptState {
  readonly state: Uint8Array;
  readonly commitment: Uint8Array;
  /** Salt and body: what is kept beside the log. */
  readonly disclosure: Uint8Array;
}

export type States = ReadonlyMap<string, KeptState>;

export const NO_STATES: States = new Map();
/** Key of the trust in things; a domain's keys are subjects, which never begin with `$`. */
export const TRUST = '$trust';
/** Key of how long was held because nothing could come in. */
export const OUTAGE = '$outage';

/** Derives the salt of a body that deciders compute alike. @returns 16 bytes */
export type Salt = (purpose: 'state' | 'row', key: string) => Uint8Array;

/** Derives salts from a policy's secret (HKDF-Expand's first block, RFC 5869 §2.3). @param hmac HMAC-SHA-256 under the secret */
export function saltsOf(hmac: (message: Uint8Array) => Uint8Array, policy: Uint8Array, obligation: Obligation): Salt {
  const place = `${toHex(policy)}/${toHex(obligationId(obligation))}`;
  const encoder = new TextEncoder();
  return (purpose, key) => hmac(encoder.encode(`trine ${purpose}/${place}/${key}\u0001`)).slice(0, 16);
}

export function commitStates(states: States): MapCommitment {
  return commitMap(new Map([...states].map(([key, { commitment }]) => [key, commitment])));
}

/** @param policy hash @param untilMs end of the obligation after which it is so */
export function keepState(
  policy: Uint8Array,
  untilMs: number,
  key: string,
  state: Uint8Array,
  salt: Uint8Array,
): KeptState {
  const { commitment, disclosure } = detachBody(statePayload.encode({ policy, untilMs, key, state }), salt);
  return { state, commitment, disclosure };
}

const trustForm = schema.dictionary(schema.integer(0, 1_000_000), 64);

export function readTrust(states: States): Trust {
  const kept = states.get(TRUST);
  return kept === undefined || kept.state.length === 0 ? {} : trustForm.check(decodeCbor(kept.state, 'trust'), 'trust');
}

export function writeTrust(trust: Trust): Uint8Array {
  return encodeCbor(trust);
}

/** As a decision names it. */
export function trustList(trust: Trust): { readonly subject: string; readonly ppm: number }[] {
  return Object.entries(trust)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([subject, ppm]) => ({ subject, ppm }));
}
