// C2SP tlog-cosignature v1: a witness's timestamped Ed25519 signature on a checkpoint (https://c2sp.org/tlog-cosignature).
import { concatBytes, toUtf8 } from '../bytes.ts';
import { verifyEd25519 } from '../crypto.ts';

import { assertIndex, TlogError } from './errors.ts';
import type { NoteSignature, Sign } from './note.ts';
import { parseNote } from './note.ts';
import type { VerifierKey } from './verifier-key.ts';
import { keyId, SIGNATURE_COSIGNATURE_V1 } from './verifier-key.ts';

/** A witness's verified statement: at this time, this was the largest consistent tree it had seen. */
export interface Cosignature {
  readonly witness: VerifierKey;
  /** POSIX seconds. */
  readonly timestamp: number;
}

/**
 * Bytes a witness signs.
 *
 * @param timestamp POSIX seconds
 * @param text text of the checkpoint's note, with its last newline
 */
export function cosignatureMessage(timestamp: number, text: string): Uint8Array {
  assertIndex(timestamp, 'cosignature timestamp');
  return toUtf8(`cosignature/v1\ntime ${timestamp}\n${text}`);
}

/**
 * Cosigns a checkpoint. The caller has verified the log's signature and consistency with the last tree it cosigned.
 *
 * @param note the checkpoint note
 * @param witness its name and public key (32 bytes), `sign` with its private key, and the time in POSIX seconds
 * @returns a signature line; put it on the note with `addSignature`
 * @throws TlogError when the note is malformed
 */
export function cosign(
  note: string,
  witness: { name: string; publicKey: Uint8Array; sign: Sign; timestamp: number },
): NoteSignature {
  const signature = witness.sign(cosignatureMessage(witness.timestamp, parseNote(note).text));
  const time = new Uint8Array(8);
  new DataView(time.buffer).setBigUint64(0, BigInt(witness.timestamp));
  return {
    name: witness.name,
    keyId: keyId(witness.name, SIGNATURE_COSIGNATURE_V1, witness.publicKey),
    signature: concatBytes(time, signature),
  };
}

/**
 * Verifies the cosignatures of trusted witnesses on a checkpoint. Unknown signers are ignored; each witness counts once.
 *
 * @param note the checkpoint note, whose log signature is verified apart (`verifyCheckpoint`)
 * @param witnesses trusted keys of type 0x04
 * @returns the cosignatures that hold; compare their number with the quorum asked
 * @throws TlogError when the note is malformed or a trusted witness's cosignature is wrong
 */
export function verifyCosignatures(note: string, witnesses: readonly VerifierKey[]): Cosignature[] {
  const { text, signatures } = parseNote(note);
  const verified: Cosignature[] = [];
  for (const { name, keyId: id, signature } of signatures) {
    const witness = witnesses.find((w) => w.type === SIGNATURE_COSIGNATURE_V1 && w.name === name && w.keyId === id);
    if (witness === undefined) continue;
    const timestamp = signature.length === 72 ? readTimestamp(signature) : undefined;
    if (
      timestamp === undefined ||
      !verifyEd25519(witness.publicKey, cosignatureMessage(timestamp, text), signature.subarray(8))
    ) {
      throw new TlogError(`Checkpoint: the cosignature of ${name} is wrong.`, 'bad-signature');
    }
    if (!verified.some((cosignature) => cosignature.witness === witness)) verified.push({ witness, timestamp });
  }
  return verified;
}

function readTimestamp(signature: Uint8Array): number | undefined {
  const value = Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0));
  return Number.isSafeInteger(value) ? value : undefined;
}
