// Branded types: a hash of one thing is no hash of another, metres are no litres. They exist for the compiler alone; at
// run time an id is a text of 64 lower-case hex digits, a number a number.
import { fromHex, toHex } from './bytes.ts';
import { FormatError } from './errors.ts';

declare const brand: unique symbol;
/** A `T` that only a constructor of this file makes. */
export type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** SHA-256 of a statement's Sig_structure. */
export type StatementId = Branded<string, 'StatementId'>;
/** SHA-256 of a decision's payload: the same for every decider. */
export type DecisionId = Branded<string, 'DecisionId'>;
/** SHA-256 of a policy's encoded terms. */
export type PolicyHash = Branded<string, 'PolicyHash'>;
/** Of an agreement, as the contract knows it. */
export type AgreementId = Branded<string, 'AgreementId'>;
/** SHA-256 of a model's encoded identity. */
export type ModelHash = Branded<string, 'ModelHash'>;
/** What is settled at most once under a policy. */
export type ObligationId = Branded<string, 'ObligationId'>;

/** Makes ids of one kind. */
export interface IdConstructor<Id extends string> {
  /** @param bytes exactly 32 @throws FormatError `malformed` */
  fromBytes(bytes: Uint8Array): Id;
  /** @param hex exactly 64 lower-case digits, without `0x` @throws FormatError `malformed` */
  fromHex(hex: string): Id;
  /** @returns 32 bytes */
  toBytes(id: Id): Uint8Array;
}

function idOf<Id extends string>(what: string): IdConstructor<Id> {
  return {
    fromBytes(bytes) {
      if (bytes.length !== 32)
        throw new FormatError('malformed', `The ${what} should have 32 bytes; it has ${bytes.length}.`);
      return toHex(bytes) as Id;
    },
    fromHex(hex) {
      if (!/^[0-9a-f]{64}$/.test(hex))
        throw new FormatError('malformed', `The ${what} should have 64 lower-case hex digits.`);
      return hex as Id;
    },
    toBytes: (id) => fromHex(id),
  };
}

/** @example StatementId.fromBytes(statement.id) */
export const StatementId: IdConstructor<StatementId> = idOf('statement id');
/** @example DecisionId.fromHex(row.decision) */
export const DecisionId: IdConstructor<DecisionId> = idOf('decision id');
/** @example PolicyHash.fromBytes(policyHash(terms)) */
export const PolicyHash: IdConstructor<PolicyHash> = idOf('policy hash');
/** @example AgreementId.fromHex(text) */
export const AgreementId: IdConstructor<AgreementId> = idOf('agreement id');
/** @example ModelHash.fromBytes(modelHash(identity)) */
export const ModelHash: IdConstructor<ModelHash> = idOf('model hash');
/** @example ObligationId.fromBytes(obligationId(obligation)) */
export const ObligationId: IdConstructor<ObligationId> = idOf('obligation id');

/** Place of a leaf in one log, from 0. */
export type LeafIndex = Branded<number, 'LeafIndex'>;
/** Epoch of a sequence: a higher one starts after lost state. */
export type SequenceEpoch = Branded<number, 'SequenceEpoch'>;
/** Money in the smallest unit of its currency; negative for what is owed. */
export type MinorUnits = Branded<number, 'MinorUnits'>;
/** Parts per million. */
export type Ppm = Branded<number, 'Ppm'>;
/** Milliseconds since 1970. */
export type EpochMs = Branded<number, 'EpochMs'>;

function whole<N extends number>(what: string, min: number, max: number = Number.MAX_SAFE_INTEGER): (n: number) => N {
  return (n) => {
    if (!Number.isSafeInteger(n) || n < min || n > max)
      throw new FormatError('malformed', `The ${what} should be an integer from ${min} to ${max}; it is ${n}.`);
    return n as N;
  };
}

/** @throws FormatError `malformed` for what is no integer from 0 to 2^53-1 */
export const LeafIndex: (n: number) => LeafIndex = whole('leaf index', 0);
/** @throws FormatError `malformed` for what is no integer from 0 to 2^53-1 */
export const SequenceEpoch: (n: number) => SequenceEpoch = whole('epoch', 0);
/** @throws FormatError `malformed` for what is no integer of at most 2^53-1 in size */
export const MinorUnits: (n: number) => MinorUnits = whole('amount', Number.MIN_SAFE_INTEGER);
/** @throws FormatError `malformed` for what is no integer from 0 to 1,000,000 */
export const Ppm: (n: number) => Ppm = whole('share', 0, 1_000_000);
/** @throws FormatError `malformed` for what is no integer from 0 to 2^53-1 */
export const EpochMs: (n: number) => EpochMs = whole('time', 0);
