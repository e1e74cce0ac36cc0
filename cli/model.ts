// trine model: the models of the agreements: registered, tried beside, approved, promoted, rolled back, taught.

import type { Schemas } from '@trine/client';
import { countOf, formatTime } from '@trine/protocol';
import { Command } from 'commander';
import { Client, type NodeFlags, withNode } from './client.ts';
import { readGivenText } from './files.ts';
import { action, CommandError, examples, print, printJson, table } from './output.ts';

interface ModelFlags extends NodeFlags {
  readonly agreement?: string;
  readonly monitor?: string;
  readonly domain?: string;
  readonly parameters?: string;
  readonly card?: string;
  readonly by?: string;
  readonly json?: boolean;
}

const DIGITS = 12;
const LIST_MAX = 1_000;
const everything = { params: { query: { limit: LIST_MAX } } } as const;
type ModelView = Schemas['Model'];

/** The only agreement, or the one that the flag names. @throws CommandError listing what there is */
export async function agreementId(client: Client, given: string | undefined): Promise<string> {
  const all = await client.ask(client.api.GET('/api/v1/agreements', everything));
  const found = given === undefined ? all : all.filter(({ id }) => id.startsWith(given.toLowerCase()));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only.id;
  throw new CommandError(
    [
      found.length === 0 ? 'No such agreement.' : 'Name the agreement with --agreement:',
      ...all.map(
        ({ id, policy: { title, period } }) =>
          `  ${id.slice(0, DIGITS)}  ${title}, since ${formatTime(period.startMs).slice(0, 10)}`,
      ),
    ].join('\n'),
  );
}

async function monitorHash(client: Client, given: string): Promise<string> {
  const found = (await client.ask(client.api.GET('/api/v1/monitors', everything))).filter(({ hash }) =>
    hash.startsWith(given.toLowerCase()),
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) return only.hash;
  throw new CommandError(
    `${found.length === 0 ? 'No' : 'More than one'} monitor begins with ${given}: see trine watch list.`,
  );
}

async function modelHash(client: Client, given: string): Promise<string> {
  const all = await client.ask(client.api.GET('/api/v1/models', everything));
  const found = all.filter(({ hash }) => hash.startsWith(given.toLowerCase()));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only.hash;
  throw new CommandError(
    `${found.length === 0 ? 'No' : 'More than one'} model begins with ${given}: see trine model list.`,
  );
}

/** Parameters may hold forests of trees. */
const MODEL_BYTES_MAX = 67_108_864;

function readJson(path: string, what: string): unknown {
  try {
    return JSON.parse(readGivenText(path, what, MODEL_BYTES_MAX));
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`The ${what} ${path} cannot be read: ${(error as Error).message}`);
  }
}

const words: Readonly<Record<string, string>> = {
  active: 'decides',
  shadow: 'is tried beside',
  previous: 'decided before',
  proposed: 'is proposed',
};

function show(models: readonly ModelView[]): void {
  const rows = models.flatMap(({ hash, identity, uses, installed, learnt }) => {
    const origin = learnt ? `learnt from ${countOf(learnt.labels, 'label')}` : '';
    const name = `${identity.name} ${identity.version}`;
    const state = installed ? '' : 'not installed here: refused';
    if (uses.length === 0) return [[hash.slice(0, DIGITS), name, origin, state || 'registered']];
    return uses.map(({ role, title, approvals, trial, rule, drift, heard }) => [
      hash.slice(0, DIGITS),
      name,
      origin,
      [
        state || `${words[role]} "${title}"`,
        approvals.map((one) => `${one.role}: ${one.vote ?? 'silent'}`).join(', '),
        ...(trial && role !== 'active' && rule
          ? [
              `${trial.obligations} of ${countOf(rule.shadowsMin, 'obligation')} tried, ${trial.differences} decided otherwise, ${trial.rightShadow} of ${countOf(trial.labels, 'label')} right (in force: ${trial.rightActive})`,
            ]
          : []),
        ...(drift && drift.verdict !== 'too-early' ? [`scores ${drift.verdict}`] : []),
        ...(heard && heard.labels > 0 ? [`people found ${heard.wrong} of ${heard.labels} wrong`] : []),
      ].join('; '),
    ]);
  });
  print(rows.length === 0 ? 'No models yet.' : table(rows));
}

function sub(name: string, description: string): Command {
  return withNode(new Command(name)).description(description).option('--json', 'print the answer as JSON');
}

