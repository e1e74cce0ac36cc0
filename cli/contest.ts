// trine contest, contests and rule-contest: a party says that its row in a batch is wrong, and what the arbiter says of it.
import type { Schemas } from '@trine/client';
import type { NetworkDocument } from '@trine/protocol';
import { type Act, addressGiven, formatAmount, formatTime, type Hex, hexOf, sha256, toUtf8 } from '@trine/protocol';
import { Argument, Command } from 'commander';
import { Client, type NodeFlags, withNode } from './client.ts';
import { intentOf } from './dispute.ts';
import { idGiven } from './evidence.ts';
import { action, CommandError, examples, exitStatus, print, printJson, table } from './output.ts';
import { Desk, type SignerFlags, withSigner } from './signing.ts';

type Contest = NonNullable<Schemas['Payment']['contests']>[number];
type About = { readonly agreement: Hex; readonly obligation: Hex; readonly settler: Hex };

const WORDS_MAX = 1_000;
const time = (ms: number): string => formatTime(ms).replace('.000Z', 'Z');

/** The batch that a payment is. @throws CommandError where it is paid by itself */
async function batchOf(desk: Desk, given: string): Promise<About> {
  const { agreement, obligation, settler } = await intentOf(desk, given);
  if (settler !== desk.network.chain.batch)
    throw new CommandError('This payment is not settled in a batch: who pays objects to it with `trine hold`.');
  return { agreement, obligation, settler };
}

interface ContestFlags extends SignerFlags {
  readonly reason: string;
}

export const contest: Command = examples(
  withSigner(new Command('contest'))
    .description('say that your row in a batch is wrong: it costs the bond of the terms until the arbiter has ruled')
    .argument('<payment>', 'id of the batch, or the first 6 or more digits')
    .requiredOption(
      '--reason <words>',
      `what is wrong, in at most ${WORDS_MAX} characters: the node shows it to who sees payments`,
    )
    .action(
      action(async (given: string, flags: ContestFlags) => {
        const { reason } = flags;
        if (reason === '' || reason.length > WORDS_MAX)
          throw new CommandError(`Say what is wrong in at most ${WORDS_MAX} characters.`);
        const desk = await Desk.open(flags);
        const { settler, ...about } = await batchOf(desk, given);
        const act: Act = { kind: 'contest', ...about, statement: hexOf(sha256(toUtf8(reason))), ...desk.signed };
        const words = [
          `Contested by ${desk.own.address}. The batch is settled all the same, and no number changes by it.`,
          'What is wrong is corrected by a decision on late or corrected readings: the difference is in a later batch.',
          'The bond, if the terms name one, is back when the arbiter says justified, or does not rule in time.',
        ];
        return desk.does(act, flags, words, { settler, said: reason });
      }),
    ),
  `Whoever has joined the agreement contests a batch of it, once, as soon as it is announced, and for as long as it likes after
that. Exit status: 0 contested, 1 refused.

Examples:
  trine contest 3f9c21ab --reason 'My meter was read twice' --key home.key`,
);

const RULINGS = { justified: true, unjustified: false } as const;
const SAID = {
  justified: 'Ruled: justified. The bond is back in the free balance of who contests.',
  unjustified: 'Ruled: unjustified. The bond went to the residuary of the terms, who is the payer.',
} as const;

/** Who contests: an address, or the key of the line, which needs the token. */
async function accountGiven({ client }: Desk, payment: string, given: string): Promise<Hex> {
  const address = addressGiven(given);
  if (address !== undefined) return address;
  const found = (await contestsOf(client, payment)).find(({ key }) => key === given);
  if (found === undefined) throw new CommandError(`Nobody by the name of ${given} contests it.`, exitStatus.failed);
  return found.account as Hex;
}

export const ruleContest: Command = examples(
  withSigner(new Command('rule-contest'))
    .description('end the contest of a batch: the arbiter says whether it was justified')
    .argument('<payment>', 'id of the batch, or the first 6 or more digits')
    .argument('<account>', 'who contests: its address, or the key of its line')
    .addArgument(new Argument('<ruling>', 'what becomes of the bond').choices(Object.keys(RULINGS)))
    .action(
      action(async (given: string, account: string, ruling: keyof typeof RULINGS, flags: SignerFlags) => {
        const desk = await Desk.open(flags);
        const { settler, ...about } = await batchOf(desk, given);
        const who = await accountGiven(desk, given, account);
        const signed = { ...desk.signed, account: who };
        const act: Act = { kind: 'rule-contest', ...about, justified: RULINGS[ruling], ...signed };
        return desk.does(act, flags, [SAID[ruling]], { settler });
      }),
    ),
  `It changes no number: what is wrong a decision on late or corrected readings corrects. Exit status: 0 ruled, 1 refused.

Examples:
  trine rule-contest 3f9c21ab home/7 justified --key arbiter.secret
  trine rule-contest 3f9c21ab 0x52908400098527886e0f7030069857d2e4169ee7 unjustified --as arbiter`,
);

const ENDED: Readonly<Record<NonNullable<Contest['ended']>['how'], string>> = {
  justified: 'justified: the bond went back',
  unjustified: 'unjustified: the bond went to the residuary, who is the payer',
  'not-ruled': 'not ruled on in time: the bond went back',
};

async function contestsOf(client: Client, given: string): Promise<readonly Contest[]> {
  const params = { path: { id: idGiven(given) } };
  return (await client.ask(client.api.GET('/api/v1/payments/{id}', { params }))).contests ?? [];
}

export const contests: Command = withNode(new Command('contests'))
  .description('who says that its row in a batch is wrong, and what became of it')
  .argument('<payment>', 'id of the batch, or the first 6 or more digits')
  .option('--json', 'print them as JSON')
  .action(
    action(async (given: string, flags: NodeFlags & { json?: boolean }) => {
      const client = new Client(flags);
      const params = { path: { id: idGiven(given) } };
      const payment = await client.ask(client.api.GET('/api/v1/payments/{id}', { params }));
      const { contests: found = [], currency } = payment;
      if (flags.json) return void printJson(found);
      if (found.length === 0) return void print('Nobody contests it.');
      const network = (await client.ask(client.api.GET('/network.json'))) as NetworkDocument;
      print([
        table(
          found.map(({ account, key, sinceMs, untilMs, bond, ended, words }) => [
            key ?? '',
            account,
            time(sinceMs),
            formatAmount(bond, currency, network),
            ended ? ENDED[ended.how] : `open; if nobody rules until ${time(untilMs)}, the bond goes back`,
            words ?? '',
          ]),
        ),
        'The arbiter rules with `trine rule-contest`. A contest holds nothing and changes no number.',
      ]);
      return undefined;
    }),
  );
