// trine agreement propose: an agreement made for others to sign, with the terms of its domain as flags.
import type { Schemas } from '@trine/client';
import { domains } from '@trine/domains';
import type { Domain } from '@trine/engine';
import { addressGiven } from '@trine/protocol';
import { Command, Option } from 'commander';
import { agreementInWords } from './agreement-words.ts';
import { readDuration, readTime } from './arguments.ts';
import { Client, type NodeFlags, withNode } from './client.ts';
import { homeFolder } from './home.ts';
import { installedData } from './installed.ts';
import { withLearnt } from './learnt.ts';
import { checkedMoney, minorUnits } from './money.ts';
import { action, CommandError, print, printJson, say, table, wholeNumber } from './output.ts';
import { TermsFlags } from './terms.ts';

type Network = Schemas['Network'];
type Token = Network['chain']['tokens'][number];

interface ProposeFlags extends NodeFlags {
  readonly title?: string;
  readonly party: readonly string[];
  readonly arbiter?: string;
  readonly currency?: string;
  readonly most: string;
  readonly total: string;
  readonly from?: string;
  readonly until?: string;
  readonly disputeWindow: string;
  readonly holdMax: string;
  readonly afterHold: 'pay' | 'drop';
  readonly correctable?: string;
  readonly outageAllowance?: string;
  readonly decider: readonly { key: string; address: string }[];
  readonly quorum: number;
  readonly joinThrough: readonly string[];
  readonly registrar?: string;
  readonly contestBond?: string;
  readonly ownersMin: string;
  readonly classMin: 'hardware' | 'software' | 'gateway' | 'imported' | 'simulated';
  readonly json?: boolean;
  /** Terms of the domain. */
  readonly [flag: string]: unknown;
}

/** What is told of a domain without running it. */
interface Told {
  readonly manifest: Pick<Domain['manifest'], 'name' | 'about' | 'title' | 'roles'>;
  readonly terms: Pick<Domain['terms'], 'schema'>;
}

const YEAR_MS = 365 * 86_400_000;

/** @example partyGiven('payer=City of X=0x52…') @throws CommandError */
function partyGiven(text: string): { role: string; name: string; address?: string } {
  const [role = '', name = '', address] = text.split('=');
  const found = address === undefined ? undefined : addressGiven(address.trim());
  if (!/^[a-z][a-z-]*$/.test(role) || name.trim() === '' || (address !== undefined && found === undefined))
    throw new CommandError(`${text}: write ROLE=NAME or ROLE=NAME=ADDRESS, such as payer=City=0x52908400…`);
  return { role, name: name.trim(), ...(found && { address: found }) };
}

/** @example deciderGiven('did:key:z6Mk…=0x52…') @throws CommandError */
function deciderGiven(text: string): { key: string; address: string } {
  const [key = '', given = ''] = text.split('=');
  const address = addressGiven(given.trim());
  if (!key.startsWith('did:key:z') || address === undefined)
    throw new CommandError(`${text}: write KEY=ADDRESS, as trine decide --show-key prints them.`);
  return { key, address };
}

/** @throws CommandError */
function joiningGiven({ joinThrough, registrar }: ProposeFlags, members: Network['members']) {
  const by = joinThrough.map((text) => {
    const found = members.find(({ name, key }) => name === text || key === text);
    if (found) return found.key;
    throw new CommandError(`${text} is no member of the network: ${members.map(({ name }) => name).join(', ')}.`);
  });
  return {
    ...(by.length > 0 && { joining: { by } }),
    ...(registrar !== undefined && { registrar: registrar.toLowerCase() }),
  };
}

/** A duration in whole seconds; `0` is none. */
const secondsGiven = (text: string): number => (text === '0' ? 0 : readDuration(text) / 1000);

/** What is asked for besides the terms of the domain. @throws CommandError */
function askedBy(given: ProposeFlags, { members }: Network, token: Token) {
  const startMs = given.from === undefined ? Date.now() : readTime(given.from);
  return {
    parties: given.party.map(partyGiven),
    ...(given.arbiter !== undefined && { arbiter: given.arbiter.toLowerCase() }),
    currency: token.currency,
    perObligationMax: Number(minorUnits(given.most, token.decimals)),
    totalMax: Number(minorUnits(given.total, token.decimals)),
    ...{ startMs, endMs: given.until === undefined ? startMs + YEAR_MS : readTime(given.until) },
    ...{ disputeWindowS: secondsGiven(given.disputeWindow), holdMaxS: secondsGiven(given.holdMax) },
    ...{ deciders: [...given.decider], quorum: given.quorum },
    ...joiningGiven(given, members),
    ...(given.contestBond !== undefined && { contestBond: Number(minorUnits(given.contestBond, token.decimals)) }),
    ...{ afterHold: given.afterHold, ownersMin: Number(given.ownersMin), classMin: given.classMin },
    ...(given.correctable !== undefined && { correctableMs: readDuration(given.correctable) }),
    ...(given.outageAllowance !== undefined && { outageAllowanceMs: readDuration(given.outageAllowance) }),
  };
}