/** A command that posts and says what came of it. */
function posting<A>(
  command: Command,
  post: (client: Client, flags: ModelFlags, given: string) => Promise<A>,
  say: (answer: A) => string,
): Command {
  return command.action(
    action(async (...given: unknown[]) => {
      // Commander gives the arguments, the options, and the command itself.
      const flags = given.at(-2) as ModelFlags;
      const answer = await post(new Client(flags), flags, given.length > 2 ? (given[0] as string) : '');
      if (flags.json) printJson(answer);
      else print(say(answer));
      return undefined;
    }),
  );
}

const list = sub('list', 'models registered or in use, and how they do').action(
  action(async (flags: ModelFlags) => {
    const client = new Client(flags);
    const models = await client.ask(client.api.GET('/api/v1/models', everything));
    if (flags.json) printJson(models);
    else show(models);
    return undefined;
  }),
);

const register = posting(
  sub('register', 'give a model a name that parties can approve')
    .option('--domain <name>', 'domain it decides for', 'service-level')
    .option('--parameters <file>', 'JSON of what is set in it; without, the model as it is delivered')
    .requiredOption('--card <file>', 'JSON: purpose, data, split, metric, result, limits, licence'),
  (client, { domain, parameters, card }) =>
    client.ask(
      client.api.POST('/api/v1/models', {
        body: {
          domain: domain as string,
          // What they must be, the node says.
          parameters:
            parameters === undefined ? {} : (readJson(parameters, 'file of parameters') as Record<string, unknown>),
          card: readJson(card as string, 'card') as Schemas['ModelCard'],
        },
      }),
    ),
  ({ model }) => `Registered ${model}.`,
);

const withAgreement = (command: Command) =>
  command.argument('<model>', 'hash, or its beginning').option('--agreement <id>', 'which, where there are several');

const vote = (word: 'approve' | 'reject') =>
  posting(
    withAgreement(sub(word, `${word} a model, for the parties whose keys this node keeps`)),
    async (client, { agreement }, given) =>
      client.ask(
        client.api.POST('/api/v1/models/{id}/{vote}', {
          params: { path: { id: await modelHash(client, given), vote: word } },
          body: { agreement: await agreementId(client, agreement) },
        }),
      ),
    ({ parties }) => `Voted for ${parties.join(' and ')}.`,
  );

const shadow = posting(
  withAgreement(sub('shadow', 'try a model beside the one in force: no money depends on it')),
  async (client, { agreement }, given) =>
    client.ask(
      client.api.POST('/api/v1/models/{id}/shadow', {
        params: { path: { id: await modelHash(client, given) } },
        body: { agreement: await agreementId(client, agreement) },
      }),
    ),
  ({ monitor }) => `Tried beside under monitor ${monitor.slice(0, DIGITS)}: see trine model list.`,
);

const learn = posting(
  sub('learn', 'make the next version from what people said of decisions, and try it beside')
    .option('--agreement <id>', 'which, where there are several')
    .option('--monitor <hash>', 'of a monitor: it goes on with what was learnt'),
  async (client, { agreement, monitor }) =>
    client.ask(
      client.api.POST('/api/v1/models/learn', {
        body: {
          agreement: monitor === undefined ? await agreementId(client, agreement) : await monitorHash(client, monitor),
        },
      }),
    ),
  ({ model }) =>
    `Learnt ${model}: see trine model list. Under an agreement it is tried beside until trine model approve ${model.slice(0, DIGITS)}.`,
);

const rollback = posting(
  sub('rollback', 'put the model before the one in force back')
    .option('--agreement <id>', 'which, where there are several')
    .requiredOption('--by <name>', 'who decides so'),
  async (client, { agreement, by }) =>
    client.ask(
      client.api.POST('/api/v1/models/rollback', {
        body: { agreement: await agreementId(client, agreement), by: by as string },
      }),
    ),
  () => 'The model before decides again, from the next obligation on.',
);

export const model: Command = examples(
  new Command('model')
    .description('models that decide: registered, tried beside, approved, promoted, rolled back, taught')
    .addCommand(list)
    .addCommand(register)
    .addCommand(shadow)
    .addCommand(vote('approve'))
    .addCommand(vote('reject'))
    .addCommand(learn)
    .addCommand(rollback),
  `Examples:
  trine model register --parameters calmer.json --card card.json
  trine model shadow 5d3c9a10
  trine model approve 5d3c9a10
  trine model learn`,
);
