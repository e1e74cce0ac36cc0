// Meters a WebAssembly module: each function entered and each turn of a loop costs one unit of fuel, each copied or filled
// sixteen bytes another. Counted, not timed: the same run uses up the same fuel on every machine. WebAssembly Core
// Specification 2.0, §5.

/** Names that the metered module exports its fuel under, and each of its variables with its place after it. */
export const FUEL = 'fuel';
export const VARIABLE = 'variable';

const SECTION = { type: 1, import: 2, function: 3, global: 6, export: 7, code: 10 } as const;
const I32 = 0x7f;
const I64 = 0x7e;
/** Of what runs while the module starts; in a form that is the same signed and unsigned. */
const START_FUEL = 2 ** 40;
const OP = { loop: 0x03, if: 0x04, end: 0x0b, unreachable: 0x00, get: 0x23, set: 0x24 } as const;

function leb(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  do {
    const byte = left & 0x7f;
    left = Math.floor(left / 128);
    bytes.push(left > 0 ? byte | 0x80 : byte);
  } while (left > 0);
  return bytes;
}

class Reader {
  at: number;
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new RangeError('The module ends early.');
    return byte;
  }

  /** Unsigned. */
  number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  /** Any LEB128, passed over. */
  skipNumber(): void {
    while (this.byte() >= 0x80);
  }

  skip(count: number): void {
    this.at += count;
  }

  name(): void {
    this.skip(this.number());
  }
}

/** What the code of a function is metered with. */
interface Meter {
  readonly fuel: number;
  readonly paramsOf: (place: number) => number;
}

/** Passes over what follows an opcode. @throws TypeError for an instruction that is not known here */
function skipImmediates(reader: Reader, op: number): void {
  if ((op >= 0x02 && op <= 0x04) || op === 0x0c || op === 0x0d || op === 0x10) reader.skipNumber();
  else if (op === 0x0e) for (let left = reader.number() + 1; left > 0; left--) reader.skipNumber();
  else if (op === 0x11 || (op >= 0x28 && op <= 0x3e)) {
    reader.skipNumber();
    reader.skipNumber();
  } else if (op === 0x1c) reader.skip(reader.number());
  else if ((op >= 0x20 && op <= 0x26) || op === 0x41 || op === 0x42 || op === 0xd0 || op === 0xd2) reader.skipNumber();
  else if (op === 0x3f || op === 0x40) reader.skip(1);
  else if (op === 0x43) reader.skip(4);
  else if (op === 0x44) reader.skip(8);
  else if (op === 0xfc) skipBulk(reader);
  else if (!(op <= 0x01 || op === 0x05 || op === 0x0b || op === 0x0f || op === 0x1a || op === 0x1b || isPlain(op)))
    throw new TypeError(`The instruction 0x${op.toString(16)} cannot be metered.`);
}

/** Arithmetic and comparisons, and `ref.is_null`. */
function isPlain(op: number): boolean {
  return (op >= 0x45 && op <= 0xc4) || op === 0xd1;
}

function skipBulk(reader: Reader): void {
  const op = reader.number();
  if (op > 17) throw new TypeError(`The instruction 0xfc ${op} cannot be metered.`);
  if (op === 8 || op === 10 || op === 12 || op === 14) reader.skipNumber();
  if (op >= 8) reader.skipNumber();
}

/** Copies and fills: their length lies on top of the stack. */
function isBulk(code: Reader, op: number): boolean {
  const next = code.bytes[code.at];
  return op === 0xfc && (next === 10 || next === 11);
}

/** The body of a function with fuel taken at its entry, at each turn of its loops, and for what it copies. */
function meteredBody(body: Uint8Array, params: number, { fuel }: Meter): number[] {
  const code = new Reader(body);
  let locals = 0;
  const groups = code.number();
  const groupsAt = code.at;
  for (let i = 0; i < groups; i++) {
    locals += code.number();
    code.byte();
  }
  const length = params + locals;
  const out: number[] = [...leb(groups + 1), ...body.subarray(groupsAt, code.at), 1, I32];
  const global = leb(fuel);
  const take = [OP.get, ...global, 0x42, 1, 0x7d, OP.set, ...global];
  const check = [OP.get, ...global, 0x42, 0, 0x53, OP.if, 0x40, OP.unreachable, OP.end];
  out.push(...take, ...check);
  let from = code.at;
  const copyTo = (to: number) => {
    for (; from < to; from++) out.push(body[from] as number);
  };
  while (code.at < body.length) {
    const at = code.at;
    const op = code.byte();
    if (isBulk(code, op)) {
      copyTo(at);
      const place = leb(length);
      // 16 bytes a unit: local.tee, then fuel -= length >>> 4.
      out.push(0x22, ...place, OP.get, ...global, 0x20, ...place, 0x41, 4, 0x76, 0xad, 0x7d, OP.set, ...global);
    }
    skipImmediates(code, op);
    if (op !== OP.loop) continue;
    copyTo(code.at);
    out.push(...take, ...check);
  }
  copyTo(body.length);
  return out;
}

