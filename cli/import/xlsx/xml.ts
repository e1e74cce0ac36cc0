// XML of a workbook's parts, read as it comes: nothing of it is kept, no entity is expanded but the five of XML itself.
import type { Readable } from 'node:stream';
import { SaxesParser } from 'saxes';
import { CommandError } from '../../output.ts';

/** Between two tags. Excel allows 32,767 characters in a cell. */
const TEXT_CHARS_MAX = 4_194_304;

export interface XmlEvents {
  /** @param name without the prefix of its namespace */
  readonly open: (name: string, attributes: Readonly<Record<string, string>>) => void;
  readonly text?: (text: string) => void;
  readonly close?: (name: string) => void;
}

const local = (name: string): string => name.slice(name.indexOf(':') + 1);

/**
 * Reads a part piece by piece; whoever reads it takes what it found after each piece.
 * @throws CommandError where it is no XML, or made to do harm
 */
export async function* readXml(part: Readable, events: XmlEvents): AsyncGenerator<undefined> {
  const parser = new SaxesParser({ xmlns: false, fragment: false });
  let sinceTag = 0;
  parser.on('opentag', ({ name, attributes }) => {
    sinceTag = 0;
    events.open(local(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    sinceTag = 0;
    events.close?.(local(name));
  });
  if (events.text) parser.on('text', events.text);
  parser.on('doctype', () => {
    throw new CommandError('The workbook has a document type declaration, as no workbook does: it is not read.');
  });
  parser.on('error', (error) => {
    throw new CommandError(`The workbook is damaged: ${error.message}`);
  });
  const decoder = new TextDecoder('utf-8');
  try {
    for await (const bytes of part) {
      sinceTag += (bytes as Buffer).length;
      parser.write(decoder.decode(bytes as Buffer, { stream: true }));
      if (sinceTag > TEXT_CHARS_MAX)
        throw new CommandError('The workbook has a cell of more than 4 MiB: it is not read.');
      yield;
    }
    parser.close();
  } catch (error) {
    throw error instanceof CommandError
      ? error
      : new CommandError(`The workbook is damaged: ${(error as Error).message}`);
  } finally {
    part.destroy();
  }
}

/** Reads a small part to its end. */
export async function readWhole(part: Readable | undefined, events: XmlEvents): Promise<void> {
  if (part === undefined) return;
  for await (const _ of readXml(part, events));
}
