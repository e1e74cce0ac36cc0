// Green Button XML (ESPI), entry by entry: a file of any size in little memory.
import { type Element, GreenButton } from '@trine/mapping/formats/espi.ts';
import type { RecordItem } from '@trine/mapping/formats/record.ts';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { CommandError } from '../../output.ts';
import type { SourceFile } from '../source.ts';
import type { Format } from './format.ts';

/** Of one entry; of a file without entries, all of it. */
const ENTRY_CHARS_MAX = 33_554_432;
const NESTING_MAX = 32;
const BEGIN = /<(?:[\w.-]+:)?entry(?=[\s>])/;
const END = /<\/(?:[\w.-]+:)?entry\s*>/;
const DEPTH_MAX = 16;

export const greenButton: Format = {
  name: 'Green Button XML (ESPI)',
  place: 'element',
  recognises({ text }) {
    return (
      /^\s*</.test(text) && /naesb\.org\/espi|<(?:[\w.-]+:)?(?:IntervalBlock|UsagePoint|ReadingType)[\s>]/.test(text)
    );
  },
  async *read(file, rules): AsyncGenerator<RecordItem> {
    const button = new GreenButton(rules.interval);
    for await (const entry of entriesOf(file)) button.learn(entry);
    let place = 0;
    for await (const entry of entriesOf(file)) yield* button.items(entry, ++place);
  },
};

const parser = new XMLParser({
  ignoreAttributes: false,
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  // Nothing that is read holds any, and they are how XML attacks.
  processEntities: false,
  maxNestedTags: NESTING_MAX,
});

/** @throws CommandError where it is no XML, has a document type or breaks off */
async function* entriesOf(file: SourceFile): AsyncGenerator<Element> {
  let text = '';
  let seen = 0;
  for await (const part of file.parts()) {
    // The end of an entry may be cut in two.
    const from = Math.max(0, text.length - 100);
    text += part;
    let end = END.exec(text.slice(from));
    let at = from;
    while (end !== null) {
      const stop = at + end.index + end[0].length;
      yield entryOf(text.slice(0, stop), ++seen);
      text = text.slice(stop);
      at = 0;
      end = END.exec(text);
    }
    if (text.length > ENTRY_CHARS_MAX)
      throw new CommandError(`One entry of the XML has more than ${ENTRY_CHARS_MAX} characters.`);
  }
  if (seen === 0) yield wholeOf(text);
  else if (BEGIN.test(text)) throw new CommandError('The XML breaks off: the file is not whole.');
}

/** One entry; what stands before it is dropped. */
function entryOf(text: string, place: number): Element {
  refuseTypes(text);
  const begin = BEGIN.exec(text);
  if (begin === null) throw new CommandError(`Entry ${place} of the XML ends and did not begin.`);
  return parsed(text.slice(begin.index), `Entry ${place} of the XML`).entry as Element;
}

/** A document without entries: its types and blocks, wherever they stand. */
function wholeOf(text: string): Element {
  refuseTypes(text);
  const found: Record<string, unknown[]> = { ReadingType: [], IntervalBlock: [] };
  const look = (element: unknown, depth: number): void => {
    if (typeof element !== 'object' || element === null || depth > DEPTH_MAX) return;
    for (const [name, child] of Object.entries(element)) {
      if (Object.hasOwn(found, name)) found[name]?.push(...(Array.isArray(child) ? child : [child]));
      else look(child, depth + 1);
    }
  };
  look(parsed(text, 'The XML'), 0);
  return found;
}

function refuseTypes(text: string): void {
  if (/<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST)/i.test(text))
    throw new CommandError(
      'The XML has a document type or entities of its own: Green Button has none, and none are read.',
    );
}

function parsed(text: string, what: string): Element {
  try {
    const valid = XMLValidator.validate(text);
    if (valid !== true) throw new Error(valid.err.msg);
    return parser.parse(text) as Element;
  } catch (error) {
    throw new CommandError(`${what} cannot be read: ${(error as Error).message}`);
  }
}
