// Trained trees as bytes: what a training run hands on, named by its hash.
import { LEAF, leftChildren, type Tree } from './tree.ts';

/** What the bytes say besides the trees. */
export interface Header {
  readonly features: readonly string[];
  readonly classes: readonly string[];
  /** Numbers that a leaf answers. */
  readonly outputs: number;
  readonly trees: number;
}

const TAG_BYTES = 4;
const PREFIX_BYTES = TAG_BYTES + 8;

/**
 * Writes trees. Layout, little-endian: four ASCII characters, version and length of the header (unsigned, 4 bytes each),
 * the header as JSON; then for each tree the number of its nodes (2 bytes) and for each node its feature (2 bytes, 0xffff
 * for a leaf) with its threshold (binary64), or with what it answers (binary32 each).
 */
export function writeTrees(
  tag: string,
  version: number,
  header: Omit<Header, 'trees'>,
  trees: readonly Tree[],
): Uint8Array {
  const { features, classes, outputs } = header;
  const json = new TextEncoder().encode(JSON.stringify({ features, classes, outputs, trees: trees.length }));
  const size = trees.reduce(
    (sum, { feature }) => sum + 2 + feature.reduce((all, f) => all + 2 + (f === LEAF ? 4 * outputs : 8), 0),
    PREFIX_BYTES + json.length,
  );
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < TAG_BYTES; i++) view.setUint8(i, tag.charCodeAt(i));
  view.setUint32(TAG_BYTES, version, true);
  view.setUint32(TAG_BYTES + 4, json.length, true);
  bytes.set(json, PREFIX_BYTES);
  let at = PREFIX_BYTES + json.length;
  for (const { feature, threshold, values } of trees) {
    view.setUint16(at, feature.length, true);
    at += 2;
    for (const [node, f] of feature.entries()) {
      view.setUint16(at, f, true);
      at += 2;
      if (f !== LEAF) {
        view.setFloat64(at, threshold[node]!, true);
        at += 8;
      } else for (let c = 0; c < outputs; c++, at += 4) view.setFloat32(at, values[node * outputs + c]!, true);
    }
  }
  return bytes;
}

/**
 * Reads bytes from `writeTrees`.
 *
 * @throws RangeError when they are of another kind or version, or damaged
 */
export function readTrees(tag: string, version: number, bytes: Uint8Array): { header: Header; trees: Tree[] } {
  const reader = new Reader(bytes);
  const foundTag = String.fromCharCode(...bytes.subarray(0, TAG_BYTES));
  reader.skip(TAG_BYTES);
  const foundVersion = reader.uint32();
  if (foundTag !== tag || foundVersion !== version)
    throw new RangeError(
      `Expected a model of ${tag} version ${version}, got ${JSON.stringify(foundTag)} version ${foundVersion}.`,
    );
  const header = readHeader(reader.take(reader.uint32()));
  const trees: Tree[] = [];
  for (let i = 0; i < header.trees; i++) trees.push(readTree(reader, header));
  reader.end();
  return { header, trees };
}

function readHeader(json: Uint8Array): Header {
  let header: Header;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json)) as Header;
  } catch {
    throw new RangeError('The header of the model is not JSON: the bytes are damaged.');
  }
  const names = (list: unknown): boolean =>
    Array.isArray(list) && list.length > 0 && list.every((name) => typeof name === 'string');
  const count = (n: unknown): boolean => Number.isInteger(n) && (n as number) > 0 && (n as number) < 1e6;
  if (!(names(header.features) && names(header.classes) && count(header.outputs) && count(header.trees)))
    throw new RangeError('The header of the model is incomplete: the bytes are damaged.');
  return header;
}

function readTree(reader: Reader, { features, outputs }: Header): Tree {
  const nodes = reader.uint16();
  const feature = new Uint16Array(nodes);
  const threshold = new Float64Array(nodes);
  const values = new Float64Array(nodes * outputs);
  for (let node = 0; node < nodes; node++) {
    const f = reader.uint16();
    if (f !== LEAF && f >= features.length)
      throw new RangeError(`A tree asks for feature ${f} of ${features.length}: the bytes are damaged.`);
    feature[node] = f;
    if (f !== LEAF) threshold[node] = reader.float64();
    else for (let c = 0; c < outputs; c++) values[node * outputs + c] = reader.float32();
  }
  const left = leftChildren(feature);
  if (left === undefined) throw new RangeError('A tree is not whole: the bytes are damaged.');
  return { feature, threshold, left, values };
}

/** Reads numbers in order, and nothing beyond the end. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  skip(length: number): number {
    const from = this.#at;
    if (from + length > this.#bytes.length) throw new RangeError('The bytes of the model end too early.');
    this.#at += length;
    return from;
  }

  take = (length: number): Uint8Array => this.#bytes.subarray(this.skip(length), this.#at);
  uint16 = (): number => this.#view.getUint16(this.skip(2), true);
  uint32 = (): number => this.#view.getUint32(this.skip(4), true);
  float64 = (): number => this.#finite(this.#view.getFloat64(this.skip(8), true));
  float32 = (): number => this.#finite(this.#view.getFloat32(this.skip(4), true));

  end(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError('The model has bytes after its end.');
  }

  #finite(value: number): number {
    if (!Number.isFinite(value)) throw new RangeError('A number in the model is not finite: the bytes are damaged.');
    return value;
  }
}
