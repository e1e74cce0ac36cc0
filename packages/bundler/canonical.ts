// A form of sources that depends on what they do alone: without texts for people, and with their imports in an order that no
// name, file or folder decides.
import { createHash } from 'node:crypto';
import { type Node, type Program, parse, tokenizer } from 'acorn';
import { simple } from 'acorn-walk';

const PARSE = { ecmaVersion: 'latest', sourceType: 'module' } as const;

/** A stretch of a text that is left out. */
interface Cut {
  readonly start: number;
  readonly end: number;
}

function without(text: string, cuts: readonly Cut[]): string {
  let result = '';
  let at = 0;
  for (const { start, end } of [...cuts].sort((a, b) => a.start - b.start)) {
    result += text.slice(at, start);
    at = end;
  }
  return result + text.slice(at);
}

/**
 * Takes `.meta({…})` off schemas: titles and help of a form decide nothing.
 * @param code JavaScript
 */
export function withoutFormTexts(code: string): string {
  if (!code.includes('.meta(')) return code;
  const cuts: Cut[] = [];
  simple(parse(code, PARSE), {
    CallExpression({ callee, end, arguments: [given] }) {
      if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return;
      if (callee.property.name === 'meta' && given?.type === 'ObjectExpression')
        cuts.push({ start: callee.object.end, end });
    },
  });
  return without(code, cuts);
}

interface Import {
  readonly specifier: string;
  readonly text: string;
}

/** Imports of a module, re-exports among them, and what is left of it. */
function split(code: string): { imports: readonly Import[]; body: string } {
  const imports: Import[] = [];
  const cuts: Cut[] = [];
  for (const node of (parse(code, PARSE) as Program).body) {
    const source = (node as Node & { source?: { value: unknown } | null }).source;
    if (!source) continue;
    imports.push({ specifier: String(source.value), text: code.slice(node.start, node.end).replace(/;?$/, ';\n') });
    cuts.push(node);
  }
  return { imports, body: without(code, cuts) };
}

/** What a text says whatever its names are: each name by the place at which it came first. */
function shapeOf(code: string): string {
  const places = new Map<string, number>();
  const shape: string[] = [];
  for (const { type, value } of tokenizer(code, PARSE) as Iterable<{ type: { label: string }; value: unknown }>) {
    if (type.label === 'name') {
      const place = places.get(String(value)) ?? places.size;
      places.set(String(value), place);
      shape.push(`name ${place}`);
    } else {
      const { pattern, flags } = (type.label === 'regexp' ? value : {}) as { pattern?: string; flags?: string };
      shape.push(`${type.label} ${pattern === undefined ? String(value) : `/${pattern}/${flags}`}`);
    }
  }
  return shape.join('\n');
}

function hashOf(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:${part}`);
  return hash.digest('hex');
}

/**
 * Puts the imports of each file in order by what comes of them in the bundle. What nothing is left of has no say: another
 * part of the project may change as it likes.
 */
export class ImportOrder {
  readonly #keys = new Map<string, string>();
  readonly #left: ReadonlyMap<string, string>;
  readonly #imports: ReadonlyMap<string, readonly string[]>;

  /**
   * @param left what is left of each file in a first build, by path
   * @param imports paths that each file imports
   */
  constructor(left: ReadonlyMap<string, string>, imports: ReadonlyMap<string, readonly string[]>) {
    this.#left = left;
    this.#imports = imports;
  }

  /** @param code JavaScript of one file @param pathOf where its imports lead */
  sort(code: string, pathOf: (specifier: string) => string): string {
    const { imports, body } = split(code);
    const keyed = imports.map(({ specifier, text }) => ({ key: this.#key(pathOf(specifier)), text }));
    keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    return `${keyed.map(({ text }) => text).join('')}${body}`;
  }

  /** Names a file by what is left of it and of what it imports; empty where nothing is. */
  #key(path: string): string {
    const known = this.#keys.get(path);
    if (known !== undefined) return known;
    // Who imports in a circle has no first: nothing of it is in the name.
    this.#keys.set(path, '');
    const text = this.#left.get(path) ?? '';
    const rest = (this.#imports.get(path) ?? []).map((one) => this.#key(one)).filter((key) => key !== '');
    if (text === '' && rest.length === 0) return '';
    // By names only where all else is alike.
    const [shapes, texts] = [0, 65].map((at) => rest.map((one) => one.slice(at, at + 64)).sort()) as [
      string[],
      string[],
    ];
    const key = `${hashOf([shapeOf(text), ...shapes])} ${hashOf([text, ...texts])}`;
    this.#keys.set(path, key);
    return key;
  }
}
