// JSON of any size, element by element: JSON lines, the elements of a list, or one document.
import { parseJson } from '@trine/mapping/values/json.ts';
import { CommandError } from '../../output.ts';
import type { SourceFile } from '../source.ts';
import { linesOf } from './lines.ts';

/** Of one element: of a document that is no list, all of it. */
const ELEMENT_CHARS_MAX = 67_108_864;
const DEPTH_MAX = 64;

export interface Element {
  /** Absent where it is no JSON. */
  readonly json?: unknown;
  /** What stands there, where it is no JSON. */
  readonly text: string;
  /** From 1. */
  readonly place: number;
}

/** Does the text begin as JSON that holds objects? */
export function isJsonHead(text: string): boolean {
  return /^\s*(?:\[\s*)*(?:\{|\[\s*\])/.test(text);
}

/** Is the first line a document of its own? */
export function isLinesHead(text: string): boolean {
  const [first = '', second = ''] = text.trimStart().split('\n', 2);
  if (!first.startsWith('{') || second.trim() === '') return false;
  try {
    return parseJson(first) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Elements of a file.
 * @param isLines a line is a document: what is broken costs the line alone
 * @throws CommandError where the JSON is broken, too deep, or one element of it is too large
 */
export async function* elementsOf(file: SourceFile, isLines: boolean): AsyncGenerator<Element> {
  let place = 0;
  if (isLines) {
    for await (const line of linesOf(file)) {
      place++;
      if (line.trim() !== '') yield elementOf(line, place);
    }
    return;
  }
  const scan = new ElementScan();
  for await (const part of file.parts())
    for (const text of scan.elements(part)) {
      const element = elementOf(text, ++place);
      if (!('json' in element)) throw new CommandError(`Element ${place} of the file is no JSON: ${text.slice(0, 40)}`);
      yield element;
    }
  scan.end();
}

function elementOf(text: string, place: number): Element {
  try {
    return { json: parseJson(text.replace(/^\ufeff/, '')), text, place };
  } catch {
    return { text, place };
  }
}

/** Cuts JSON into the elements of its outermost list, or into the documents that follow each other. */
class ElementScan {
  #text = '';
  #at = 0;
  #depth = 0;
  #isList: boolean | undefined;
  #inString = false;
  #isEscaped = false;
  /** Where the element under way begins. */
  #from = -1;

  *elements(part: string): Generator<string> {
    this.#text += part;
    for (; this.#at < this.#text.length; this.#at++) {
      if (this.#steps(this.#text.charCodeAt(this.#at))) {
        yield this.#text.slice(this.#from, this.#at + 1);
        this.#from = -1;
      }
    }
    const kept = this.#from < 0 ? this.#at : this.#from;
    this.#text = this.#text.slice(kept);
    this.#at -= kept;
    if (this.#from > 0) this.#from = 0;
    if (this.#text.length > ELEMENT_CHARS_MAX)
      throw new CommandError(
        `One element of the JSON has more than ${ELEMENT_CHARS_MAX} characters: write it as JSON lines, or as a list.`,
      );
  }

  /** @returns does an element end here? */
  #steps(code: number): boolean {
    if (this.#inString) return this.#inText(code);
    if (code === 0x22) this.#inString = true;
    else if (code === 0x7b || code === 0x5b) return this.#opens(code === 0x5b);
    else if (code === 0x7d || code === 0x5d) {
      this.#depth--;
      if (this.#depth < 0) throw new CommandError('The JSON has a bracket that nothing opened.');
      return this.#from >= 0 && this.#depth === (this.#isList ? 1 : 0);
    }
    return false;
  }

  #inText(code: number): boolean {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (code === 0x5c) this.#isEscaped = true;
    else if (code === 0x22) this.#inString = false;
    return false;
  }

  #opens(isSquare: boolean): boolean {
    this.#isList ??= isSquare;
    if (this.#from < 0 && this.#depth === (this.#isList ? 1 : 0)) this.#from = this.#at;
    this.#depth++;
    if (this.#depth > DEPTH_MAX) throw new CommandError(`The JSON is nested more than ${DEPTH_MAX} deep.`);
    return false;
  }

  end(): void {
    if (this.#depth > 0 || this.#inString) throw new CommandError('The JSON breaks off: the file is not whole.');
  }
}
