// trine account, deposit, withdraw, authorize, claim, revoke, release: what a party has, and what agreements may take of it.
import type { Schemas } from '@trine/client';
import { type Act, addressGiven, formatTime, type Hex, permitDigest, signDigest } from '@trine/protocol';
import { Command } from 'commander';
import { checkedMoney, inUnits, minorUnits } from './money.ts';
import { action, CommandError, examples, exitStatus, print, printJson, table } from './output.ts';
import { agreementGiven, Desk, type SignerFlags, withSigner } from './signing.ts';

const time = (ms: number): string => formatTime(ms).replace('.000Z', 'Z');

async function accountAt({ client }: Desk, address: string): Promise<Schemas['Account']> {
  return checkedMoney(
    await client.ask(client.api.GET('/api/v1/accounts/{address}', { params: { path: { address } } })),
  );
}

function lockLine(lock: Schemas['Lock'], account: Schemas['Account']): string[] {
  const { revokedMs, untilMs, freeFromMs, claimable } = lock;
  const until = revokedMs ? `revoked ${time(revokedMs)}` : untilMs ? `until ${time(untilMs)}` : 'nothing allowed';
  return [
    `  ${lock.agreement.slice(0, 12)}`,
    lock.title,
    lock.role,
    inUnits(lock.locked, account),
    untilMs === undefined ? '' : inUnits(lock.perObligation, account),
    until,
    freeFromMs === undefined ? '' : `free from ${time(freeFromMs)}`,
    claimable ? `to claim: ${inUnits(claimable, account)}` : '',
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
        const head = ['  agreement', '', 'as', 'locked', 'at once', '', '', ''];
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
        return desk.does(act, flags, said, { permit: { deadline: Number(signed.deadline), signature } });
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
        checkedMoney(money);
        const amount = minorUnits(amountText, money.decimals);
        const act: Act = { kind: 'withdraw', token: money.address as Hex, to, amount, ...desk.signed };
        return desk.does(act, flags, [`Withdrawn: ${inUnits(Number(amount), money)} to ${to}.`]);
      }),
    ),
  `Examples:
  trine withdraw 12.50 --key recipient.secret
  trine withdraw 3 --as recipient --to 0x52908400098527886e0f7030069857d2e4169ee7`,
);

async function agreementWith({ client }: Desk, id: Hex): Promise<Schemas['Agreement']> {
  const all = await client.ask(client.api.GET('/api/v1/agreements', { params: { query: { limit: 1_000 } } }));
  const found = all.find((one) => `0x${one.id}` === id);
  if (found === undefined) throw new CommandError(`No agreement that is known to the node has the id ${id.slice(2)}.`);
  return found;
}

/** Which contract an act is signed for. Without the node's token nobody can ask: then entry by entry. */
async function settlerOf(desk: Desk, id: Hex): Promise<{ settler?: string }> {
  if (!desk.client.hasToken) return {};
  return { settler: (await agreementWith(desk, id)).policy.money.contract };
}

/** @returns seconds; @throws CommandError */
function secondsGiven(text: string): bigint {
  const ms = Date.parse(text);
  if (!Number.isFinite(ms)) throw new CommandError(`${text} is no time: write it as 2026-12-31T23:00:00Z.`);
  return BigInt(Math.floor(ms / 1000));
}

interface AuthorizeFlags extends SignerFlags {
  readonly atOnce?: string;
  readonly from?: string;
  readonly until?: string;
}

export const authorize: Command = examples(
  withSigner(new Command('authorize'))
    .description('let an agreement take money for what you owe under it, and lock that much of the free balance')
    .argument('<agreement>', 'id, or the first 6 or more digits')
    .argument('<amount>', 'what is locked now, besides what is; 0 to be paid only')
    .option('--at-once <amount>', 'most that one obligation takes (default: what is locked in all)')
    .option('--from <time>', 'obligations that end before are not covered (default: where the agreement begins)')
    .option('--until <time>', 'obligations that begin later are not covered (default: where the agreement ends)')
    .action(
      action(async (given: string, amountText: string, flags: AuthorizeFlags) => {
        const desk = await Desk.open(flags);
        const agreement = await agreementGiven(desk, given);
        const { policy } = await agreementWith(desk, agreement);
        const account = await accountAt(desk, desk.own.address);
        const lock = account.locks.find((one) => `0x${one.agreement}` === agreement && one.role !== 'arbiter');
        if (lock === undefined) throw new CommandError(`${desk.own.address} is no party of this agreement.`);
        const amount = /^0(\.0*)?$/.test(amountText) ? 0n : minorUnits(amountText, account.decimals);
        const total = amount + BigInt(lock.locked);
        const { atOnce, from, until } = flags;
        const act: Act = {
          ...{ kind: 'authorize', agreement, perPeriod: 0n, period: 0n, amount },
          perObligation: atOnce === undefined ? total : minorUnits(atOnce, account.decimals),
          from: from === undefined ? BigInt(Math.floor(policy.period.startMs / 1000)) : secondsGiven(from),
          until: until === undefined ? BigInt(Math.ceil(policy.period.endMs / 1000)) : secondsGiven(until),
          ...desk.signed,
        };
        const words = [
          `Authorised: ${policy.title} may take ${inUnits(Number(act.perObligation), account)} for one obligation, ${inUnits(Number(total), account)} in all.`,
        ];
        return desk.does(act, flags, words, { settler: policy.money.contract });
      }),
    ),
  `Examples:
  trine authorize 5b1e77 120 --at-once 20 --key customer.secret
  trine authorize 5b1e77 0 --key operator.secret`,
);

export const claim: Command = examples(
  withSigner(new Command('claim'))
    .description('get what an agreement that settles in batches has for you beyond your limit, into the free balance')
    .argument('<agreement>', 'id, or the first 6 or more digits')
    .argument('[amount]', 'such as 12.50 (default: all of it)')
    .action(
      action(async (given: string, amountText: string | undefined, flags: SignerFlags) => {
        const desk = await Desk.open(flags);
        const agreement = await agreementGiven(desk, given);
        const account = await accountAt(desk, desk.own.address);
        const lock = account.locks.find((one) => `0x${one.agreement}` === agreement && one.claimable !== undefined);
        if (lock === undefined)
          throw new CommandError(`${desk.own.address} has no number in this agreement: trine authorize gives it one.`);
        const amount =
          amountText === undefined ? BigInt(lock.claimable ?? 0) : minorUnits(amountText, account.decimals);
        if (amount === 0n) throw new CommandError('There is nothing to claim now.', exitStatus.failed);
        const act: Act = { kind: 'claim', agreement, amount, ...desk.signed };
        return desk.does(act, flags, [`Claimed: ${inUnits(Number(amount), account)}.`], { settler: lock.contract });
      }),
    ),
  `Example:
  trine claim 5b1e77 --key operator.secret`,
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
        const agreement = await agreementGiven(desk, given);
        const act: Act = { kind: 'revoke', agreement, ...desk.signed };
        const words = ['Revoked. `trine account` says from when on the lock can be released.'];
        return desk.does(act, flags, words, await settlerOf(desk, agreement));
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
