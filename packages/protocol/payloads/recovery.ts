// Recovery: the member who enrolled a thing says that a sequence of it goes on after a fork or a clone: with which key and
// in which epoch, from which place on it is doubtful, and where each of its sides had come to.
import { compareBytes } from '../bytes.ts';
import { bytes, type Codec, type Infer, integer, list, oneOf, payload, record, text } from '../cbor/schema.ts';
import { FormatError } from '../errors.ts';

/** More sides than that are not told apart: the first ones stand for all. */
export const FORK_HEADS_MAX = 64;

const recovery = record({
  trine: oneOf('recovery/1'),
  /** Holder of the sequence; its subject is the statement's. */
  keyOwner: text(128),
  /** did:key of the key that goes on. */
  key: text(80, /^did:key:z[1-9A-HJ-NP-Za-km-z]+$/),
  /** Epoch that it begins; its first statement names this one in `prev`. */
  epoch: integer(),
  /** The first place that is doubtful: what was said from there on, up to this statement, is no value. */
  from: record({ epoch: integer(), seq: integer() }),
  /** Ids of the statements that nothing follows, of every side; ascending. */
  heads: list(bytes(32), FORK_HEADS_MAX),
});
export type Recovery = Infer<typeof recovery>;
export const recoveryPayload: Codec<Recovery> = payload('recovery', {
  check: (given, path) => {
    const checked = recovery.check(given, path);
    const { heads, epoch, from } = checked;
    const isAscending = heads.every((head, i) => i === 0 || compareBytes(heads[i - 1] as Uint8Array, head) < 0);
    if (!isAscending || heads.length === 0)
      throw new FormatError('malformed', 'recovery.heads: expected ids, each once and in ascending order.');
    if (epoch <= from.epoch)
      throw new FormatError('malformed', 'recovery.epoch: expected a later one than that of the fork.');
    return checked;
  },
});
