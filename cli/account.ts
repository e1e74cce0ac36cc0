// trine account, deposit, withdraw, revoke, release: what a party has, and what agreements may take of it.
import type { Schemas } from '@trine/client';
import { type Act, addressGiven, type Hex, permitDigest, signDigest } from '@trine/protocol';
import { Command } from 'commander';
import { action, CommandError, examples, print, printJson, table } from './output.ts';
import { agreementGiven, Desk, type SignerFlags, withSigner } from './signing.ts';

/** @example minorUnits('12.5', 2) // 1250n @throws CommandError */
export function minorUnits(text: string, decimals: number): bigint {
  const [, whole = '', part = ''] = /^(\d{1,15})(?:\.(\d+))?$/.exec(text) ?? [];
  const amount = whole === '' || part.length > decimals ? 0n : BigInt(whole + part.padEnd(decimals, '0'));
  if (amount <= 0n || amount > BigInt(Number.MAX_SAFE_INTEGER))
    throw new CommandError(
      `${text} is no amount: write a number above 0 with at most ${decimals} decimals, such as 12.50.`,
    );
  return amount;
}

/** @example inUnits(1250, 'EUR', 2) // '12.50 EUR' */
const inUnits = (amount: number, { currency, decimals }: Pick<Schemas['Account'], 'currency' | 'decimals'>): string =>
  `${(amount / 10 ** decimals).toFixed(decimals)} ${currency}`;

const time = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

function accountAt({ client }: Desk, address: string): Promise<Schemas['Account']> {
  return client.ask(client.api.GET('/api/v1/accounts/{address}', { params: { path: { address } } }));
}

function lockLine(lock: Schemas['Lock'], account: Schemas['Account']): string[] {
  const { revokedMs, untilMs, freeFromMs } = lock;
  const until = revokedMs ? `revoked ${time(revokedMs)}` : untilMs ? `until ${time(untilMs)}` : 'nothing allowed';
  return [
    `  ${lock.agreement.slice(0, 12)}`,
    lock.title,
    lock.role,
    inUnits(lock.locked, account),
    untilMs === undefined ? '' : inUnits(lock.perObligation, account),
    until,
    freeFromMs === undefined ? '' : `free from ${time(freeFromMs)}`,
  ];
}

export const account: Command = examples(
  withSigner(new Command('account'))
    .description('what an account has free, what agreements hold of it, and from when on that is free')
    .argument('[address]', 'of whom (default: of --key or --as, or else of the node)')
    .action(
      action(async (given: string | undefined, flags: SignerFlags) => {
        const desk = await Desk.open(flags);
        const address = given ?? desk.account?.address ?? desk.network.members[0]?.address ?? '';
        const found = await accountAt(desk, address);
        if (flags.json) return void printJson(found);
        const rows = found.locks.map((lock) => lockLine(lock, found));
        const head = ['  agreement', '', 'as', 'locked', 'at once', '', ''];
        print([
          found.address,
          table([
            ['Free', inUnits(found.free, found), 'leaves at any time: trine withdraw'],
            ['Wallet', inUnits(found.wallet, found), 'outside: trine deposit'],
          ]),
          ...(rows.length > 0 ? ['', 'In agreements', table([head, ...rows])] : ['It is in no agreement known here.']),
        ]);
        return undefined;
      }),
    ),
  `Examples:
  trine account 0x52908400098527886e0f7030069857d2e4169ee7
  trine account --as recipient`,
);

export const deposit: Command = examples(
  withSigner(new Command('deposit'))
    .description('move money from the wallet into the free balance, by a permit of the token (EIP-2612)')
    .argument('<amount>', 'such as 12.50')
    .action(
      action(async (amountText: string, flags: SignerFlags) => {
        const desk = await Desk.open(flags);
        const { address, key } = desk.own;
        const { chain } = desk.network;
        const { token, tokenName, permitNonce, decimals, ...rest } = await accountAt(desk, address);
        if (!chain.tokens.some((one) => one.address === token))
          throw new CommandError('The node names a token that the network document does not have.');
        const amount = minorUnits(amountText, decimals);
        const { signed } = desk;
        const permit = {
          ...{ owner: address, spender: chain.accounts as Hex, value: amount },
          ...{ nonce: BigInt(permitNonce), deadline: signed.deadline },
        };
        const domain = { chainId: BigInt(chain.id), verifyingContract: token as Hex, name: tokenName };
        const act: Act = { kind: 'deposit', token: token as Hex, amount, ...signed };
        const said = [`Deposited ${inUnits(Number(amount), { decimals, ...rest })}.`];
        const signature = signDigest(permitDigest(permit, domain), key);
        return desk.does(act, flags, said, { deadline: Number(signed.deadline), signature });
      }),
    ),
  `Example:
  trine deposit 12.50 --key payer.secret`,
);

export const withdraw: Command = examples(
  withSigner(new Command('withdraw'))
    .description('move money out of the free balance')
    .argument('<amount>', 'such as 12.50')
    .option('--to <address>', 'whose wallet gets it (default: the own)')
    .action(
      action(async (amountText: string, flags: SignerFlags & { to?: string }) => {
        const desk = await Desk.open(flags);
        const to = addressGiven(flags.to ?? desk.own.address);
        if (to === undefined) throw new CommandError(`${flags.to} is no address: 0x and 40 hex digits.`);
        const [money] = desk.network.chain.tokens;
        if (money === undefined) throw new CommandError('The network document names no token.');
        const amount = minorUnits(amountText, money.decimals);
        const act: Act = { kind: 'withdraw', token: money.address as Hex, to, amount, ...desk.signed };
        return desk.does(act, flags, [`Withdrawn: ${inUnits(Number(amount), money)} to ${to}.`]);
      }),
    ),
  `Examples:
  trine withdraw 12.50 --key recipient.secret
  trine withdraw 3 --as recipient --to 0x52908400098527886e0f7030069857d2e4169ee7`,
);

export const revoke: Command = examples(
  withSigner(new Command('revoke'))
    .description(
      'let an agreement take nothing for what begins from now on; what it has locked is free after its notice',
    )
    .argument('<agreement>', 'id, or the first 6 or more digits')
    .action(
      action(async (given: string, flags: SignerFlags) => {
        const desk = await Desk.open(flags);
        const act: Act = { kind: 'revoke', agreement: await agreementGiven(desk, given), ...desk.signed };
        return desk.does(act, flags, ['Revoked. `trine account` says from when on the lock can be released.']);
      }),
    ),
  `Example:
  trine revoke 5b1e77 --key payer.secret`,
);

export const release: Command = examples(
  withSigner(new Command('release'))
    .description('get back what an agreement still has locked, once nothing it was allowed can be due any more')
    .argument('<agreement>', 'id, or the first 6 or more digits')
    .option('--of <address>', 'whose lock: anybody may (default: of --key or --as)')
    .action(
      action(async (given: string, flags: SignerFlags & { of?: string }) => {
        const desk = await Desk.open(flags);
        const of = flags.of === undefined ? desk.own.address : addressGiven(flags.of);
        if (of === undefined) throw new CommandError(`${flags.of} is no address: 0x and 40 hex digits.`);
        const agreement = (await agreementGiven(desk, given)).slice(2);
        return desk.handIn({ act: { kind: 'release', agreement, account: of } }, flags, ['Released: it is free now.']);
      }),
    ),
  `Example:
  trine release 5b1e77 --key payer.secret`,
);
