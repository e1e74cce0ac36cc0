// How the characters of a file are written, and its text as UTF-8.
import { isUtf8 } from 'node:buffer';
import { Transform } from 'node:stream';
import { CommandError } from '../output.ts';

/** Of one parity of bytes, this share is NUL in the UTF-16 of western texts; of the other nearly none. */
const UTF16_SHARE = 0.4;
const NUL_SHARE_MAX = 0.01;

/**
 * UTF-16 by its mark or its NUL bytes, UTF-8 where the beginning is, and else what Windows writes in the west.
 * @returns as TextDecoder names it
 * @throws CommandError where it is no text
 */
export function encodingOf(beginning: Uint8Array): string {
  if (beginning[0] === 0xff && beginning[1] === 0xfe) return 'utf-16le';
  if (beginning[0] === 0xfe && beginning[1] === 0xff) return 'utf-16be';
  const [even, odd] = nulShares(beginning);
  if (odd > UTF16_SHARE && even < NUL_SHARE_MAX) return 'utf-16le';
  if (even > UTF16_SHARE && odd < NUL_SHARE_MAX) return 'utf-16be';
  if (even + odd > 2 * NUL_SHARE_MAX)
    throw new CommandError(
      `${Math.round(50 * (even + odd))} % of its first bytes are NUL, as in no text: it is damaged, or no table. Where a logger lost power, take them out first: tr -d '\\000' < FILE > NEW.`,
    );
  try {
    // A character may be cut in two at the end.
    new TextDecoder('utf-8', { fatal: true }).decode(beginning, { stream: true });
    return 'utf-8';
  } catch {
    return 'windows-1252';
  }
}

function nulShares(bytes: Uint8Array): [even: number, odd: number] {
  const counts: [number, number] = [0, 0];
  for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, at + 1)) counts[(at & 1) as 0 | 1]++;
  const half = Math.max(1, bytes.length / 2);
  return [counts[0] / half, counts[1] / half];
}

/** @throws CommandError where no such encoding is known */
export function knownEncoding(name: string): string {
  try {
    return new TextDecoder(name).encoding;
  } catch {
    throw new CommandError(`--encoding: "${name}" is no encoding known here, such as utf-8, windows-1252 or utf-16le.`);
  }
}

/** Turns bytes of an encoding into UTF-8. @throws CommandError in its stream, where what should be UTF-8 is none */
export function decoding(encoding: string): Transform {
  if (encoding === 'utf-8') return checkingUtf8();
  const decoder = new TextDecoder(encoding);
  return new Transform({
    transform(part: Buffer, _, done) {
      done(null, Buffer.from(decoder.decode(part, { stream: true })));
    },
    flush(done) {
      done(null, Buffer.from(decoder.decode()));
    },
  });
}

/** Names that differ in what is no UTF-8 would be one, so it stops. */
function checkingUtf8(): Transform {
  let carried: Buffer = Buffer.alloc(0);
  let before = 0;
  const fault = () =>
    new CommandError(
      `What follows byte ${before} is no UTF-8, though the beginning is: say how its characters are written with --encoding, such as windows-1252.`,
    );
  return new Transform({
    transform(part: Buffer, _, done) {
      const bytes = carried.length > 0 ? Buffer.concat([carried, part]) : part;
      const cut = wholeCharacters(bytes);
      carried = bytes.subarray(cut);
      const whole = bytes.subarray(0, cut);
      if (!isUtf8(whole)) return done(fault());
      before += cut;
      done(null, whole);
    },
    flush(done) {
      // A character that the end of the file cuts in two is the fault of whoever cut it.
      done(null, carried);
    },
  });
}

/** Bytes up to the last character that may be cut in two. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) return bytes.length - back;
  }
  return bytes.length;
}
