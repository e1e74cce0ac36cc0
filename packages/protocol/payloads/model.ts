// Life of a model in the log: registered with its card, approved by the parties, put in force, rolled back; and what
// people said of its decisions.

import { keccak_256 } from '@noble/hashes/sha3.js';
import { concatBytes, toUtf8 } from '../bytes.ts';
import { encodeCbor } from '../cbor/cbor.ts';
import {
  bytes,
  type Codec,
  dictionary,
  either,
  type Infer,
  integer,
  list,
  oneOf,
  optional,
  payload,
  record,
  text,
} from '../cbor/schema.ts';
import { sha256 } from '../crypto.ts';
import { FormatError } from '../errors.ts';
import { type TypedDataDomain, typedDataDigest } from '../evm/eip712.ts';
import { bytesOf, type Hex, hexOf, uintWord } from '../evm/words.ts';
import { canonicalJson } from '../jcs.ts';
import { type ModelIdentity, modelIdentity } from './policy.ts';

const address = text(42, /^0x[0-9a-f]{40}$/);
const fact = either(integer(Number.MIN_SAFE_INTEGER), text(300));

/** What people must know of a model before they let it decide (after Mitchell et al., Model Cards, 2019). */
const card = record({
  purpose: text(500),
  data: text(500),
  split: text(300),
  metric: text(200),
  result: text(300),
  limits: text(1_000),
  licence: text(100),
});
export type ModelCard = Infer<typeof card>;

const model = record({
  trine: oneOf('model/1'),
  domain: text(40, /^[a-z][a-z-]*$/),
  identity: modelIdentity,
  /** Canonical JSON (RFC 8785) of what was learnt or set; the identity's configuration hash covers it. */
  parameters: text(32_768),
  card,
  /** Where it was learnt from labels. */
  learnt: optional(
    record({
      /** Hash of the model it started from. */
      from: bytes(32),
      /** The log as the learner saw it, and the ids of the labels it learnt from, in the order of the log. */
      asOf: integer(),
      labels: list(bytes(32), 1_000),
      /** What changed on labelled and on other windows. */
      effect: dictionary(fact, 32),
    }),
  ),
});
export type RegisteredModel = Infer<typeof model>;

/** Text, integers, booleans, lists and objects: what survives canonical JSON without rounding. */
export type Parameter = string | number | boolean | readonly Parameter[] | { readonly [name: string]: Parameter };
export type Parameters = { readonly [name: string]: Parameter };

/** @throws FormatError `malformed` where it is not canonical JSON of an object */
export function readParameters(json: string): Parameters {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new FormatError('malformed', 'model.parameters: not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || canonicalJson(value) !== json)
    throw new FormatError('malformed', 'model.parameters: not an object in canonical JSON (RFC 8785).');
  return value as Parameters;
}

export function writeParameters(parameters: Parameters): string {
  return canonicalJson(parameters);
}

/**
 * The identity of a model with parameters: without any, the base identity itself; otherwise its configuration is the
 * SHA-256 of the canonical JSON of `{ base, parameters }`.
 */
export function withParameters(base: ModelIdentity, parameters: Parameters): ModelIdentity {
  if (Object.keys(parameters).length === 0) return base;
  const text = canonicalJson({ base: base.configuration, parameters });
  return { ...base, configuration: hexOf(sha256(toUtf8(text))).slice(2) };
}

export const modelPayload: Codec<RegisteredModel> = payload('model', model);

/** Names a model in approvals and successions: SHA-256 of its encoded identity, 32 bytes. */
export function modelHash(identity: ModelIdentity): Uint8Array {
  return sha256(encodeCbor(identity));
}

export function sameModel(a: ModelIdentity, b: ModelIdentity): boolean {
  return a.code === b.code && a.configuration === b.configuration && a.runtime === b.runtime;
}

const approval = record({
  trine: oneOf('approval/1'),
  agreement: bytes(32),
  model: bytes(32),
  vote: oneOf('approve', 'reject'),
  /** When the party signed: its newest vote counts. */
  atMs: integer(),
  /** Account of a party of the agreement, and its signature over {@link approvalDigest}. */
  party: address,
  signature: bytes(65),
});
export type Approval = Infer<typeof approval>;
export const approvalPayload: Codec<Approval> = payload('approval', approval);

/** EIP-712 encodeType. */
export const APPROVAL_TYPE = 'ModelApproval(bytes32 agreement,bytes32 model,bool approve,uint64 atMs)';
const TYPEHASH = keccak_256(toUtf8(APPROVAL_TYPE));

/**
 * What a party signs to approve or reject a model (EIP-712).
 *
 * @param domain chain and the contract `Agreements`
 * @returns 32 bytes as hex
 */
export function approvalDigest(
  { agreement, model: hash, vote, atMs }: Pick<Approval, 'agreement' | 'model' | 'vote' | 'atMs'>,
  domain: TypedDataDomain,
): Hex {
  const structHash = keccak_256(
    concatBytes(
      TYPEHASH,
      bytesOf('agreement', hexOf(agreement), 32),
      bytesOf('model', hexOf(hash), 32),
      uintWord('approve', vote === 'approve' ? 1n : 0n, 256),
      uintWord('atMs', BigInt(atMs), 64),
    ),
  );
  return typedDataDigest(domain, structHash);
}

const modelChange = record({
  trine: oneOf('model-change/1'),
  agreement: bytes(32),
  /** The model decides obligations that begin from then on. */
  fromMs: integer(),
  model: modelIdentity,
  /** Hash of the model that decided until then. */
  before: bytes(32),
  cause: oneOf('promotion', 'rollback'),
  /** Ids of the approvals it rests on. */
  approvals: list(bytes(32), 16),
  /** What the rule saw: obligations decided as a shadow, differences, labels. */
  facts: dictionary(fact, 16),
});
export type ModelChange = Infer<typeof modelChange>;
export const modelChangePayload: Codec<ModelChange> = payload('model-change', modelChange);

const label = record({
  trine: oneOf('label/1'),
  /** Id of the decision spoken of. */
  decision: bytes(32),
  /** Key of the row spoken of; absent: the decision itself. */
  row: optional(text(128)),
  assessment: oneOf('right', 'wrong', 'corrected'),
  /** What it should have been, in the domain's words: where corrected. */
  verdict: optional(text(40, /^[a-z][a-z-]*$/)),
  /** Who says so, in the member's own words. */
  by: text(100),
  note: text(500),
});
export type Label = Infer<typeof label>;
export const labelPayload: Codec<Label> = payload('label', {
  check: (value, path) => {
    const checked = label.check(value, path);
    if ((checked.assessment === 'corrected') !== (checked.verdict !== undefined))
      throw new FormatError('malformed', 'label.verdict: given exactly where the assessment is corrected.');
    return checked;
  },
});

/** Does a verdict agree with what a person said of a decision? */
export function agreesWith(
  { assessment, verdict: corrected }: Pick<Label, 'assessment' | 'verdict'>,
  decided: string,
  verdict: string,
): boolean {
  if (assessment === 'corrected') return verdict === corrected;
  return (verdict === decided) === (assessment === 'right');
}
