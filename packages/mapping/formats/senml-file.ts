// SenML (RFC 8428) that lies in a file: record by record, as its base fields hold for all that follow.

import { type ResolvedRecord, resolveSenml } from '../senml.ts';
import { noValue } from '../values/words.ts';
import type { RecordItem } from './record.ts';

const LABELS = new Set(['bn', 'bt', 'bu', 'bv', 'bs', 'bver', 'n', 'u', 'v', 'vs', 'vb', 'vd', 's', 't', 'ut']);
const BASES = ['bn', 'bt', 'bu', 'bv', 'bver'] as const;

/** Is it an object of SenML's labels alone, with a name? */
export function isSenmlRecord(json: unknown): boolean {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return false;
  const names = Object.keys(json);
  return names.every((name) => LABELS.has(name)) && (names.includes('n') || names.includes('bn'));
}

/** Reads the records of packs one after the other. A file has no "now" that relative times could count from. */
export class SenmlRecords {
  #bases: Record<string, unknown> = {};

  /** @param json a record, or a whole pack, whose bases are its own */
  *items(json: unknown, place: number): Generator<RecordItem> {
    if (Array.isArray(json)) {
      this.#bases = {};
      for (const record of json) yield* this.#record(record, place);
    } else yield* this.#record(json, place);
  }

  *#record(record: unknown, place: number): Generator<RecordItem> {
    if (typeof record !== 'object' || record === null) {
      return yield { why: 'no record of SenML', text: String(record).slice(0, 40), place, isLoss: true };
    }
    const fields = record as Readonly<Record<string, unknown>>;
    for (const base of BASES) if (fields[base] !== undefined) this.#bases[base] = fields[base];
    if (isDead(fields))
      return yield { why: 'no value', text: String(fields.n ?? '').slice(0, 40), place, isLoss: false };
    try {
      const { records, left } = resolveSenml([{ bv: 0, ...this.#bases }, record], Number.NaN);
      for (const { why } of left)
        yield { why: wordsOf(why), text: String(fields.n ?? '').slice(0, 40), place, isLoss: isNumber(fields) };
      for (const one of records) yield itemOf(one, place);
    } catch (error) {
      yield {
        why: (error as Error).message,
        text: String(fields.n ?? '').slice(0, 40),
        place,
        isLoss: isNumber(fields),
      };
    }
  }
}

/** A null, or a word for "not a number" where a number belongs. */
const isDead = ({ v, vs, vb }: Readonly<Record<string, unknown>>) =>
  v === null || vs === null || vb === null || (typeof v === 'string' && noValue(v, true) !== undefined);

const isNumber = ({ v, vs, vb, s }: Readonly<Record<string, unknown>>) =>
  [v, vs, vb, s].some((one) => one !== undefined);

/** Without "now" a relative time is none at all. */
function wordsOf(why: string): string {
  return why.startsWith('is dated before') ? 'record without an absolute time' : `record that ${why}`;
}

/** The base name is the thing, what stands behind it the quantity. */
function itemOf({ base, name, unit, timeMs, value }: ResolvedRecord, place: number): RecordItem {
  const cut = base === '' ? name.lastIndexOf('/') + 1 : base.length;
  const thing = name.slice(0, cut).replace(/[:/]+$/, '');
  return {
    thing: thing === '' ? [] : thing.split('/'),
    quantity: name.slice(cut) || 'value',
    ...(unit !== '' && { unit, isSymbol: true as const }),
    timeMs,
    value,
    place,
  };
}
