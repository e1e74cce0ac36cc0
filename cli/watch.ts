// trine watch: advice on any thing, without an agreement.

import type { Schemas } from '@trine/client';
import { domains } from '@trine/domains';
import type { Domain } from '@trine/engine';
import { Command } from 'commander';
import { readTime } from './arguments.ts';
import { Client, type NodeFlags, withNode } from './client.ts';
import { homeFolder } from './home.ts';
import { installedData } from './installed.ts';
import { withLearnt } from './learnt.ts';
import { action, examples, print, printJson, say, table } from './output.ts';
import { TermsFlags } from './terms.ts';

interface WatchFlags extends NodeFlags {
  readonly title?: string;
  readonly from?: string;
  readonly currency?: string;
  readonly json?: boolean;
  /** Terms of the domain. */
  readonly [flag: string]: unknown;
}

/** What is told of a domain without running it. */
interface Told {
  readonly manifest: Pick<Domain['manifest'], 'name' | 'about'>;
  readonly terms: Pick<Domain['terms'], 'schema'>;
}

const LIST_MAX = 1_000;

/** `trine watch add DOMAIN`, with the terms of the domain as flags. */
function addUnder({ manifest, terms }: Told): Command {
  const command = withNode(new Command(manifest.name))
    .description(manifest.about)
    .argument('<subject>', 'the thing')
    .option('--title <words>', 'what people call it')
    .option('--from <time>', 'also what lies in the past since then (default: from now on)')
    .option('--currency <code>', 'of the amounts that are advised')
    .option('--json', 'print the answer as JSON');
  const flags = new TermsFlags(command, terms.schema);
  return command.action(
    action(async (subject: string, given: WatchFlags) => {
      const client = new Client(given);
      const learnt = await withLearnt(client, terms.schema, flags.read(given, subject), flags);
      say(learnt.words);
      const answer = await client.ask(
        client.api.POST('/api/v1/monitors', {
          body: {
            subject,
            domain: manifest.name,
            title: given.title ?? `Monitor over ${subject}`,
            terms: learnt.terms,
            ...(given.from !== undefined && { startMs: readTime(given.from) }),
            ...(given.currency !== undefined && { currency: given.currency }),
          },
        }),
      );
      if (given.json) printJson(answer);
      else print('Watched. What it finds appears under Decisions, and in trine watch list.');
      return undefined;
    }),
  );
}

const add = new Command('add').description('decide on a thing from now on, or from a time in the past: advice only');
for (const domain of domains) add.addCommand(addUnder(domain));
// Their terms are data: none of their code runs for it.
for (const { manifest, schema } of installedData(homeFolder()))
  add.addCommand(addUnder({ manifest, terms: { schema } }));

const list = withNode(new Command('list'))
  .description('what is watched, and how it was decided on')
  .option('--json', 'print it as JSON')
  .action(
    action(async (flags: WatchFlags) => {
      const client = new Client(flags);
      const monitors = await client.ask(client.api.GET('/api/v1/monitors', { params: { query: { limit: LIST_MAX } } }));
      if (flags.json) printJson(monitors);
      else if (monitors.length === 0) print('Nothing is watched.');
      else print(table(monitors.map(lineOf)));
      return undefined;
    }),
  );

const end = withNode(new Command('end'))
  .description('end a watch before its time: what has begun is decided')
  .argument('<monitor>', 'hash, or the first 6 or more digits')
  .requiredOption('--reason <words>', 'why: it stands in the log')
  .action(
    action(async (id: string, flags: NodeFlags & { reason: string }) => {
      const client = new Client(flags);
      const { reason } = flags;
      await client.ask(client.api.POST('/api/v1/monitors/{id}/end', { params: { path: { id } }, body: { reason } }));
      print('Ended: what begins from now on is not decided.');
      return undefined;
    }),
  );

function lineOf({ hash, policy, verdicts, standing, problem }: Schemas['Monitor']): string[] {
  const counts = Object.entries(verdicts).map(([verdict, count]) => `${count} ${verdict}`);
  return [
    hash.slice(0, 12),
    policy.subject,
    policy.shadows === undefined ? policy.title : `a model tried beside "${policy.title}"`,
    [
      counts.join(', ') || 'nothing decided yet',
      ...(standing === 'replaced' ? ['another goes on'] : standing === 'ended' ? ['over'] : []),
      problem,
    ]
      .filter((part) => part !== undefined)
      .join('; '),
  ];
}

export const watch: Command = examples(
  new Command('watch')
    .description('advice on any thing, without an agreement')
    .addCommand(add)
    .addCommand(list)
    .addCommand(end),
  `Examples:
  trine watch add service-level parking/north --window 1d --from 2016-10-04
  trine watch add service-level pump/7 --statements-min 50 --out-of-order-readings 3
  trine watch end 5b1e77 --reason 'Pump replaced'
  trine watch add service-level --help`,
);
