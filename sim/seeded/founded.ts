// A network that was founded before: its contracts, its first leaves, the keys of its things and an agreement more, as a node
// leaves them that is stopped in order. Made once in a process for rounds of one kind, the same in every one.
import { createPrivateKey, sign } from 'node:crypto';
import { fundingCalls } from '@trine/ledger/agreements.ts';
import { mintCall } from '@trine/ledger/calls.ts';
import type { Chain } from '@trine/ledger/chain.ts';
import { sendCall } from '@trine/ledger/transactions.ts';
import { monitorOf } from '@trine/node/decide/monitor.ts';
import type { Node } from '@trine/node/node.ts';
import { signInPractice } from '@trine/node/proposals/open.ts';
import { addressOfPrivateKey, chainTerms, didKey, hexOf, type Signer } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { VirtualTime } from '@trine/system/testing/virtual-time.ts';
import { isOpening } from './agreeing.ts';
import { chanceOf } from './chance.ts';
import { Faults } from './faults.ts';
import { billed, billTerms, COUNTERS, joinHomes } from './homes.ts';
import { type Founded, Machine } from './machine.ts';
import { firstOf, METER, MIDNIGHT_MS, meterTerms } from './terms.ts';
import type { Traits } from './traits.ts';

export const PERSON = 'person/ada';
export const RESOURCE = 'bicycle/1';
export const HOSTILE = 'evil/sensor';
/** What the hosts of the simulation enrol; the node's own device comes besides. */
const THINGS = [METER, PERSON, RESOURCE, HOSTILE] as const;
/** What stands before the 32 bytes of an Ed25519 key (RFC 8410 §7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const BEGAN_MS = Date.UTC(2026, 0, 5, 8);
const READY_MS_MAX = 120_000;
/** Where bills are netted: founded so long before midnight, and its round begins shortly before. */
const FOUNDED_BEFORE_MS = 4 * 60_000;
const BEGINS_BEFORE_MS = 2_900;
/** Corrections that take a payment back are covered so often. */
const LOCKED_TIMES = 100n;

export interface FoundedNetwork extends Founded {
  /** When it goes on, milliseconds since 1970: when it stopped, or in a moment of its own. */
  readonly beginsMs: number;
}

/** The key of a thing: in every run the same. Things sign all the time: OpenSSL does it ten times faster. */
export function keyOf(subject: string): Signer {
  const seed = Buffer.alloc(32, subject);
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const { publicKey } = temporarySigner('Ed25519', seed);
  return { publicKey, sign: (message) => Uint8Array.from(sign(null, message, key)) };
}

/** Lets the things of a simulation speak, and makes what is agreed about them. Repeating it changes nothing. */
export async function prepare(node: Node, traits: Traits): Promise<void> {
  const { isNetted } = traits;
  for (const subject of isNetted ? [...THINGS, ...COUNTERS] : THINGS) {
    const key = didKey(keyOf(subject).publicKey);
    if (node.keyDirectory.get(key) === undefined)
      await node.enrol(subject, { key, name: subject, class: 'software', subjects: [subject] });
  }
  const titles = new Set(node.policies.all().map(({ policy }) => policy.title));
  const meter = meterTerms(node, METER, traits);
  if (!titles.has(meter.title)) await signInPractice(node.proposals, meter, node.genesis);
  if (isNetted && !billed(node)) await signInPractice(node.proposals, billTerms(node, traits), node.genesis);
  const bookings = {
    ...{ subject: 'station/1', domain: 'booking', title: 'Bicycles', currency: 'EUR' },
    terms: {
      ...{ resources: ['bicycle/*'], openers: [{ subjects: 'person/*', openMax: 3 }], longestMs: 3_600_000 },
      ...{ pricePerUnit: 25, deposit: 2_000, noShowFee: 300, graceMs: 500 },
    },
  };
  if (!titles.has(bookings.title)) await node.decisions.propose(monitorOf(node, bookings, node.clock()));
}

const made = new Map<string, Promise<FoundedNetwork>>();

export function foundedNetwork(traits: Traits): Promise<FoundedNetwork> {
  const kind = JSON.stringify(traits);
  const known = made.get(kind) ?? make(traits);
  made.set(kind, known);
  return known;
}

async function make(traits: Traits): Promise<FoundedNetwork> {
  const unforeseen = (error: unknown): never => {
    throw error;
  };
  const { isLate, isNetted } = traits;
  const time = new VirtualTime(isNetted ? MIDNIGHT_MS - FOUNDED_BEFORE_MS : BEGAN_MS, unforeseen);
  const faults = new Faults(chanceOf(0, 9), () => undefined);
  faults.isOver = true;
  const machine = await Machine.assemble({ time, chance: chanceOf(0, 8), faults, first: firstOf(traits) });
  const mine = () => void time.after(1_000, async () => void (await machine.chain?.refresh().then(mine)));
  mine();
  await machine.start();
  const node = machine.node as Node;
  await done(time, prepare(node, traits));
  if (!(await time.until(() => !isOpening(node), READY_MS_MAX))) throw new Error('The network is not opened in time.');
  const chain = { ...machine.chain, timers: chainTimers(time) } as Chain;
  if (isLate) await done(time, lockOf(node, chain));
  if (isNetted) await done(time, joinHomes(node, time, chain));
  await machine.stop();
  await machine.loseTables();
  const beginsMs = isNetted ? Math.max(time.now(), MIDNIGHT_MS - BEGINS_BEFORE_MS) : time.now();
  return { disk: machine.disk, chain: machine.chain as Founded['chain'], beginsMs };
}

/** Lets time pass until it is done. */
async function done(time: VirtualTime, work: Promise<void>): Promise<void> {
  let isDone = false;
  const ended = () => {
    isDone = true;
  };
  work.then(ended, ended);
  if (!(await time.until(() => isDone, READY_MS_MAX))) throw new Error('The network is not founded in time.');
  await work;
}

function chainTimers(time: VirtualTime): Chain['timers'] {
  const timers = time.timers();
  return { ...timers, clearTimeout: (timer) => (timer as { cancel(): void }).cancel() };
}

/** Whoever is paid for a breach locks what a correction may take back. */
async function lockOf(node: Node, chain: Chain): Promise<void> {
  const { contracts, keys } = node.genesis;
  const found = node.policies.agreements().find(({ policy }) => policy.subject === METER);
  const { policy, id } = found as NonNullable<typeof found>;
  const [agreement, account] = [hexOf(id), addressOfPrivateKey(keys.recipient)];
  const perObligation = BigInt(policy.money.perObligationMax);
  const amount = perObligation * LOCKED_TIMES;
  await sendCall(chain, hexOf(keys.issuer), mintCall(contracts, account, amount, agreement));
  const calls = fundingCalls(contracts, chainTerms(policy), { agreement, account, perObligation, amount });
  for (const call of [calls.approve, calls.deposit, calls.authorize])
    await sendCall(chain, hexOf(keys.recipient), call);
}
