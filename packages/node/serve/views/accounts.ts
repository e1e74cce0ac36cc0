// Accounts: what somebody has, and what agreements hold of it, as the chain says now.
import { z } from '@hono/zod-openapi';
import { freeFrom, type Limits, readBalance, readLimits, readTerms, readWallet } from '@trine/ledger/agreements.ts';
import { type Member, readMember } from '@trine/ledger/batches.ts';
import { type Hex, hexOf, type PositionProof, toHex } from '@trine/protocol';
import type { Node } from '../../node.ts';
import type { LoggedAgreement } from '../../projections/policies.ts';
import { hex32, type Immutable, minorUnits, timeMs } from '../schema.ts';

const lockSchema = z
  .object({
    agreement: hex32,
    title: z.string(),
    role: z.string().openapi({ description: 'Of the account in this agreement; or the key of its line.' }),
    contract: z.string().openapi({ description: 'Settles the agreement: acts about it are signed for this address.' }),
    locked: minorUnits,
    perObligation: minorUnits.openapi({ description: 'Most that one obligation takes.' }),
    untilMs: timeMs.optional().openapi({ description: 'Obligations that begin later are not covered.' }),
    revokedMs: timeMs.optional(),
    freeFromMs: timeMs.optional().openapi({ description: 'From when on what is left can be released, or claimed.' }),
    number: z.int().optional().openapi({ description: 'Of batches: the account’s number in the agreement.' }),
    position: z
      .int()
      .optional()
      .openapi({ description: 'Of batches: gained, or lost, by those settled, minor units.' }),
    claimable: minorUnits.optional().openapi({ description: 'Of batches: what can be claimed now.' }),
  })
  .openapi('Lock');

export const accountSchema = z
  .object({
    address: z.string(),
    token: z.string(),
    tokenName: z.string().openapi({ description: 'As permits for a deposit name it (EIP-2612).' }),
    permitNonce: z.string().openapi({ description: 'The number of the next permit, decimal.' }),
    currency: z.string(),
    decimals: z.int(),
    free: minorUnits.openapi({ description: 'What leaves at any time, on the word of its owner alone.' }),
    wallet: minorUnits.openapi({ description: 'What the account has outside, and can deposit.' }),
    locks: z.array(lockSchema).openapi({ description: 'By agreement in which it is anything.' }),
  })
  .openapi('Account');
type AccountView = Immutable<z.infer<typeof accountSchema>>;

/** @throws LedgerError where the chain does not answer */
export async function accountOf(node: Node, account: Hex): Promise<AccountView> {
  const { chain, contracts, network } = node.genesis;
  const [free, wallet, locks] = await Promise.all([
    readBalance(chain, contracts, account),
    readWallet(chain, contracts, account),
    Promise.all(
      node.policies
        .agreements()
        .flatMap((logged) => rolesOf(node, logged, account).map((role) => lockOf(node, logged, account, role))),
    ),
  ]);
  const [money] = network.chain.tokens;
  return {
    address: account,
    token: contracts.token,
    tokenName: wallet.tokenName,
    permitNonce: String(wallet.permitNonce),
    currency: money?.currency ?? '',
    decimals: money?.decimals ?? 0,
    free: Number(free),
    wallet: Number(wallet.amount),
    locks,
  };
}

function rolesOf({ policies }: Pick<Node, 'policies'>, { policy, hash }: LoggedAgreement, account: Hex): string[] {
  const parties = policy.parties.filter(({ address }) => address.toLowerCase() === account).map(({ role }) => role);
  const lines = (policy.accounts ?? []).filter(({ address }) => address === account).map(({ key }) => key);
  const joined = policies.lineOf(hash, account);
  return [
    ...parties,
    ...lines,
    ...(joined ? [joined] : []),
    ...(policy.arbiter.toLowerCase() === account ? ['arbiter'] : []),
  ];
}

async function lockOf(
  { genesis: { chain, contracts }, settler, clock }: Node,
  { id, policy }: LoggedAgreement,
  account: Hex,
  role: string,
): Promise<AccountView['locks'][number]> {
  const agreement = hexOf(id);
  const isBatched = policy.money.contract === contracts.batch;
  const position = isBatched ? await settler.positionOf(agreement, account) : undefined;
  const member = position && (await readMember(chain, contracts, agreement, position.number));
  const [limits, terms] = await Promise.all([
    isBatched ? limitsOf(member) : readLimits(chain, contracts, agreement, account),
    readTerms(chain, contracts, agreement),
  ]);
  const ms = (seconds: bigint) => Number(seconds) * 1_000;
  const isGiven = limits.since > 0n && terms !== undefined;
  return {
    agreement: toHex(id),
    title: policy.title,
    role,
    contract: policy.money.contract,
    locked: Number(limits.locked),
    perObligation: Number(limits.perObligation),
    untilMs: isGiven ? ms(limits.until) : undefined,
    revokedMs: limits.revokedAt > 0n ? ms(limits.revokedAt) : undefined,
    freeFromMs: isGiven ? ms(freeFrom(terms, limits)) : undefined,
    ...(position && member && terms && claimOf(position, member, ms(freeFrom(terms, limits)), clock())),
  };
}

const NONE: Limits = { perObligation: 0n, locked: 0n, since: 0n, revokedAt: 0n, until: 0n };

function limitsOf(member: Member | undefined): Limits {
  if (member === undefined) return NONE;
  const { perObligation, limit, cover } = member;
  return { perObligation, locked: limit, since: cover.since, revokedAt: cover.revokedAt, until: cover.until };
}

/** What exceeds its limit, or all of it once its notice is over. @param freeMs when that is */
function claimOf(
  { number, position }: PositionProof,
  { stake, limit }: Member,
  freeMs: number,
  nowMs: number,
): Pick<AccountView['locks'][number], 'number' | 'position' | 'claimable'> {
  const claimable = Number(stake + position - (nowMs >= freeMs ? 0n : limit));
  return { number, position: Number(position), claimable: Math.max(0, claimable) };
}
