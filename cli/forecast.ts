// trine forecast: what a thing will measure, with intervals, from what it measured.
import { formatTime } from '@trine/protocol';
import { Command } from 'commander';
import { Client, type NodeFlags, withNode } from './client.ts';
import { action, CommandError, examples, print, printJson, table, wholeNumber } from './output.ts';

interface ForecastFlags extends NodeFlags {
  readonly steps?: number;
  readonly json?: boolean;
}

export const forecast: Command = examples(
  withNode(new Command('forecast'))
    .description('what a thing will measure, with intervals, from what it measured')
    .argument('<subject>', 'the thing')
    .argument('<quantity>', 'what it measures')
    .option('--steps <count>', 'how many steps ahead (default: a day)', wholeNumber)
    .option('--json', 'print it as one JSON document')
    .action(
      action(async (subject: string, quantity: string, flags: ForecastFlags) => {
        const client = new Client(flags);
        const streams = await client.ask(client.api.GET('/api/v1/streams', { params: { query: { subject } } }));
        const stream = streams.find((one) => one.quantity === quantity);
        if (stream === undefined)
          throw new CommandError(
            `${subject} has no ${quantity}. It has: ${streams.map((one) => one.quantity).join(', ') || 'no readings'}.`,
          );
        const made = await client.ask(
          client.api.GET('/api/v1/forecast', {
            params: { query: { stream: stream.stream, ...(flags.steps !== undefined && { steps: flags.steps }) } },
          }),
        );
        if (flags.json) {
          printJson(made);
          return;
        }
        const show = (value: number | undefined) => (value === undefined ? '' : String(Number(value.toPrecision(5))));
        print(
          table([
            [
              'time',
              `${quantity} (${stream.unit || 'no unit'})`,
              ...made.intervals.map(({ level }) => `${level * 100} % between`),
            ],
            ...made.timeMs.map((ms, i) => [
              formatTime(ms).slice(0, 19),
              show(made.point[i]),
              ...made.intervals.map(({ low, high }) => `${show(low[i])} and ${show(high[i])}`),
            ]),
          ]),
        );
        print(['', `${made.model}: ${made.methods}`]);
      }),
    ),
  `Example:
  trine forecast parking/north free --steps 48`,
);
