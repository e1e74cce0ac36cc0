// Homes of a street: what is agreed about their bills, which are netted in batches; their meters; and how their accounts join
// and lock money, as a node does it before a round begins.

import { actCall, NEVER } from '@trine/ledger/acts.ts';
import { fundingCalls } from '@trine/ledger/agreements.ts';
import { mintCall } from '@trine/ledger/calls.ts';
import type { Chain } from '@trine/ledger/chain.ts';
import { sendCall } from '@trine/ledger/transactions.ts';
import type { Node } from '@trine/node/node.ts';
import type { LoggedAgreement } from '@trine/node/projections/policies.ts';
import { twoDeciders } from '@trine/node/testing/co-deciding.ts';
import { addressOf, Customers, keyOf } from '@trine/node/testing/customers.ts';
import {
  type Agreement,
  addressOfPrivateKey,
  chainTerms,
  didKey,
  fromHex,
  type Hex,
  hexOf,
  lineAccountDigest,
  signDigest,
  toHex,
} from '@trine/protocol';
import type { VirtualTime } from '@trine/system/testing/virtual-time.ts';
import type { Chance } from './chance.ts';
import type { DeviceOptions } from './device.ts';
import { firstTerms, MIDNIGHT_MS } from './terms.ts';
import type { Traits } from './traits.ts';

const COUNT = 4;
/** Keys of lines: each home has a meter. */
export const HOMES: readonly string[] = Array.from({ length: COUNT }, (_, i) => `home/${i + 1}`);
/** Their accounts; it takes a while to find one. */
export const ADDRESSES: ReadonlyMap<string, Hex> = new Map(HOMES.map((home) => [home, addressOf(home)]));
const meterOf = (home: string) => home.replace('home', 'counter');
export const COUNTERS: readonly string[] = HOMES.map(meterOf);
const TITLE = 'Bills of a street';
const DAY_MS = 86_400_000;
const DAYS = 20;
const INTERVAL_MS = 900_000;
const INTERVALS = DAY_MS / INTERVAL_MS;
const GRACE_MS = 2_500;
/** The shortest that batches have, and until when one is settled. */
export const WINDOW_S = 3_600;
const DEADLINE_S = 7_200;
const HOLD_S = 8;
/** Minor units for a million units: one for one. */
const PRICE = 1_000_000;
const BOND = 5;
/** What one says of an interval, units. */
const USED_MAX = 9;
/** Minor units: what each puts in, and locks. The last one allows less than it may use, and has to wait then. */
const FUNDS = 1_000n;
const LOCKED = 800n;
const AT_ONCE = 400n;
const AT_ONCE_LEAST = 12n;
/** So long before midnight counters begin to tell of the day, and have told of all of it. */
const EVENING_MS = 60_000;
const TOLD_MS = 900;
const LOOK_MS = 200;

/** What homes agree on: a bill for each and every day, netted. */
export function billTerms(node: Node, { isShared }: Traits): Agreement {
  const { settings, genesis, domains, clock } = node;
  const context = { settings, genesis, subject: 'street/1', heartbeat: node.subject, domains, nowMs: clock() };
  const terms = firstTerms(context);
  const { modelChange: _, ...rest } = terms;
  const { network, keys } = genesis;
  return {
    ...rest,
    ...{ domain: 'metering', model: domains.identity('metering'), title: TITLE },
    terms: domains.get('metering').domain.terms.parse({
      customers: HOMES.map((customer) => ({ customer, meters: [meterOf(customer)] })),
      ...{ timeZone: 'Europe/Berlin', period: 'day', graceMs: GRACE_MS },
      ...{ kind: 'interval', intervalMs: INTERVAL_MS, gapsMax: INTERVALS, quantity: 'energy/interval' },
      bands: [{ name: 'all', steps: [{ price: PRICE }] }],
    }) as Agreement['terms'],
    period: { startMs: MIDNIGHT_MS - DAY_MS, endMs: MIDNIGHT_MS + DAYS * DAY_MS },
    correctableMs: DAY_MS,
    gate: { ownersMin: 1, classMin: 'software', heartbeat: node.subject, heartbeatGapMsMax: 2 * DAYS * DAY_MS },
    joining: { by: [didKey(keys.member.publicKey)] },
    registrar: addressOfPrivateKey(keys.account),
    money: {
      ...terms.money,
      ...{ contract: network.chain.batch, obligationMaxS: (2 * DAY_MS) / 1000, contestBond: BOND },
      ...{ disputeWindowS: WINDOW_S, deadlineS: DEADLINE_S, holdMaxS: HOLD_S },
      ...{ perObligationMax: Number(AT_ONCE), totalMax: Number(FUNDS) },
    },
    ...(isShared && twoDeciders(terms)),
  };
}

