// trine held: what the gate held, and what people say of it by hand.
import type { Schemas } from '@trine/client';
import { gateWords } from '@trine/engine';
import {
  countOf,
  formatAmount,
  formatTime,
  fromHex,
  type NetworkDocument,
  releaseDigest,
  signDigest,
} from '@trine/protocol';
import { Command } from 'commander';
import { Client, type NodeFlags, withNode } from './client.ts';
import { action, CommandError, examples, exitStatus, print, printJson, table } from './output.ts';
import { Desk, type SignerFlags, withSigner } from './signing.ts';

interface RulingFlags extends SignerFlags {
  readonly reason: string;
  /** Key of the one line that is meant. */
  readonly line?: string;
}

interface LinesFlags extends NodeFlags {
  readonly json?: boolean;
  readonly after?: string;
}

const list = withNode(new Command('list'))
  .description('what is held and can be released or dropped, and who has signed')
  .option('--json', 'print it as JSON')
  .action(
    action(async (flags: NodeFlags & { json?: boolean }) => {
      const client = new Client(flags);
      const held = await client.ask(client.api.GET('/api/v1/held'));
      if (flags.json) return void printJson(held);
      if (held.length === 0) return void print('Nothing is held.');
      const network = (await client.ask(client.api.GET('/network.json'))) as NetworkDocument;
      print([
        table(held.map((one) => lineOf(one, network))),
        'Released or dropped by `trine held release` or `drop`: by as many deciders as a payment takes, or by all parties.',
        ...(held.some(({ lines }) => lines)
          ? ['Lines are listed by `trine held lines`, and ruled on by `--line`.']
          : []),
      ]);
      return undefined;
    }),
  );

function lineOf(one: Schemas['Held'], network: NetworkDocument): string[] {
  return [
    one.id.slice(0, 12),
    one.title,
    formatTime(one.fromMs).replace('.000Z', 'Z'),
    formatAmount(one.amount, one.currency, network) + (one.lines ? ` in ${countOf(one.lines, 'line')}` : ''),
    one.gate.map(gateWords).join(' '),
    signedWords(one.words, one.quorum),
  ];
}

function signedWords(words: Schemas['Held']['words'], quorum: number): string {
  const signed = words
    .map(({ ruling, account }) => `${account} says ${ruling === 'pay' ? 'release' : 'drop'}`)
    .join(', ');
  return signed || `signed by none of the ${countOf(quorum, 'decider')} it takes`;
}

/** Listed at once. */
const LINES_MAX = 1_000;

const lines = withNode(new Command('lines'))
  .description('lines of a decision that are held, each of which can be released or dropped by itself')
  .argument('<decision>', 'id, or the first 6 or more digits')
  .option('--after <key>', 'those after this one')
  .option('--json', 'print it as JSON')
  .action(
    action(async (given: string, flags: LinesFlags) => {
      const client = new Client(flags);
      const held = await heldGiven(client, given);
      const query = { limit: LINES_MAX, ...(flags.after !== undefined && { after: flags.after }) };
      const page = await client.ask(
        client.api.GET('/api/v1/held/{id}/lines', { params: { path: { id: held.id }, query } }),
      );
      if (flags.json) return void printJson(page);
      if (page.items.length === 0) return void print('None of its lines is held by itself.');
      const network = (await client.ask(client.api.GET('/network.json'))) as NetworkDocument;
      const rows = page.items.map((one) => [
        one.key,
        formatAmount(one.amount, held.currency, network),
        one.gate.map(gateWords).join(' '),
        signedWords(one.words, held.quorum),
      ]);
      print([table(rows), ...(page.next === undefined ? [] : [`More by --after ${page.next}`])]);
      return undefined;
    }),
  );

/** The one that is meant, among what is held. */
async function heldGiven(client: Client, given: string): Promise<Schemas['Held']> {
  const wanted = given.toLowerCase();
  if (!/^[0-9a-f]{6,64}$/.test(wanted)) throw new CommandError(`${given} is no id: give its first 6 or more digits.`);
  const found = (await client.ask(client.api.GET('/api/v1/held'))).filter(({ id }) => id.startsWith(wanted));
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new CommandError(
      `${found.length === 0 ? 'Nothing that is held' : 'More than one that is held'} begins with ${given}.`,
      exitStatus.failed,
    );
  return only;
}

const SAID = { pay: 'Released: it is ordered and paid like any other.', drop: 'Dropped: it is never paid.' } as const;

async function rule(ruling: 'pay' | 'drop', given: string, flags: RulingFlags): Promise<number> {
  const desk = await Desk.open(flags);
  const { client } = desk;
  const held = await heldGiven(client, given);
  const agreements = await client.ask(client.api.GET('/api/v1/agreements', { params: { query: { limit: 1_000 } } }));
  const money = agreements.find(({ id }) => id === held.agreement)?.policy.money;
  if (money === undefined) throw new CommandError('The agreement of this decision is not known here.');
  const row = flags.line === undefined ? {} : { row: flags.line };
  const digest = releaseDigest(fromHex(held.agreement), { decision: fromHex(held.id), ruling, ...row }, money);
  const body = { ruling, reason: flags.reason, ...row, signature: signDigest(digest, desk.own.key) };
  const params = { path: { id: held.id } };
  const { state } = await client.ask(client.api.POST('/api/v1/held/{id}/release', { params, body }));
  if (flags.json) printJson({ decision: held.id, ...row, state });
  else
    print(
      state === 'sealed'
        ? SAID[ruling]
        : 'Signed. It counts once enough deciders, or all parties, have signed the same.',
    );
  return state === 'sealed' ? exitStatus.ok : exitStatus.later;
}

const ruling = (name: 'release' | 'drop', about: string) =>
  withSigner(new Command(name))
    .description(about)
    .argument('<decision>', 'id, or the first 6 or more digits')
    .requiredOption('--reason <words>', 'why: it stands in the log')
    .option('--line <key>', 'one line of it alone, where they are settled in batches; without: all that is held')
    .action(action((given: string, flags: RulingFlags) => rule(name === 'release' ? 'pay' : 'drop', given, flags)));

export const held: Command = examples(
  new Command('held')
    .description('what the gate held: look at it, release it or drop it by hand')
    .addCommand(list)
    .addCommand(lines)
    .addCommand(ruling('release', 'pay what the gate held, by hand: proofs of the payment say so'))
    .addCommand(ruling('drop', 'end what the gate held without payment')),
  `Exit status: 0 it counts, 1 refused or not held, 75 more signatures are needed.

Examples:
  trine held list
  trine held release 3f9c21ab --reason 'Read off on the spot' --key decider.key
  trine held release 3f9c21ab --line meter/17 --reason 'Read off on the spot' --key decider.key
  trine held drop 3f9c21ab --reason 'The meter was broken' --as payer`,
);
