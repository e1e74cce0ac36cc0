// C2SP signed-note: a text and the signatures of one or more named keys (https://c2sp.org/signed-note).
import { concatBytes, toUtf8 } from '../bytes.ts';
import { verifyEd25519 } from '../crypto.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { TlogError } from './errors.ts';
import type { VerifierKey } from './verifier-key.ts';
import { assertKeyName, keyId, SIGNATURE_ED25519 } from './verifier-key.ts';

/** Signatures and length a note may have: ample for a log and its witnesses, small enough to refuse abuse early. */
export const NOTE_SIGNATURES_MAX = 100;
export const NOTE_LENGTH_MAX = 1_000_000;

/** One signature line. */
export interface NoteSignature {
  /** Name of the key. */
  readonly name: string;
  /** First four bytes of the key's hash, as a number. */
  readonly keyId: number;
  /** What follows the key id: 64 bytes for Ed25519, 72 for a timestamped cosignature. */
  readonly signature: Uint8Array;
}

/** A note taken apart; nothing about it is verified. */
export interface Note {
  /** The signed text, with its last newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Makes 64 bytes of Ed25519 signature over the bytes given. */
export type Sign = (data: Uint8Array) => Uint8Array;

/** May this be the text of a note: well-formed Unicode, no control character but the newline, and one at its end? */
function isNoteText(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the format forbids exactly these
  return text.endsWith('\n') && text.isWellFormed() && !/[\x00-\x09\x0b-\x1f]/.test(text);
}

/** One signature line without its newline: em dash, name, base64 of key id and signature. */
export function formatSignature(signature: NoteSignature): string {
  assertKeyName(signature.name);
  const id = new Uint8Array(4);
  new DataView(id.buffer).setUint32(0, signature.keyId);
  return `— ${signature.name} ${toBase64(concatBytes(id, signature.signature))}`;
}

function parseSignature(line: string): NoteSignature {
  const [dash, name, encoded, ...rest] = line.split(' ');
  if (dash !== '—' || name === undefined || encoded === undefined || rest.length > 0) {
    throw new TlogError('Note: a signature line must be an em dash, a key name and base64, apart by single spaces.');
  }
  assertKeyName(name);
  const bytes = fromBase64(encoded, 'note signature');
  if (bytes.length < 5) throw new TlogError('Note signature: expected a key id of 4 bytes and a signature.');
  return { name, keyId: new DataView(bytes.buffer).getUint32(0), signature: bytes.subarray(4) };
}

/**
 * Takes a note apart strictly. Verify it with {@link verifyNote} before using its text.
 *
 * @param note the whole note
 * @throws TlogError when it is not exactly in the format
 */
export function parseNote(note: string): Note {
  if (note.length > NOTE_LENGTH_MAX) throw new TlogError(`Note: longer than ${NOTE_LENGTH_MAX} characters.`);
  if (!isNoteText(note))
    throw new TlogError('Note: expected Unicode lines, no control characters, a newline at the end.');
  const split = note.lastIndexOf('\n\n');
  if (split < 0) throw new TlogError('Note: no blank line between text and signatures.');
  const text = note.slice(0, split + 1);
  const lines = note.slice(split + 2, -1).split('\n');
  if (note.length === split + 2) throw new TlogError('Note: no signature.');
  if (lines.length > NOTE_SIGNATURES_MAX) throw new TlogError(`Note: more than ${NOTE_SIGNATURES_MAX} signatures.`);
  return { text, signatures: lines.map(parseSignature) };
}

/**
 * Writes a note.
 *
 * @param note text (ending in a newline) and at least one signature
 * @throws TlogError when the parts cannot make a well-formed note
 */
export function formatNote(note: Note): string {
  if (!isNoteText(note.text)) throw new TlogError('Note text: expected Unicode lines ending in a newline.');
  if (note.signatures.length === 0) throw new TlogError('Note: no signature.');
  return `${note.text}\n${note.signatures.map((signature) => `${formatSignature(signature)}\n`).join('')}`;
}

/**
 * Signs a text as a note with one Ed25519 key.
 *
 * @param text ends in a newline
 * @param signer name and public key (32 bytes), and `sign`, which holds the private key
 * @returns the note
 * @throws TlogError for a malformed text or name
 * @example signNote('example.com/log\n0\n47DE…=\n', { name: 'example.com/log', publicKey, sign })
 */
export function signNote(text: string, signer: { name: string; publicKey: Uint8Array; sign: Sign }): string {
  const id = keyId(signer.name, SIGNATURE_ED25519, signer.publicKey);
  return formatNote({ text, signatures: [{ name: signer.name, keyId: id, signature: signer.sign(toUtf8(text)) }] });
}

/**
 * Adds a signature line; the ones there stay. A line of the same key is replaced, so repeating changes nothing.
 *
 * @throws TlogError when the note is malformed or full
 */
export function addSignature(note: string, signature: NoteSignature): string {
  const parsed = parseNote(note);
  const others = parsed.signatures.filter((s) => s.name !== signature.name || s.keyId !== signature.keyId);
  if (others.length >= NOTE_SIGNATURES_MAX) throw new TlogError(`Note: more than ${NOTE_SIGNATURES_MAX} signatures.`);
  return formatNote({ text: parsed.text, signatures: [...others, signature] });
}

/**
 * Verifies a note against trusted Ed25519 keys (type 0x01). Signatures of unknown keys are ignored, as the
 * specification demands; a known key whose signature fails refuses the whole note.
 *
 * @param note the whole note
 * @param keys trusted keys
 * @returns the text and the trusted keys that signed it, at least one
 * @throws TlogError when the note is malformed, a known key's signature is wrong, or no known key signed
 */
export function verifyNote(note: string, keys: readonly VerifierKey[]): { text: string; signers: VerifierKey[] } {
  const { text, signatures } = parseNote(note);
  const message = toUtf8(text);
  const signers: VerifierKey[] = [];
  for (const signature of signatures) {
    const key = keys.find(
      (k) => k.type === SIGNATURE_ED25519 && k.name === signature.name && k.keyId === signature.keyId,
    );
    if (key === undefined) continue;
    if (!verifyEd25519(key.publicKey, message, signature.signature)) {
      throw new TlogError(`Note: the signature of ${key.name} is wrong.`, 'bad-signature');
    }
    if (!signers.includes(key)) signers.push(key);
  }
  if (signers.length === 0) throw new TlogError('Note: not signed by a trusted key.', 'bad-signature');
  return { text, signers };
}
