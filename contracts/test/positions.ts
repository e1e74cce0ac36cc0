// The rows and the tree of positions of a batch, from the contracts' documentation alone, for their tests.
import { concatHex, type Hex, keccak256, numberToHex, zeroHash } from 'viem';

export const CHUNK_ROWS = 1024;
const DEPTH = 20;

/** Number of the member, what the obligation adds to its position in minor units. */
export type Row = readonly [number: number, amount: bigint];

/** 4 bytes number, 8 bytes zigzag of the amount. */
export function encodeRows(rows: readonly Row[]): Hex {
  return concatHex(
    rows.map(([number, amount]) =>
      concatHex([
        numberToHex(number, { size: 4 }),
        numberToHex(amount >= 0n ? 2n * amount : -2n * amount - 1n, { size: 8 }),
      ]),
    ),
  );
}

export function chunksOf(rows: readonly Row[]): { bytes: Hex[]; hashes: Hex[]; rowsHash: Hex } {
  const bytes: Hex[] = [];
  for (let at = 0; at < rows.length; at += CHUNK_ROWS) bytes.push(encodeRows(rows.slice(at, at + CHUNK_ROWS)));
  const hashes = bytes.map((chunk) => keccak256(chunk));
  return { bytes, hashes, rowsHash: keccak256(concatHex(hashes)) };
}

const zeros = [zeroHash as Hex];
for (let level = 0; level < DEPTH; level++) zeros.push(keccak256(concatHex([zeros[level]!, zeros[level]!])));

/** The tree of positions; `clone` before applying rows to have both. */
export class PositionTree {
  readonly positions: Map<number, bigint>;
  readonly #levels: Map<number, Hex>[];

  constructor(positions = new Map<number, bigint>(), levels?: Map<number, Hex>[]) {
    this.positions = positions;
    this.#levels = levels ?? Array.from({ length: DEPTH + 1 }, () => new Map());
  }

  clone(): PositionTree {
    return new PositionTree(
      new Map(this.positions),
      this.#levels.map((level) => new Map(level)),
    );
  }

  apply(rows: readonly Row[]): this {
    for (const [number, amount] of rows) this.set(number, this.of(number) + amount);
    return this;
  }

  set(number: number, position: bigint): this {
    this.positions.set(number, position);
    const bytes = concatHex([numberToHex(number, { size: 4 }), numberToHex(position, { size: 16, signed: true })]);
    this.#levels[0]!.set(number, position === 0n ? zeroHash : keccak256(bytes));
    for (let level = 0, at = number >>> 1; level < DEPTH; level++, at >>>= 1) {
      const pair = [this.#node(level, 2 * at), this.#node(level, 2 * at + 1)];
      this.#levels[level + 1]!.set(at, keccak256(concatHex(pair)));
    }
    return this;
  }

  of(number: number): bigint {
    return this.positions.get(number) ?? 0n;
  }

  root(): Hex {
    return this.#node(DEPTH, 0);
  }

  /** As the contract takes it. */
  prove(number: number): { number: number; position: bigint; path: Hex[] } {
    const path = Array.from({ length: DEPTH }, (_, level) => this.#node(level, (number >>> level) ^ 1));
    return { number, position: this.of(number), path };
  }

  /** The nodes beside those of some ascending numbers, as recomputing takes them: level by level, ascending. */
  pathBeside(numbers: readonly number[]): Hex[] {
    const path: Hex[] = [];
    let places = numbers;
    for (let level = 0; level < DEPTH; level++) {
      const here = new Set(places);
      for (const place of places) if (!here.has(place ^ 1)) path.push(this.#node(level, place ^ 1));
      places = [...new Set(places.map((place) => place >>> 1))];
    }
    return path;
  }

  #node(level: number, index: number): Hex {
    return this.#levels[level]!.get(index) ?? zeros[level]!;
  }
}
