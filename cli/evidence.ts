// trine evidence: writes the proof of a reading, a decision or a payment into one file.
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { Client, type NodeFlags, withNode } from './client.ts';
import { action, CommandError, examples, exitStatus, print, printBytes, printJson } from './output.ts';

const LIST_MAX = 1_000;
const DIGITS_MIN = 8;

/**
 * The whole id that a beginning stands for.
 * @param given 64 hex digits, or the first 8 or more of an id among the newest readings, decisions and payments
 * @throws CommandError when there is none, or more than one
 */
export async function wholeId(client: Client, given: string): Promise<string> {
  const id = given.toLowerCase().replace(/^0x/, '');
  if (/^[0-9a-f]{64}$/.test(id)) return id;
  if (!/^[0-9a-f]+$/.test(id) || id.length < DIGITS_MIN)
    throw new CommandError(`"${given}" is no id: give its 64 hex digits, or at least the first ${DIGITS_MIN}.`);
  const lists = await Promise.all(
    ['seals', 'decisions', 'payments'].map((list) =>
      client.get<{ readonly id: string }[]>(`/api/v1/${list}?limit=${LIST_MAX}`),
    ),
  );
  const found = new Set(lists.flat().flatMap((row) => (row.id.startsWith(id) ? [row.id] : [])));
  const [only] = found;
  if (only === undefined)
    throw new CommandError(
      `Nothing among the newest ${LIST_MAX} readings, decisions and payments begins with ${id}: give the whole id.`,
      exitStatus.failed,
    );
  if (found.size > 1) throw new CommandError(`${found.size} ids begin with ${id}: give more digits.`);
  return only;
}

interface EvidenceFlags extends NodeFlags {
  readonly output?: string;
  readonly json?: boolean;
}

export const evidence: Command = examples(
  withNode(new Command('evidence'))
    .description('write the proof of a reading, a decision or a payment into one file')
    .argument('<id>', 'id of a statement, a decision or a payment, or its first 8 or more digits')
    .option('-o, --output <file>', 'where to write it (default: the first 16 digits and .trine; - for standard output)')
    .option('--json', 'print id, file and size as one JSON document')
    .action(
      action(async (given: string, flags: EvidenceFlags) => {
        const client = new Client(flags);
        const id = await wholeId(client, given);
        const file = await client.bytes(`/api/v1/evidence/${id}`);
        if (flags.output === '-') return printBytes(file);
        const path = flags.output ?? `${id.slice(0, 16)}.trine`;
        writeFileSync(path, file);
        if (flags.json) printJson({ id, file: path, bytes: file.length });
        else
          print([
            `${path}, ${file.length} bytes. Check it anywhere, without a node:`,
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