/** The homes' agreement; undefined before it is sealed, and in rounds that have none. */
export function billed({ policies }: Pick<Node, 'policies'>): LoggedAgreement | undefined {
  return policies.agreements().find(({ policy }) => policy.title === TITLE);
}

/** Midnight in Berlin that comes next. */
export function midnightAfter(ms: number): number {
  return MIDNIGHT_MS + (Math.floor((ms - MIDNIGHT_MS) / DAY_MS) + 1) * DAY_MS;
}

/** What a counter says late in the evening, one interval of the day after the other; of one that it says again, something else. */
export function countsOf(chance: Chance): NonNullable<DeviceOptions['readings']> {
  const said = new Map<number, number>();
  const reading = (timeMs: number) => [
    { quantity: 'energy/interval', unit: 'kWh', timeMs, value: chance.below(USED_MAX + 1) },
  ];
  return (nowMs, replacedMs) => {
    if (replacedMs !== undefined) return reading(replacedMs);
    const endMs = midnightAfter(nowMs);
    const number = said.get(endMs) ?? 0;
    const leftMs = endMs - nowMs;
    if (leftMs > EVENING_MS || leftMs < TOLD_MS || number === INTERVALS) return [];
    said.set(endMs, number + 1);
    return reading(endMs - DAY_MS + number * INTERVAL_MS);
  };
}

/** Their accounts join, each by its own signature and the code of its line, and lock money; so does whoever is paid. */
export async function joinHomes(node: Node, time: VirtualTime, chain: Chain): Promise<void> {
  const { policy, id } = billed(node) as LoggedAgreement;
  const { joining } = node.proposals;
  for (const { key, code } of joining.codes(toHex(id))) {
    const signature = fromHex(signDigest(lineAccountDigest(id, key, policy.money), keyOf(key)));
    await joining.join(toHex(id), { key, address: ADDRESSES.get(key) as Hex, signature, code }, 'simulated');
  }
  const customers = customersOf(() => node, time);
  for (const key of HOMES) {
    await customers.fund(key, FUNDS);
    const perObligation = key === HOMES.at(-1) ? AT_ONCE_LEAST : AT_ONCE;
    await customers.authorizes(key, id, policy, { perObligation, amount: LOCKED });
  }
  await lockForCredits(node, chain, policy, hexOf(id));
}

/** Where homes act. @param node the one that runs then */
export function customersOf(node: () => Node, time: VirtualTime): Customers {
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = () => (holds() ? resolve() : void time.after(LOOK_MS, look));
      look();
    });
  const does = <T>(work: Promise<T>) => work;
  return new Customers({
    ...{ genesis: node().genesis, acts: () => node().settler.acts, now: time.now, does },
    until: (_, holds) => until(holds),
  });
}

/** Whoever is paid gives back what was too much: out of money of its own, once it has none of theirs. */
async function lockForCredits({ genesis }: Node, chain: Chain, policy: Agreement, agreement: Hex): Promise<void> {
  const { contracts, keys } = genesis;
  const [account, key] = [addressOfPrivateKey(keys.recipient), hexOf(keys.recipient)];
  const terms = chainTerms(policy);
  await sendCall(chain, hexOf(keys.issuer), mintCall(contracts, account, LOCKED, agreement));
  const calls = fundingCalls(contracts, terms, { agreement, account, perObligation: AT_ONCE, amount: LOCKED });
  await sendCall(chain, key, calls.approve);
  await sendCall(chain, key, calls.deposit);
  const once = { nonce: 1n, deadline: NEVER, from: terms.validFrom, until: terms.validUntil };
  const limits = { perObligation: AT_ONCE, amount: LOCKED, perPeriod: 0n, period: 0n };
  const act = { kind: 'authorize', agreement, account, ...limits, ...once } as const;
  await sendCall(chain, key, actCall(contracts, act, { settler: terms.settler }));
}
