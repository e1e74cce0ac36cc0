// trine label and trine explain: what people say of a decision, and why it is what it is.
import { formatTime } from '@trine/protocol';
import { Command, Option } from 'commander';
import { Client, type NodeFlags, withNode } from './client.ts';
import { idGiven } from './evidence.ts';
import { action, CommandError, examples, print, printJson, table } from './output.ts';

interface ExplainFlags extends NodeFlags {
  readonly json?: boolean;
}

interface LabelFlags extends ExplainFlags {
  readonly assessment: (typeof assessments)[number];
  readonly verdict?: string;
  readonly row?: string;
  readonly by: string;
  readonly note?: string;
}

const assessments = ['right', 'wrong', 'corrected'] as const;

export const label: Command = examples(
  withNode(new Command('label'))
    .description(
      'say of a decision that it was right, wrong, or what it should have been: the next model learns from it',
    )
    .argument('<decision>', 'id, or the first 6 or more digits')
    .addOption(new Option('--assessment <word>', 'what to think of it').choices(assessments).makeOptionMandatory())
    .option('--verdict <word>', 'what it should have been, in the words of its domain: where corrected')
    .option('--row <key>', 'of one party’s line, instead of the whole decision')
    .requiredOption('--by <name>', 'who says so')
    .option('--note <words>', 'why')
    .option('--json', 'print the answer as JSON')
    .action(
      action(async (given: string, flags: LabelFlags) => {
        const { assessment, verdict, row, by, note = '' } = flags;
        if ((assessment === 'corrected') !== (verdict !== undefined))
          throw new CommandError('Say with --verdict what it should have been, where it is corrected and only there.');
        const client = new Client(flags);
        const body = { assessment, ...(verdict && { verdict }), ...(row && { row }), by, note };
        const params = { path: { id: idGiven(given) } };
        const answer = await client.ask(client.api.POST('/api/v1/decisions/{id}/label', { params, body }));
        if (flags.json) printJson(answer);
        else print('Said. trine model learn makes the next version from all that was said.');
        return undefined;
      }),
    ),
  `Examples:
  trine label 3f9c21ab --assessment wrong --by "Operator on duty" --note "Maintenance, announced the day before"
  trine label 3f9c21ab --assessment corrected --verdict met --by "Operator on duty"`,
);

export const explain: Command = examples(
  withNode(new Command('explain'))
    .description('why a decision is what it is: what was expected, what came, what mattered, and similar cases')
    .argument('<decision>', 'id, or the first 6 or more digits')
    .option('--json', 'print everything, with the series to plot')
    .action(
      action(async (given: string, flags: ExplainFlags) => {
        const client = new Client(flags);
        const why = await client.ask(
          client.api.GET('/api/v1/decisions/{id}/explanation', { params: { path: { id: idGiven(given) } } }),
        );
        if (flags.json) {
          printJson(why);
          return;
        }
        const shares = why.series
          .filter(({ share }) => share > 0)
          .map(({ quantity, share }) => [`  ${quantity}`, `${Math.round(share * 100)} %`]);
        const cases = why.similar.map(({ id, fromMs, verdict, reason, labels }) => [
          `  ${id.slice(0, 12)}`,
          formatTime(fromMs).slice(0, 19),
          `${verdict}: ${reason}`,
          labels.map(({ assessment, verdict, by }) => `${verdict ?? assessment} (${by})`).join(', '),
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
