// trine hold and trine rule: a payment is disputed, and what becomes of it.
import {
  type Act,
  decodeIntent,
  fromHex,
  type Hex,
  type Intent,
  intentDigest,
  RULINGS,
  type Ruling,
} from '@trine/protocol';
import { Argument, Command } from 'commander';
import { idGiven } from './evidence.ts';
import { action, CommandError, examples } from './output.ts';
import { Desk, type SignerFlags, withSigner } from './signing.ts';

/** The intent that a payment is, as the log has it: what is signed names it by its digest, computed here. */
export async function intentOf({ client, network }: Desk, given: string): Promise<Intent> {
  const id = idGiven(given);
  const params = { path: { id } };
  const found = await client.ask(client.api.GET('/api/v1/intents/{id}', { params }));
  const intent = decodeIntent(fromHex(found.intent));
  if (!intentDigest(intent).slice(2).startsWith(id))
    throw new CommandError('The node gave another payment than the one that was asked for.');
  const { direct, batch } = network.chain;
  if (![direct, batch].includes(intent.settler) || intent.chainId !== BigInt(network.chain.id))
    throw new CommandError('This payment is of another contract or chain than those of the network.');
  return intent;
}

function aboutOf(intent: Intent): { agreement: Hex; obligation: Hex; intent: Hex } {
  return { agreement: intent.agreement, obligation: intent.obligation, intent: intentDigest(intent) };
}

export const hold: Command = examples(
  withSigner(new Command('hold'))
    .description('object to an announced payment: it is not paid until somebody rules, or the terms’ time is over')
    .argument('<payment>', 'id, or the first 6 or more digits')
    .action(
      action(async (given: string, flags: SignerFlags) => {
        const desk = await Desk.open(flags);
        const intent = await intentOf(desk, given);
        const act: Act = { kind: 'hold', ...aboutOf(intent), ...desk.signed };
        const words = [
          `Held by ${desk.own.address}.`,
          'The arbiter rules with `trine rule`; whoever holds may give in with `trine rule … pay`.',
        ];
        return desk.does(act, flags, words, { settler: intent.settler });
      }),
    ),
  `Whoever pays, and the arbiter, can hold a payment, once each, while it is announced. Exit status: 0 held, 1 refused.

Examples:
  trine hold 3f9c21ab --key arbiter.secret
  trine hold 3f9c21ab --as payer`,
);

const SAID: Readonly<Record<Ruling, string>> = {
  pay: 'Ruled: to be paid. Where the arbiter said so, that is done at once; where a party gave in, after another window.',
  drop: 'Ruled: it is never paid, and what was reserved for it is free again.',
  redecide: 'Ruled: it stays held until another decision takes its place, or the time of the hold is over.',
};

export const rule: Command = examples(
  withSigner(new Command('rule'))
    .description('end the hold of a payment: the arbiter rules, or the party that holds gives in (pay)')
    .argument('<payment>', 'id, or the first 6 or more digits')
    .addArgument(new Argument('<ruling>', 'what becomes of it').choices(Object.keys(RULINGS)))
    .action(
      action(async (given: string, ruling: Ruling, flags: SignerFlags) => {
        const desk = await Desk.open(flags);
        const intent = await intentOf(desk, given);
        const act: Act = { kind: 'rule', ruling, ...aboutOf(intent), ...desk.signed };
        return desk.does(act, flags, [SAID[ruling]], { settler: intent.settler });
      }),
    ),
  `Examples:
  trine rule 3f9c21ab drop --key arbiter.secret
  trine rule 3f9c21ab pay --as arbiter`,
);
