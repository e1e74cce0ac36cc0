// Payload schemas: each field declared once; decoding refuses unknown fields, wrong types and non-canonical bytes.

import { FormatError } from '../errors.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';

/** A field type: checks a decoded value and returns it typed; throws FormatError naming the path. */
export interface Field<T> {
  readonly check: (value: unknown, path: string) => T;
  readonly optional?: boolean;
}

export type Infer<F> = F extends Field<infer T> ? T : never;
type OptionalKeys<S> = { [K in keyof S]: undefined extends Infer<S[K]> ? K : never }[keyof S];
type Shape<S> = { [K in Exclude<keyof S, OptionalKeys<S>>]: Infer<S[K]> } & {
  [K in OptionalKeys<S>]?: Exclude<Infer<S[K]>, undefined>;
};

function fail(path: string, expected: string, got: unknown): never {
  const type = got === null ? 'null' : got instanceof Uint8Array ? `${got.length} bytes` : typeof got;
  throw new FormatError('malformed', `${path}: expected ${expected}, got ${type}.`);
}

/** Text of at most `max` characters; with `pattern`, matching it whole. */
export function text(max: number, pattern?: RegExp): Field<string> {
  return {
    check: (v, path) =>
      typeof v === 'string' && v.length <= max && (pattern === undefined || pattern.test(v))
        ? v
        : fail(path, pattern ? `text like ${pattern.source}` : `text of at most ${max} characters`, v),
  };
}

/** Integer from `min` to `max`, both at most 2^53-1 in size. */
export function integer(min = 0, max: number = Number.MAX_SAFE_INTEGER): Field<number> {
  return {
    check: (v, path) =>
      typeof v === 'number' && Number.isSafeInteger(v) && v >= min && v <= max
        ? v
        : fail(path, `an integer from ${min} to ${max}`, v),
  };
}

/** Exactly `length` bytes, or any number up to `max`. */
export function bytes(length: number | { max: number }): Field<Uint8Array> {
  return {
    check: (v, path) => {
      const ok = v instanceof Uint8Array && (typeof length === 'number' ? v.length === length : v.length <= length.max);
      return ok ? v : fail(path, typeof length === 'number' ? `${length} bytes` : `at most ${length.max} bytes`, v);
    },
  };
}

export function boolean(): Field<boolean> {
  return { check: (v, path) => (typeof v === 'boolean' ? v : fail(path, 'true or false', v)) };
}

export function oneOf<const V extends readonly (string | number)[]>(...values: V): Field<V[number]> {
  return {
    check: (v, path) => (values.includes(v as V[number]) ? (v as V[number]) : fail(path, values.join(' or '), v)),
  };
}

export function either<A, B>(a: Field<A>, b: Field<B>): Field<A | B> {
  return {
    check: (v, path) => {
      try {
        return a.check(v, path);
      } catch {
        return b.check(v, path);
      }
    },
  };
}

export function list<T>(item: Field<T>, max: number): Field<T[]> {
  return {
    check: (v, path) => {
      if (!Array.isArray(v) || v.length > max) return fail(path, `a list of at most ${max}`, v);
      return v.map((entry, i) => item.check(entry, `${path}[${i}]`));
    },
  };
}

export function optional<T>(field: Field<T>): Field<T | undefined> {
  return { check: (v, path) => (v === undefined ? undefined : field.check(v, path)), optional: true };
}

/** An object with exactly these fields. */
export function record<S extends Record<string, Field<unknown>>>(fields: S): Field<Shape<S>> {
  const names = Object.keys(fields);
  return {
    check: (v, path) => {
      if (typeof v !== 'object' || v === null || Array.isArray(v) || v instanceof Uint8Array || v instanceof Map)
        return fail(path, 'an object', v);
      const given = v as Record<string, unknown>;
      for (const name of Object.keys(given))
        if (!Object.hasOwn(fields, name)) throw new FormatError('malformed', `${path}.${name}: unknown field.`);
      const out: Record<string, unknown> = {};
      for (const name of names) {
        const value = (fields[name] as Field<unknown>).check(
          Object.hasOwn(given, name) ? given[name] : undefined,
          `${path}.${name}`,
        );
        if (value !== undefined) out[name] = value;
      }
      return out as Shape<S>;
    },
  };
}

/** Text keys to values of one type. */
export function dictionary<T>(item: Field<T>, max: number): Field<Record<string, T>> {
  return {
    check: (v, path) => {
      if (typeof v !== 'object' || v === null || Array.isArray(v) || v instanceof Uint8Array)
        return fail(path, 'an object', v);
      const entries = Object.entries(v);
      if (entries.length > max) return fail(path, `at most ${max} entries`, v);
      return Object.fromEntries(entries.map(([key, value]) => [key, item.check(value, `${path}.${key}`)]));
    },
  };
}

/** A payload type: deterministic CBOR bytes to value and back, both directions checked. */
export interface Codec<T> {
  readonly name: string;
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

/** @example const codec = payload('point', record({ x: integer(), y: integer() })); codec.encode({ x: 1, y: 2 }) */
export function payload<T>(name: string, field: Field<T>): Codec<T> {
  return {
    name,
    encode: (value) => encodeCbor(field.check(value, name)),
    decode: (encoded) => field.check(decodeCbor(encoded, name), name),
  };
}

/** What terms are written in: integers, texts, booleans, lists and objects of them. */
export type Value = number | string | boolean | readonly Value[] | { readonly [name: string]: Value };

const VALUE_DEPTH_MAX = 5;
const VALUE_ITEMS_MAX = 20_000;
const VALUE_CHARS_MAX = 4_096;

/** Any {@link Value} of at most five levels: the place for what a schema elsewhere describes (a domain's terms). */
export function value(): Field<Value> {
  return { check: (v, path) => checkValue(v, path, VALUE_DEPTH_MAX) };
}

function checkValue(v: unknown, path: string, depth: number): Value {
  if (typeof v === 'boolean') return v;
  if (typeof v === 'number' && Number.isSafeInteger(v)) return v;
  if (typeof v === 'string' && v.length <= VALUE_CHARS_MAX) return v;
  if (depth > 0 && Array.isArray(v) && v.length <= VALUE_ITEMS_MAX)
    return v.map((item, i) => checkValue(item, `${path}[${i}]`, depth - 1));
  if (depth > 0 && typeof v === 'object' && v !== null && Object.getPrototypeOf(v) === Object.prototype) {
    const entries = Object.entries(v);
    if (entries.length <= VALUE_ITEMS_MAX)
      return Object.fromEntries(entries.map(([name, item]) => [name, checkValue(item, `${path}.${name}`, depth - 1)]));
  }
  return fail(path, 'an integer, a text, true or false, or lists and objects of them', v);
}
