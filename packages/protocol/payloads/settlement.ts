// Settlement: a member's word for what the chain did. Where the chain is replicated, its own finality stands behind
// the block; a verifier offline has the members' signatures on the block's hash.
import { bytes, type Infer, integer, payload, record } from '../cbor/schema.ts';

const settlement = record({
  intent: bytes(32),
  transaction: bytes(32),
  block: record({ chainId: integer(1), number: integer(), hash: bytes(32), timeS: integer() }),
  /** The block that anchored the checkpoint the payment was proven under. */
  anchorBlock: record({ number: integer(), hash: bytes(32) }),
});
export type Settlement = Infer<typeof settlement>;
export const settlementPayload = payload('settlement', settlement);
