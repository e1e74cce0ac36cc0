// trine label and trine explain: what people say of a decision, and why it is what it is.
import type { ExplainedDecision } from '@trine/node/decide/explain.ts';
import { Command } from 'commander';
import { Client, type NodeFlags, withNode } from './client.ts';
import { wholeId } from './evidence.ts';
import { action, CommandError, examples, print, printJson, table } from './output.ts';

interface LabelFlags extends NodeFlags {
  readonly by: string;
  readonly note?: string;
  readonly json?: boolean;
}

const stands: Readonly<Record<string, { stand: string; verdict?: string }>> = {
  approve: { stand: 'approve' },
  refuse: { stand: 'refuse' },
  met: { stand: 'correct', verdict: 'met' },
  breached: { stand: 'correct', verdict: 'breached' },
};

export const label: Command = examples(
  withNode(new Command('label'))
    .description(
      'say of a decision that it was right, wrong, or what it should have been: the next model learns from it',
    )
    .argument('<decision>', 'id, or the first 8 or more digits')
    .argument('<word>', Object.keys(stands).join(', '))
    .requiredOption('--by <name>', 'who says so')
    .option('--note <words>', 'why')
    .option('--json', 'print the answer as JSON')
    .action(
      action(async (given: string, word: string, flags: LabelFlags) => {
        const stand = stands[word];
        if (stand === undefined) throw new CommandError(`${word}: say one of ${Object.keys(stands).join(', ')}.`);
        const client = new Client(flags);
        const id = await wholeId(client, given);
        const body = { ...stand, by: flags.by, note: flags.note ?? '' };
        const answer = await client.post(`/api/decisions/${id}/label`, body);
        if (flags.json) printJson(answer);
        else print('Sealed. trine model learn makes the next version from all that was said.');
        return undefined;
      }),
    ),
  `Examples:
  trine label 3f9c21ab refuse --by "Operator on duty" --note "Maintenance, announced the day before"
  trine label 3f9c21ab met --by "Operator on duty"`,
);

export const explain: Command = examples(
  withNode(new Command('explain'))
    .description('why a decision is what it is: what was expected, what came, what mattered, and similar cases')
    .argument('<decision>', 'id, or the first 8 or more digits')
    .option('--json', 'print everything, with the series to plot')
    .action(
      action(async (given: string, flags: LabelFlags) => {
        const client = new Client(flags);
        const why = await client.get<ExplainedDecision>(`/api/decisions/${await wholeId(client, given)}/explanation`);
        if (flags.json) {
          printJson(why);
          return;
        }
        const shares = why.series
          .filter(({ share }) => share > 0)
          .map(({ quantity, share }) => [`  ${quantity}`, `${Math.round(share * 100)} %`]);
        const cases = why.similar.map(({ id, fromMs, verdict, reason, labels }) => [
          `  ${id.slice(0, 12)}`,
          new Date(fromMs).toISOString().slice(0, 19),
          `${verdict}: ${reason}`,
          labels.map(({ stand, by }) => `${stand} (${by})`).join(', '),
        ]);
        print([
          ...why.words.map((words) => `· ${words}`),
          ...(shares.length > 0 ? ['', 'What mattered', table(shares)] : []),
          ...(cases.length > 0 ? ['', 'Similar cases before', table(cases)] : []),
          '',
          why.replayed ? '✓ Computed again just now, with the same bits.' : '✗ Computed again, it came out otherwise.',
        ]);
      }),
    ),
  `Example:
  trine explain 3f9c21ab`,
);
