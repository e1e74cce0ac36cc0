// A network that was founded before: its contracts, its first leaves, the keys of its things and an agreement more, as a node
// leaves them that is stopped in order. Made once in a process, the same in every one.
import { createPrivateKey, sign } from 'node:crypto';
import { monitorOf } from '@trine/node/decide/monitor.ts';
import type { Node } from '@trine/node/node.ts';
import { signInPractice } from '@trine/node/proposals/open.ts';
import { didKey, type Signer } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { VirtualTime } from '@trine/system/testing/virtual-time.ts';
import { chanceOf } from './chance.ts';
import { Faults } from './faults.ts';
import { type Founded, Machine } from './machine.ts';
import { termsOf } from './terms.ts';

export const METER = 'meter/1';
export const PERSON = 'person/ada';
export const RESOURCE = 'bicycle/1';
export const HOSTILE = 'evil/sensor';
/** What the hosts of the simulation enrol; the node's own device comes besides. */
const THINGS = [METER, PERSON, RESOURCE, HOSTILE] as const;
/** What stands before the 32 bytes of an Ed25519 key (RFC 8410 §7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const BEGAN_MS = Date.UTC(2026, 0, 5, 8);
/** What opens agreements and enters keys. */
const OPENING = new Set(['register', 'approve', 'open', 'deposit', 'authorize']);
const READY_MS_MAX = 60_000;

export interface FoundedNetwork extends Founded {
  /** When it stopped, milliseconds since 1970. */
  readonly stoppedMs: number;
}

/** The key of a thing: in every run the same. Things sign all the time: OpenSSL does it ten times faster. */
export function keyOf(subject: string): Signer {
  const seed = Buffer.alloc(32, subject);
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const { publicKey } = temporarySigner('Ed25519', seed);
  return { publicKey, sign: (message) => Uint8Array.from(sign(null, message, key)) };
}

/** Lets the things of a simulation speak, and makes what is agreed about them. Repeating it changes nothing. */
export async function prepare(node: Node): Promise<void> {
  for (const subject of THINGS) {
    const key = didKey(keyOf(subject).publicKey);
    if (node.keyDirectory.get(key) === undefined)
      await node.enrol(subject, { key, name: subject, class: 'software', subjects: [subject] });
  }
  const titles = new Set(node.policies.all().map(({ policy }) => policy.title));
  const meter = termsOf(node, METER, 'Service level of the meter');
  if (!titles.has(meter.title)) await signInPractice(node.proposals, meter, node.genesis);
  const bookings = {
    ...{ subject: 'station/1', domain: 'booking', title: 'Bicycles', currency: 'EUR' },
    terms: {
      ...{ resources: ['bicycle/*'], openers: [{ subjects: 'person/*', openMax: 3 }], longestMs: 3_600_000 },
      ...{ pricePerUnit: 25, deposit: 2_000, noShowFee: 300, graceMs: 500 },
    },
  };
  if (!titles.has(bookings.title)) await node.decisions.propose(monitorOf(node, bookings, node.clock()));
}

let made: Promise<FoundedNetwork> | undefined;

export function foundedNetwork(): Promise<FoundedNetwork> {
  made ??= make();
  return made;
}

async function make(): Promise<FoundedNetwork> {
  const unforeseen = (error: unknown): never => {
    throw error;
  };
  const time = new VirtualTime(BEGAN_MS, unforeseen);
  const faults = new Faults(chanceOf(0, 9), () => undefined);
  faults.isOver = true;
  const machine = await Machine.assemble({ time, chance: chanceOf(0, 8), faults });
  const mine = () => void time.after(1_000, async () => void (await machine.chain?.refresh().then(mine)));
  mine();
  await machine.start();
  const node = machine.node as Node;
  let isReady = false;
  const ready = prepare(node).then(() => {
    isReady = true;
  });
  const isOpened = () => {
    const { outbox } = node.settler;
    return isReady && ![...outbox.list('queued'), ...outbox.list('submitted')].some(({ kind }) => OPENING.has(kind));
  };
  if (!(await time.until(isOpened, READY_MS_MAX))) throw new Error('The network is not founded in time.');
  await ready;
  await machine.stop();
  await machine.loseTables();
  return { disk: machine.disk, chain: machine.chain as Founded['chain'], stoppedMs: time.now() };
}
