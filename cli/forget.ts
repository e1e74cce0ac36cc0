// trine forget: erases what a node keeps about a thing, and says what stays.

import type { Schemas } from '@trine/client';
import { countOf, plural } from '@trine/protocol';
import { Command } from 'commander';
import { Client, type NodeFlags, withNode } from './client.ts';
import { action, examples, print, printJson } from './output.ts';

interface ForgetFlags extends NodeFlags {
  readonly reason: string;
  readonly by?: string;
  readonly json?: boolean;
}

export const forget: Command = examples(
  withNode(new Command('forget'))
    .description('erase what the node keeps about a thing, and certify it in the log: it cannot be undone')
    .argument('<subject>', 'the thing')
    .requiredOption('--reason <text>', 'why; it stands in the log for everybody, so name nobody')
    .option('--by <name>', 'who asks for it, in the log as well (default: the operator)')
    .option('--json', 'print the answer as JSON')
    .action(
      action(async (subject: string, { reason, by, json, ...node }: ForgetFlags) => {
        const client = new Client(node);
        const body = { subject, reason, ...(by !== undefined && { by }) };
        const erased = await client.ask(client.api.POST('/api/v1/subjects/forget', { body }));
        if (json) printJson(erased);
        else print(wordsOf(subject, erased));
        return undefined;
      }),
    ),
  `Examples:
  trine forget home/7 --reason "Moved out"
  trine forget home/7 --reason "Asked for" --by "Data protection officer" --json

Exit status: 0 erased and certified; 1 there was nothing to erase; 2 not tried; 75 not now. Interrupted: repeat it.`,
);

function wordsOf(subject: string, { bodies, open, leaf }: Schemas['Erased']): string[] {
  return [
    `Erased ${countOf(bodies, 'body', 'bodies')} about ${subject}: here nobody can read them again. Certified at leaf ${leaf}.`,
    open === 0
      ? 'No statement about it stands in the open log.'
      : `${countOf(open, 'statement')} about it ${plural(open, 'stands', 'stand')} in the open log and cannot be erased.`,
    'Hashes, times of arrival, and facts and reasons of decisions stay. Copies that others made, backups and evidence files included, are theirs.',
  ];
}
