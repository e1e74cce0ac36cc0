// trine watch: advice on any thing, without an agreement.
import type { MonitorView } from '@trine/node/lifecycle/model-view.ts';
import { Command } from 'commander';
import { collectEntry, type Entries, readDuration, readTime } from './arguments.ts';
import { Client, type NodeFlags, withNode } from './client.ts';
import { action, examples, print, printJson, table } from './output.ts';

interface WatchFlags extends NodeFlags {
  readonly domain: string;
  readonly title?: string;
  readonly window: string;
  readonly from?: string;
  readonly set: Entries;
  readonly json?: boolean;
}

/** Any reading out of order is worth a word; how many statements are due, only the user knows. */
const defaults: Entries = { statementsMin: 0, outOfOrderReadings: 1, thresholdPpm: 700_000, creditMinorUnits: 0 };

const add = withNode(new Command('add'))
  .description('judge the windows of a thing from now on, or from a time in the past')
  .argument('<subject>', 'the thing')
  .option('--domain <name>', 'by the rule of this domain', 'service-level')
  .option('--title <words>', 'what people call it')
  .option('--window <duration>', 'length of a window', '1h')
  .option('--from <time>', 'also the windows since then')
  .option('--set <name=value>', 'number in the rule; may be repeated', collectEntry, {})
  .option('--json', 'print the answer as JSON')
  .action(
    action(async (subject: string, flags: WatchFlags) => {
      const answer = await new Client(flags).post<{ watch: string }>('/api/watches', {
        subject,
        domain: flags.domain,
        title: flags.title ?? `Monitor over ${subject}`,
        windowMs: readDuration(flags.window),
        rule: flags.domain === 'service-level' ? { ...defaults, ...flags.set } : flags.set,
        ...(flags.from !== undefined && { startMs: readTime(flags.from) }),
      });
      if (flags.json) printJson(answer);
      else print(`Watched. What it finds appears under Decisions, and in trine watch list.`);
      return undefined;
    }),
  );

const list = withNode(new Command('list'))
  .description('what is watched, and how often it was out of order')
  .option('--json', 'print it as JSON')
  .action(
    action(async (flags: WatchFlags) => {
      const monitors = await new Client(flags).get<MonitorView[]>('/api/watches');
      if (flags.json) printJson(monitors);
      else if (monitors.length === 0) print('Nothing is watched.');
      else
        print(
          table(
            monitors.map(({ hash, subject, title, windows, breached, shadows, isReplaced }) => [
              hash.slice(0, 12),
              subject,
              shadows === undefined ? title : `a model tried beside "${title}"`,
              `${breached} of ${windows} windows out of order${isReplaced ? '; another goes on' : ''}`,
            ]),
          ),
        );
      return undefined;
    }),
  );

export const watch: Command = examples(
  new Command('watch').description('advice on any thing, without an agreement').addCommand(add).addCommand(list),
  `Examples:
  trine watch add parking/north --window 1d --from 2016-10-04
  trine watch add pump/7 --set statementsMin=50 --set outOfOrderReadings=3`,
);