interface Section {
  readonly id: number;
  readonly payload: Uint8Array;
}

function sectionsOf(module: Uint8Array): Section[] {
  const reader = new Reader(module, 8);
  const sections: Section[] = [];
  while (reader.at < module.length) {
    const id = reader.byte();
    const length = reader.number();
    sections.push({ id, payload: module.subarray(reader.at, reader.at + length) });
    reader.skip(length);
  }
  return sections;
}

function find(sections: readonly Section[], id: number): Reader {
  const found = sections.find((one) => one.id === id);
  if (found === undefined) throw new TypeError(`The module has no section ${id}.`);
  return new Reader(found.payload);
}

/** How many parameters each function has that the module defines. */
function paramsByFunction(sections: readonly Section[]): number[] {
  const types = find(sections, SECTION.type);
  const params: number[] = [];
  for (let left = types.number(); left > 0; left--) {
    types.byte();
    const count = types.number();
    types.skip(count);
    types.skip(types.number());
    params.push(count);
  }
  const functions = find(sections, SECTION.function);
  return Array.from({ length: functions.number() }, () => params[functions.number()] as number);
}

/** @throws TypeError where it imports variables: their places would be others */
function checkImports(sections: readonly Section[]): void {
  const imports = find(sections, SECTION.import);
  for (let left = imports.number(); left > 0; left--) {
    imports.name();
    imports.name();
    const kind = imports.byte();
    if (kind === 3) throw new TypeError('The module imports variables.');
    if (kind === 0) imports.skipNumber();
    else {
      if (kind === 1) imports.byte();
      const hasMax = imports.byte() & 1;
      imports.skipNumber();
      if (hasMax) imports.skipNumber();
    }
  }
}

function textBytes(text: string): number[] {
  return [...leb(text.length), ...[...text].map((char) => char.charCodeAt(0))];
}

/** The same sections, of which the code takes fuel; it lies in a variable of its own, exported with all others. */
function meteredSection({ id, payload }: Section, meter: Meter): Uint8Array | number[] {
  const reader = new Reader(payload);
  if (id === SECTION.global) {
    const count = reader.number();
    return [...leb(count + 1), ...payload.subarray(reader.at), I64, 1, 0x42, ...leb(START_FUEL), OP.end];
  }
  if (id === SECTION.export) {
    const count = reader.number();
    const variables = Array.from({ length: meter.fuel }, (_, i) => [...textBytes(`${VARIABLE}${i}`), 3, ...leb(i)]);
    return [
      ...leb(count + 1 + meter.fuel),
      ...payload.subarray(reader.at),
      ...variables.flat(),
      ...textBytes(FUEL),
      3,
      ...leb(meter.fuel),
    ];
  }
  if (id !== SECTION.code) return payload;
  const count = reader.number();
  const chunks: number[][] = [leb(count)];
  for (let i = 0; i < count; i++) {
    const length = reader.number();
    const body = meteredBody(payload.subarray(reader.at, reader.at + length), meter.paramsOf(i), meter);
    chunks.push(leb(body.length), body);
    reader.skip(length);
  }
  return joined(chunks);
}

function joined(chunks: readonly ArrayLike<number>[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/**
 * @param module in the binary format, without SIMD and exceptions
 * @returns one that does the same and traps once its fuel, an exported 64-bit variable, is below zero
 * @throws TypeError for what cannot be metered
 */
export function metered(module: Uint8Array): Uint8Array {
  const sections = sectionsOf(module);
  checkImports(sections);
  const params = paramsByFunction(sections);
  const meter: Meter = {
    fuel: find(sections, SECTION.global).number(),
    paramsOf: (place) => params[place] as number,
  };
  const chunks: ArrayLike<number>[] = [module.subarray(0, 8)];
  for (const section of sections) {
    const payload = meteredSection(section, meter);
    chunks.push([section.id, ...leb(payload.length)], payload);
  }
  return joined(chunks);
}