/** @throws CommandError */
function tokenGiven({ currency: wanted }: ProposeFlags, { chain: { tokens } }: Network): Token {
  const token = tokens.find(({ currency }) => currency === (wanted ?? tokens[0]?.currency));
  if (token === undefined)
    throw new CommandError(`This network pays in ${tokens.map(({ currency }) => currency).join(', ')}.`);
  checkedMoney(token);
  return token;
}

/** `trine agreement propose DOMAIN`, with the terms of the domain as flags. */
function proposeUnder({ manifest, terms: { schema } }: Told): Command {
  const command = withNode(new Command(manifest.name))
    .description(manifest.about)
    .argument('<subject>', 'the thing')
    .requiredOption(
      '--party <role=name[=address]>',
      `who: ${manifest.roles.join(', ')}; without an address a party makes its key from its link`,
      (text, before: string[]) => [...before, text],
      [],
    )
    .requiredOption('--most <amount>', 'the most that one obligation may cost, such as 0.50')
    .requiredOption('--total <amount>', 'the most of all of them')
    .option('--title <words>', 'what people call it')
    .option('--currency <code>', 'of a token of the network (default: its first)')
    .option('--arbiter <address>', 'who settles disputes (default on a practice network: its arbiter)')
    .option('--from <time>', 'obligations begin then (default: now)')
    .option('--until <time>', 'and end by then (default: a year)')
    .option('--dispute-window <duration>', 'time to object before a payment is made; 0: none', '1d')
    .option('--hold-max <duration>', 'how long an objection holds at most', '30d')
    .addOption(
      new Option('--after-hold <what>', 'what follows where nobody ruled').choices(['pay', 'drop']).default('drop'),
    )
    .option('--correctable <duration>', 'late readings change what was decided for so long')
    .option('--outage-allowance <duration>', 'nothing is held for longer in all because the node took nothing in')
    .option(
      '--decider <key=address>',
      'who decides besides the node, as trine decide --show-key prints it',
      (text, before: { key: string; address: string }[]) => [...before, deciderGiven(text)],
      [],
    )
    .option('--quorum <number>', 'how many deciders must sign a payment', wholeNumber, 1)
    .option(
      '--join-through <member>',
      'accounts of lines join by this member: its name or key; lines are paid in batches',
      (text, before: string[]) => [...before, text],
      [],
    )
    .option('--registrar <address>', 'who admits them (default: the account of the first of these members)')
    .option(
      '--contest-bond <amount>',
      'with --join-through: what contesting a row of a batch takes until it is ruled on (default: nothing)',
    )
    .option(
      '--owners-min <number>',
      'owners besides who gains, of whom readings must stand behind a payment; silence has none: 0 pays for it',
      '1',
    )
    .addOption(
      new Option('--class-min <class>', 'the least that readings must be')
        .choices(['hardware', 'software', 'gateway', 'imported', 'simulated'])
        .default('software'),
    )
    .option('--json', 'print the answer as JSON');
  const flags = new TermsFlags(command, schema);
  return command.action(
    action(async (subject: string, given: ProposeFlags) => {
      const client = new Client(given);
      const network = await client.ask(client.api.GET('/network.json'));
      const token = tokenGiven(given, network);
      const { terms, words } = await withLearnt(client, schema, flags.read(given, subject), flags);
      say(words);
      const body = { subject, domain: manifest.name, title: given.title ?? `${manifest.title}: ${subject}`, terms };
      const call = client.api.POST('/api/v1/proposals', { body: { ...body, ...askedBy(given, network, token) } });
      const proposal = await client.ask(call);
      if (given.json) return void printJson(proposal);
      printProposed(client, proposal, network.members);
      return undefined;
    }),
  );
}

function printProposed(
  client: Client,
  { id, draft, links }: Schemas['Proposal'],
  members: Schemas['Network']['members'],
): void {
  print([
    ...agreementInWords(draft, members),
    '',
    `Proposed as ${id}. It binds nobody until all have signed. Hand each party its own link:`,
    table(links.map(({ role, path }) => [`  ${role}`, linkOf(client, path)])),
    'Or sign with a key file: trine agreement sign LINK --key FILE',
  ]);
}

const linkOf = ({ url }: Client, path: string): string => `${url.replace(/\/+$/, '')}${path}`;

export const propose: Command = new Command('propose').description('make an agreement for others to sign');
for (const domain of domains) propose.addCommand(proposeUnder(domain));
// Their terms are data: none of their code runs for it.
for (const { manifest, schema } of installedData(homeFolder()))
  propose.addCommand(proposeUnder({ manifest, terms: { schema } }));
