// The key of a party, made in this browser and kept in it. It signs here and leaves the browser only as a file that its
// owner saves.
import { addressOfPrivateKey, fromHex, type Hex, toHex } from '@trine/protocol';
import { keep, recall } from '../ui/storage.ts';

export interface OwnKey {
  /** secp256k1, 32 bytes */
  readonly key: Uint8Array;
  readonly address: Hex;
}

const nameOf = (address: string): string => `trine-key-${address}`;

/** @returns a new key, which this browser keeps */
export function makeKey(): OwnKey {
  for (;;) {
    const key = crypto.getRandomValues(new Uint8Array(32));
    try {
      const address = addressOfPrivateKey(key);
      keep(nameOf(address), toHex(key));
      return { key, address };
    } catch {
      // No scalar of the curve: once in 2^128.
    }
  }
}

/** The key of an account, where this browser has it. */
export function keyOf(address: string): OwnKey | undefined {
  const kept = recall(nameOf(address));
  return kept === undefined ? undefined : readKey(kept);
}

/**
 * A key as a file holds it, 64 hex digits.
 * @param isKept this browser keeps it
 * @returns undefined where there is none
 */
export function readKey(text: string, isKept = false): OwnKey | undefined {
  const digits = text.trim().replace(/^0x/, '');
  if (!/^[0-9a-fA-F]{64}$/.test(digits)) return undefined;
  try {
    const key = fromHex(digits);
    const address = addressOfPrivateKey(key);
    if (isKept) keep(nameOf(address), toHex(key));
    return { key, address };
  } catch {
    return undefined;
  }
}

/** As commands read it. */
export const keyFile = ({ key }: OwnKey): string => `${toHex(key)}\n`;
