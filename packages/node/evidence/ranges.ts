// What went in, part by part, as runs of sequences.
import { type Evaluated, inputRanges, type OpenedInput } from '@trine/engine';
import { encodeCbor, type InputRange, sha256 } from '@trine/protocol';

export function rangesOf(parts: Evaluated['parts']): { key: string; ranges: InputRange[] }[] {
  return [...parts].map(([key, inputs]) => ({ key, ranges: inputRanges(inputs) })).sort(byKey);
}

export function rangesHash(inputs: readonly OpenedInput[]): Uint8Array {
  return sha256(encodeCbor(inputRanges(inputs)));
}

export function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  return a.key < b.key ? -1 : 1;
}
