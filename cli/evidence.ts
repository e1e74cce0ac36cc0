// trine evidence: writes the proof of a reading, a decision or a payment into one file.

import { writeFileSync } from 'node:fs';
import { countOf } from '@trine/protocol';
import { Command } from 'commander';
import { Client, type NodeFlags, withNode } from './client.ts';
import { action, CommandError, examples, exitStatus, print, printBytes, printJson } from './output.ts';

const DIGITS_MIN = 6;

/**
 * An id or its beginning as a person gives it, as the node takes it: it finds what begins so.
 * @throws CommandError
 */
export function idGiven(given: string): string {
  const id = given.toLowerCase().replace(/^0x/, '');
  if (/^[0-9a-f]{6,64}$/.test(id)) return id;
  throw new CommandError(`"${given}" is no id: give its 64 hex digits, or at least the first ${DIGITS_MIN}.`);
}

/** The whole id. @throws CommandError naming what begins so, where it is not one thing */
async function wholeId(client: Client, given: string): Promise<string> {
  const prefix = idGiven(given);
  if (prefix.length === 64) return prefix;
  const { items } = await client.ask(client.api.GET('/api/v1/ids/{prefix}', { params: { path: { prefix } } }));
  const [only, ...others] = items;
  if (only === undefined) throw new CommandError(`Nothing has an id that begins with ${prefix}.`, exitStatus.failed);
  if (others.length > 0)
    throw new CommandError(
      [`Several ids begin with ${prefix}:`, ...items.map(({ id, kind }) => `  ${id}  ${kind}`)].join('\n'),
    );
  return only.id;
}

interface EvidenceFlags extends NodeFlags {
  readonly output?: string;
  readonly json?: boolean;
}

export const evidence: Command = examples(
  withNode(new Command('evidence'))
    .description('write the proof of a reading, a decision or a payment into one file')
    .argument('<id>', 'id of a statement, a decision or a payment, or its first 6 or more digits')
    .option('-o, --output <file>', 'where to write it (default: the first 16 digits and .trine; - for standard output)')
    .option('--json', 'print id, file and size as one JSON document')
    .action(
      action(async (given: string, flags: EvidenceFlags) => {
        const client = new Client(flags);
        const id = await wholeId(client, given);
        const file = await client.evidence(id);
        if (flags.output === '-') return printBytes(file);
        const path = flags.output ?? `${id.slice(0, 16)}.trine`;
        writeFileSync(path, file);
        if (flags.json) printJson({ id, file: path, bytes: file.length });
        else
          print([
            `${path}, ${countOf(file.length, 'byte')}. Check it anywhere, without a node:`,
            `  trine verify ${path} --network NETWORK.json`,
          ]);
      }),
    ),
  `Examples:
  trine evidence 3f9c21ab
  trine evidence 3f9c21ab… -o credit.trine && trine verify credit.trine --network network.json

The network document to pin is network.json in the data folder, or http://HOST:PORT/network.json: get it over a way you
trust, once. Exit status: 0 written, 1 there is nothing of this id or it is not complete yet, 2 not asked.`,
);
