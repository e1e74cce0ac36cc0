// trine agreement: agreements proposed, looked at in words, signed by every party, and ended.
import { createInterface } from 'node:readline/promises';
import type { Schemas } from '@trine/client';
import {
  type Agreement,
  agreementId,
  formatTime,
  fromHex,
  type Hex,
  policyEndDigest,
  signDigest,
  toHex,
} from '@trine/protocol';
import { Command } from 'commander';
import { agreementInWords } from './agreement-words.ts';
import { readTime } from './arguments.ts';
import { Client, type NodeFlags, withNode } from './client.ts';
import { joiningCommands } from './joining.ts';
import { checkedMoney } from './money.ts';
import { action, CommandError, examples, exitStatus, print, printJson, table } from './output.ts';
import { propose } from './proposing.ts';
import { agreementGiven, Desk, type SignerFlags, withSigner } from './signing.ts';

const list = withNode(new Command('list'))
  .description('agreements and proposals, and who has signed')
  .option('--json', 'print them as JSON')
  .action(
    action(async (flags: NodeFlags & { json?: boolean }) => {
      const client = new Client(flags);
      const query = { params: { query: { limit: 1_000 } } };
      const agreements = await client.ask(client.api.GET('/api/v1/agreements', query));
      const proposals = await client.ask(client.api.GET('/api/v1/proposals', query));
      if (flags.json) return void printJson({ agreements, proposals });
      const waiting = proposals.filter(({ state }) => state === 'open' || state === 'signed');
      const signedBy = ({ signed }: Schemas['Agreement']) => signed.map(({ role }) => role).join(', ');
      print([
        ...(agreements.length > 0
          ? [
              'Agreements',
              table(
                agreements.map((one) => [
                  `  ${one.id.slice(0, 12)}`,
                  one.policy.title,
                  one.standing,
                  `signed by ${signedBy(one) || 'nobody'}`,
                ]),
              ),
            ]
          : ['No agreements.']),
        ...(waiting.length > 0
          ? [
              'Proposals',
              table(
                waiting.map(({ id, draft, parties, state }) => [
                  `  ${id}`,
                  draft.title,
                  state === 'signed'
                    ? 'signed by all and not in the log: sign again to try once more, or withdraw it'
                    : parties
                        .map(({ role, signedMs }) => `${role} ${signedMs ? 'has signed' : 'has yet to sign'}`)
                        .join(', '),
                ]),
              ),
            ]
          : []),
      ]);
      return undefined;
    }),
  );

/** What a link or an id of a proposal stands for. */
interface Signing {
  readonly client: Client;
  readonly id: string;
  readonly code: string;
  readonly view: Schemas['Signing'];
}

