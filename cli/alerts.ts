// trine alerts: what decisions warn of, who is silent, and what people did about it.

import type { Schemas } from '@trine/client';
import { countOf, formatTime } from '@trine/protocol';
import { Command } from 'commander';
import { Client, type NodeFlags, withNode } from './client.ts';
import { action, CommandError, examples, exitStatus, print, printJson, table } from './output.ts';

interface AlertFlags extends NodeFlags {
  readonly all?: boolean;
  readonly code?: string;
  readonly by: string;
  readonly note?: string;
  readonly json?: boolean;
}

const DIGITS = 12;
const SHOWN_SILENT = 20;
const SILENT_MAX = 1_000;
type AlertView = Schemas['Alert'];

function alertsOf(client: Client): Promise<AlertView[]> {
  return client.all((query) => client.api.GET('/api/v1/alerts', { params: { query } }));
}

const list = withNode(new Command('list'))
  .description('alerts, newest first; one that goes on is one; then things that are silent or have no usable value')
  .option('--all', 'also those that are resolved')
  .option('--json', 'print them as JSON')
  .action(
    action(async (flags: AlertFlags) => {
      const client = new Client(flags);
      const all = await alertsOf(client);
      const shown = flags.all ? all : all.filter(({ status }) => status !== 'resolved');
      if (flags.json) return void printJson(shown);
      const quiet = await silencesOf(client);
      if (shown.length > 0) print(table(shown.map(lineOf)));
      if (quiet.length > 0) print(quiet);
      if (shown.length === 0 && quiet.length === 0) print('No alerts.');
      return undefined;
    }),
  );

const silent = withNode(new Command('silent'))
  .description('things that used to speak and are silent, or have no usable value any more; longest first')
  .option('--json', 'print them as JSON')
  .action(
    action(async (flags: AlertFlags) => {
      const client = new Client(flags);
      if (flags.json) return void printJson(await askSilences(client, SILENT_MAX));
      const quiet = await silencesOf(client, SILENT_MAX);
      print(quiet.length > 0 ? quiet : 'Nothing is silent.');
      return undefined;
    }),
  );

const dismiss = withNode(new Command('dismiss'))
  .description('say that nothing more is expected of a thing, until it speaks again')
  .argument('<subject>', 'the thing')
  .option('--json', 'print the answer as JSON')
  .action(
    action(async (subject: string, flags: AlertFlags) => {
      const client = new Client(flags);
      const answer = await client.ask(client.api.POST('/api/v1/silences/dismiss', { body: { subject } }));
      if (flags.json) printJson(answer);
      else print(`${subject}: nothing more is expected until it speaks again.`);
      return undefined;
    }),
  );

function askSilences(client: Client, limit: number): Promise<Schemas['Silences']> {
  return client.ask(client.api.GET('/api/v1/silences', { params: { query: { limit } } }));
}

/** In words; the longest silent first. */
async function silencesOf(
  client: Client,
  limit: number = SHOWN_SILENT,
): Promise<(string | ReturnType<typeof table>)[]> {
  const { total, common, items } = await askSilences(client, limit);
  return [
    ...(common ? [`${common.reason}.`] : []),
    ...(items.length > 0 ? [table(items.map(({ subject, code, reason }) => [code, subject, reason]))] : []),
    ...(total > items.length ? [`… ${total} in all: trine alerts silent`] : []),
  ];
}

function lineOf({ raisedBy, severity, subject, code, reason, sinceMs, times, status, said }: AlertView): string[] {
  return [
    raisedBy.slice(0, DIGITS),
    severity,
    subject,
    `${code}: ${reason}`,
    `since ${formatTime(sinceMs).slice(0, 19)}${times > 1 ? `, ${countOf(times, 'time')}` : ''}`,
    said ? `${status} by ${said.by}` : status,
  ];
}

/** @throws CommandError where none or several are meant */
function chosen(all: readonly AlertView[], given: string, code: string | undefined): AlertView {
  const found = all.filter(
    (alert) =>
      // While it goes on, newer decisions raise it again.
      [alert.raisedBy, alert.decision].some((id) => id.startsWith(given.toLowerCase())) &&
      (code === undefined || alert.code === code),
  );
  const [only] = found;
  if (only === undefined)
    throw new CommandError(
      `No alert of a decision that begins with ${given}: see trine alerts list.`,
      exitStatus.failed,
    );
  if (found.length > 1)
    throw new CommandError(`${countOf(found.length, 'alert')} are meant: name more digits, or one with --code.`);
  return only;
}

function saying(name: string, status: 'acknowledged' | 'resolved', description: string): Command {
  return withNode(new Command(name))
    .description(description)
    .argument('<decision>', 'that raised it, as trine alerts list shows it')
    .requiredOption('--by <name>', 'who says so')
    .option('--code <word>', 'which, where the decision raised several')
    .option('--note <words>', 'what was done')
    .option('--json', 'print the answer as JSON')
    .action(
      action(async (given: string, flags: AlertFlags) => {
        const client = new Client(flags);
        const { decision, code, subject } = chosen(await alertsOf(client), given, flags.code);
        const body = { code, status, by: flags.by, note: flags.note ?? '' };
        const params = { path: { id: decision } };
        const answer = await client.ask(client.api.POST('/api/v1/alerts/{id}/status', { params, body }));
        if (flags.json) printJson(answer);
        else print(`${code} of ${subject}: ${status}.`);
        return undefined;
      }),
    );
}

export const alerts: Command = examples(
  new Command('alerts')
    .description('what decisions warn of, who is silent, and what people did about it')
    .addCommand(list)
    .addCommand(silent)
    .addCommand(dismiss)
    .addCommand(saying('ack', 'acknowledged', 'say that it was seen'))
    .addCommand(saying('resolve', 'resolved', 'say that it is over: the same again is another alert')),
  `Examples:
  trine alerts list
  trine alerts dismiss meter/7
  trine alerts ack 3f9c21ab --by "Operator on duty"
  trine alerts resolve 3f9c21ab --by "Operator on duty" --note "Valve replaced"`,
);
