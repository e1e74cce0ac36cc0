// C2SP tlog-checkpoint: a signed tree head as a note (https://c2sp.org/tlog-checkpoint).
import { fromBase64, toBase64 } from './base64.ts';
import { assertIndex, parseDecimal, TlogError } from './errors.ts';
import { HASH_SIZE } from './merkle.ts';
import type { Sign } from './note.ts';
import { parseNote, signNote, verifyNote } from './note.ts';
import type { VerifierKey } from './verifier-key.ts';

/** What a checkpoint says. */
export interface Checkpoint {
  /** Unique name of the log. */
  readonly origin: string;
  /** Number of leaves. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** A checkpoint with the note that carries it. */
export interface SignedCheckpoint extends Checkpoint {
  /** The whole note, verbatim, with all its signatures. */
  readonly note: string;
}

/**
 * Text of a checkpoint, to be signed.
 *
 * @throws TlogError for an empty origin, an unsafe size or a root that is not 32 bytes
 */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  assertIndex(checkpoint.size, 'checkpoint size');
  if (checkpoint.origin === '' || checkpoint.origin.includes('\n')) {
    throw new TlogError('Checkpoint origin: expected one line that is not empty.');
  }
  if (checkpoint.root.length !== HASH_SIZE) throw new TlogError('Checkpoint root: expected 32 bytes.');
  return `${checkpoint.origin}\n${checkpoint.size}\n${toBase64(checkpoint.root)}\n`;
}

/**
 * Reads the text of a checkpoint. Extension lines are refused: ours never have them, monitors cannot audit them, and
 * what is signed should be what is shown.
 *
 * @param text the text of the note, without signatures
 * @throws TlogError
 */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin, size, root, end, ...extensions] = text.split('\n');
  if (!origin || size === undefined || root === undefined || end !== '' || extensions.length > 0) {
    throw new TlogError('Checkpoint: expected exactly three lines: origin, size, root.');
  }
  const hash = fromBase64(root, 'checkpoint root');
  if (hash.length !== HASH_SIZE) throw new TlogError('Checkpoint root: expected 32 bytes.');
  return { origin, size: parseDecimal(size, 'checkpoint size'), root: hash };
}

/**
 * Reads a checkpoint note without verifying any signature, to look at its size or to hand it on.
 *
 * @throws TlogError when it is malformed
 */
export function parseSignedCheckpoint(note: string): SignedCheckpoint {
  return { ...parseCheckpoint(parseNote(note).text), note };
}

/**
 * Signs a checkpoint with the log's key; the key's name is the origin.
 *
 * @param checkpoint what to sign
 * @param publicKey 32 bytes
 * @param sign holds the private key
 */
export function signCheckpoint(checkpoint: Checkpoint, publicKey: Uint8Array, sign: Sign): SignedCheckpoint {
  const note = signNote(formatCheckpoint(checkpoint), { name: checkpoint.origin, publicKey, sign });
  return { ...checkpoint, note };
}

/**
 * Verifies a checkpoint: signed by the log's key, and of the origin that key is named after.
 *
 * @param note the whole note
 * @param logKey the log's trusted key
 * @throws TlogError when malformed, not signed by the key, or of another origin
 * @example verifyCheckpoint(await (await fetch(`${url}/checkpoint`)).text(), parseVerifierKey(vkey)).size
 */
export function verifyCheckpoint(note: string, logKey: VerifierKey): SignedCheckpoint {
  const { text } = verifyNote(note, [logKey]);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== logKey.name) {
    throw new TlogError(`Checkpoint: of the origin ${checkpoint.origin}, but the key is that of ${logKey.name}.`);
  }
  return { ...checkpoint, note };
}
