// What the protocol offers to what decides: a bundle takes this module in place of `@trine/protocol`. Formats of statements,
// keys and proofs are whoever checks a decision's.
export { compareBytes, equalBytes, fromHex, fromUtf8, toHex, toUtf8 } from '../../protocol/bytes.ts';
export { decodeCbor, encodeCbor } from '../../protocol/cbor/cbor.ts';
export * as schema from '../../protocol/cbor/schema.ts';
export { FormatError, TrineError } from './errors.ts';