/** @throws CommandError where it is neither a link nor the id of a proposal */
async function signingGiven(given: string, flags: SignerFlags, role: string | undefined): Promise<Signing> {
  const [, url, linked, code] = /^(https?:\/\/[^#]+)#\/sign\/([0-9a-f]{32})\/([0-9a-f]{32})$/.exec(given) ?? [];
  if (url !== undefined && linked !== undefined && code !== undefined)
    return see(new Client({ ...flags, url }), linked, code);
  if (!/^[0-9a-f]{32}$/.test(given))
    throw new CommandError(
      'Give the link of a party, or the whole id of a proposal: trine agreement list names those that wait.',
    );
  const client = new Client(flags);
  const proposal = await client.ask(client.api.GET('/api/v1/proposals/{id}', { params: { path: { id: given } } }));
  const { account } = await Desk.open(flags);
  const wanted = role ?? proposal.parties.find(({ address }) => address === account?.address)?.role ?? flags.as;
  const found = proposal.links.find((one) => one.role === wanted);
  if (found === undefined)
    throw new CommandError(`Say for which party: --role ${proposal.links.map((one) => one.role).join(' or ')}.`);
  return see(client, given, found.path.split('/').at(-1) as string);
}

async function see(client: Client, id: string, code: string): Promise<Signing> {
  const params = { path: { id }, query: { code } };
  const view = await client.ask(client.api.GET('/api/v1/signing/{id}', { params }));
  checkedMoney({ currency: view.draft.money.currency, decimals: view.decimals });
  return { client, id, code, view };
}

const show = withSigner(new Command('show'))
  .description('a proposal in words')
  .argument('<proposal>', 'link of a party, or id')
  .option('--role <role>', 'as which party')
  .action(
    action(async (given: string, flags: SignerFlags & { role?: string }) => {
      const { view, client } = await signingGiven(given, flags, flags.role);
      if (flags.json) return void printJson(view);
      const { members } = await client.ask(client.api.GET('/network.json'));
      print([...agreementInWords(view.draft, members), '', ...stateOf(view)]);
      return undefined;
    }),
  );

function stateOf({ parties, state, agreement, policy }: Schemas['Signing']): string[] {
  const signed = parties.map(({ role, signedMs }) => `${role} ${signedMs ? 'has signed' : 'has yet to sign'}`);
  return [
    `${signed.join(', ')}.`,
    ...(state === 'sealed' ? [`Sealed: agreement ${agreement}, terms ${policy}.`] : []),
    ...(state === 'withdrawn' ? ['It was withdrawn.'] : []),
  ];
}

/** Reckoned here, from the terms that were shown: nobody signs what a node says they are. */
async function idOf({ client, view: { draft } }: Signing): Promise<Uint8Array> {
  const network = await client.ask(client.api.GET('/network.json'));
  return fromHex(agreementId(draft as unknown as Agreement, network.chain.terms as Hex));
}

const sign = examples(
  withSigner(new Command('sign'))
    .description('sign an agreement as one of its parties; with the last signature it is sealed')
    .argument('<proposal>', 'link of a party, or id')
    .option('--role <role>', 'as which party, where the id does not tell')
    .option('--yes', 'do not ask')
    .action(
      action(async (given: string, flags: SignerFlags & { role?: string; yes?: boolean }) => {
        const signing = await signingGiven(given, flags, flags.role);
        const { own, network } = await Desk.open({ ...flags, url: signing.client.url });
        const { address, key } = own;
        const named = await withAccount(signing, address);
        if (named.view.agreement === undefined)
          throw new CommandError(
            `${address} is named as ${named.view.role}. Others have yet to make their keys: what is signed names every account. Sign when they have.`,
            exitStatus.later,
          );
        const id = await idOf(named);
        if (toHex(id) !== named.view.agreement)
          throw new CommandError(
            'The node names another agreement than these terms make: do not sign.',
            exitStatus.failed,
          );
        if (!flags.json) print([...agreementInWords(named.view.draft, network.members), '']);
        if (!flags.yes && !(await agrees())) throw new CommandError('Not signed.', exitStatus.failed);
        const signature = signDigest(`0x${toHex(id)}`, key);
        const body = { code: named.code, signature };
        const call = named.client.api.POST('/api/v1/signing/{id}/signature', {
          params: { path: { id: named.id } },
          body,
        });
        const view = await named.client.ask(call);
        if (flags.json) printJson(view);
        else print([`Signed as ${view.role} by ${address}.`, ...stateOf(view), ...nextSteps(view)]);
        return undefined;
      }),
    ),
  `Exit status: 0 signed, 1 refused or not agreed to, 75 others have yet to make their keys: sign again when they have.

Examples:
  trine agreement sign 'http://127.0.0.1:4100/#/sign/9f…/31…' --key recipient.secret
  trine agreement sign 9f86d081884c7d659a2feaa0c55ad015 --as payer`,
);

/** A party without an account gets that of the key. */
async function withAccount(signing: Signing, address: Hex): Promise<Signing> {
  const { client, id, code, view } = signing;
  const party = view.parties.find(({ role }) => role === view.role);
  if (party?.address === address) return signing;
  if (party?.address !== undefined)
    throw new CommandError(`The ${view.role} signs with ${party.address}, and this key is of ${address}.`);
  const call = client.api.POST('/api/v1/signing/{id}/account', { params: { path: { id } }, body: { code, address } });
  return { ...signing, view: await client.ask(call) };
}

async function agrees(): Promise<boolean> {
  if (!process.stdin.isTTY) throw new CommandError('Nobody is there to ask: add --yes once the terms are read.');
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  const said = await asked.question('Sign this? [y/N] ');
  asked.close();
  return /^y(es)?$/i.test(said.trim());
}

function nextSteps({ state, role, agreement }: Schemas['Signing']): string[] {
  if (state !== 'sealed' || role !== 'payer') return [];
  return [`Bring the money: trine deposit AMOUNT, then trine authorize ${agreement?.slice(0, 12)}.`];
}

const withdraw = withNode(new Command('withdraw'))
  .description('take a proposal back that not all have signed')
  .argument('<proposal>', 'its id')
  .action(
    action(async (id: string, flags: NodeFlags) => {
      const client = new Client(flags);
      await client.ask(client.api.POST('/api/v1/proposals/{id}/withdraw', { params: { path: { id } } }));
      print('Withdrawn.');
      return undefined;
    }),
  );

const end = examples(
  withSigner(new Command('end'))
    .description('end an agreement as one of its parties: what has begun is decided and paid')
    .argument('<agreement>', 'id, or the first 6 or more digits')
    .requiredOption('--reason <words>', 'why: it stands in the log')
    .option('--from <time>', 'obligations that begin then or later do not arise (default: now)')
    .action(
      action(async (given: string, flags: SignerFlags & { reason: string; from?: string }) => {
        const desk = await Desk.open(flags);
        const id = (await agreementGiven(desk, given)).slice(2);
        const { client, own } = desk;
        const all = await client.ask(client.api.GET('/api/v1/agreements', { params: { query: { limit: 1_000 } } }));
        const policy = all.find((one) => one.id === id)?.policy;
        const role = policy?.parties.find(({ address }) => address === own.address)?.role;
        if (policy === undefined || role === undefined)
          throw new CommandError(`${own.address} is no party of this agreement.`, exitStatus.failed);
        const fromMs = flags.from === undefined ? Date.now() : readTime(flags.from);
        const signature = signDigest(policyEndDigest(fromHex(id), fromMs, policy.money), own.key);
        const body = { fromMs, reason: flags.reason, role, signature };
        const call = client.api.POST('/api/v1/agreements/{id}/end', { params: { path: { id } }, body });
        const ended = await client.ask(call);
        if (flags.json) printJson(ended);
        else
          print([
            `Ended: nothing that begins after ${formatTime(ended.fromMs)} is decided under it.`,
            'What is locked for it is free after its notice: trine revoke, then trine release.',
          ]);
        return undefined;
      }),
    ),
  `Example:
  trine agreement end 5b1e77 --key recipient.secret --reason 'The store is sold'`,
);

export const agreement: Command = examples(
  joiningCommands
    .reduce((command, one) => command.addCommand(one), new Command('agreement'))
    .description('agreements: proposed, looked at in words, signed by every party, joined, ended')
    .addCommand(propose)
    .addCommand(list)
    .addCommand(show)
    .addCommand(sign)
    .addCommand(withdraw)
    .addCommand(end),
  `Examples:
  trine agreement propose service-level pump/7 --party payer=City=0x52… --party recipient=Customer \\
    --most 0.50 --total 100 --window 1h --statements-min 50
  trine agreement sign 'http://127.0.0.1:4100/#/sign/9f…/31…' --key recipient.secret`,
);
