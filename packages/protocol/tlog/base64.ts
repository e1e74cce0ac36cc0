// Base64 that behaves alike in Node and in a browser.
import { TlogError } from './errors.ts';

/** Standard base64 with padding (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/**
 * Decodes standard base64, canonical form only: padding present, unused bits zero, no white space. (A decoder that
 * accepts two spellings of the same bytes lets a third party change a signed file without breaking it.)
 *
 * @param text the base64
 * @param name how the message calls the field
 * @throws TlogError
 */
export function fromBase64(text: string, name: string): Uint8Array {
  let binary: string | undefined;
  try {
    binary = atob(text);
  } catch {
    binary = undefined;
  }
  if (binary === undefined || btoa(binary) !== text)
    throw new TlogError(`The ${name} should be canonical base64 (RFC 4648 §4).`);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
