// Bills that are netted: counters that tell late of the evening, or say something else afterwards; a home that contests its row;
// and the hours that pass, in which all sleep.
import { type BatchUnderWay, readBatch } from '@trine/ledger/batches.ts';
import type { Node } from '@trine/node/node.ts';
import { ruleContestInPractice } from '@trine/node/settle/practice-acts.ts';
import { addressOf } from '@trine/node/testing/customers.ts';
import { hexOf } from '@trine/protocol';
import type { VirtualTime } from '@trine/system/testing/virtual-time.ts';
import { isOpening } from './agreeing.ts';
import { type Billing, unsettledLines } from './bills.ts';
import type { Chance } from './chance.ts';
import type { Device } from './device.ts';
import { billed, customersOf, HOMES, midnightAfter, WINDOW_S } from './homes.ts';
import type { Machine } from './machine.ts';
import { ordersOf } from './ordered.ts';

/** One counter is cut off over midnight, or says of the day that was over something else; somebody contests. */
const CUT_OFF = 0.2;
const CORRECTS = 0.25;
const CONTESTS = 0.15;
const CUT_OFF_MS = 5_500;
const CORRECTS_MS = 6_500;
const LOOK_MS = 500;
const RULED_MS = 1_500;
/** Before the hour is over, and after it. */
const AWAKE_MS = 1_500;
const EVENING_MS = 2_900;
/** Sometimes so long that what waits is not settled in time. */
const OVERSLEEPS = 0.1;
/** Besides the first. */
const EVENINGS_MAX = 1;
const DAY_MS = 86_400_000;

export interface NettedOptions extends Pick<Billing, 'drops' | 'second'> {
  readonly counters: readonly Device[];
  readonly machine: Machine;
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly tell: (what: string) => void;
}

export class Netted {
  readonly #options: NettedOptions;
  #isOver = false;
  #evenings = 0;

  constructor(options: NettedOptions) {
    this.#options = options;
  }

  get #counter(): Device {
    const { counters, chance } = this.#options;
    return counters[chance.below(counters.length)] as Device;
  }

  /** An evening, and the night after it. */
  begin(): void {
    const { chance, time, tell } = this.#options;
    if (chance.happens(CUT_OFF)) {
      const counter = this.#counter;
      counter.isCutOff = true;
      tell(`${counter.subject} is cut off`);
      time.after(CUT_OFF_MS, () => {
        counter.isCutOff = false;
      });
    }
    if (chance.happens(CORRECTS)) time.after(CORRECTS_MS, () => this.#correct(this.#counter));
    if (chance.happens(CONTESTS)) this.#contest();
  }

  /** All is well from now on. */
  end(): void {
    this.#isOver = true;
    for (const counter of this.#options.counters) counter.isCutOff = false;
  }

  /** It said something wrong of the day. */
  async #correct(counter: Device): Promise<void> {
    const last = counter.said.at(-1);
    if (this.#isOver || last === undefined) return;
    this.#options.tell(`${counter.subject} says something else`);
    await counter.replace([last]);
  }

  /** A home says that its row is wrong, as soon as there is one; the arbiter rules, or says nothing. */
  #contest(): void {
    const { time, machine, chance, tell } = this.#options;
    time.after(LOOK_MS, () => {
      if (this.#isOver) return;
      const { node } = machine;
      const [digest, { intent } = {}] = (node && announcedBatch(node)) ?? [];
      if (node === undefined || digest === undefined || intent === undefined) return this.#contest();
      const home = HOMES[chance.below(HOMES.length)] as string;
      tell(`${home} contests its row`);
      const isJustified = chance.happens(0.5);
      if (chance.happens(0.7))
        time.after(RULED_MS, () => {
          if (machine.node)
            ruleContestInPractice(machine.node, digest.slice(2), addressOf(home), isJustified).catch(() => undefined);
        });
      // What becomes of it while the machine crashes nobody is told; and no task waits for it.
      void customersOf(() => node, time)
        .contests(home, intent, 'Too much.')
        .catch(() => undefined);
    });
  }

  /** The batch under way. */
  async #batch(): Promise<BatchUnderWay | undefined> {
    const { machine } = this.#options;
    const { chain, genesis, node } = machine;
    const logged = node && billed(node);
    return logged && chain && genesis && readBatch(chain, genesis.contracts, hexOf(logged.id));
  }

  /** All sleep until the window of a batch is over, where one is open. @returns whether they did */
  async sleepHour(): Promise<boolean> {
    const { time, tell } = this.#options;
    const { completeAt = 0n } = (await this.#batch()) ?? {};
    const leftMs = (Number(completeAt) + WINDOW_S) * 1_000 - time.now() - AWAKE_MS;
    if (completeAt === 0n || leftMs <= AWAKE_MS) return false;
    tell(`all sleep for ${Math.round(leftMs / 60_000)} minutes`);
    time.sleep(leftMs);
    return true;
  }

  /** All sleep until the window of a batch is over, and where nothing waits any more until the next evening. */
  async sleep(): Promise<void> {
    const { time, tell, machine, chance } = this.#options;
    const { node, chain } = machine;
    if (node === undefined || chain === undefined || isOpening(node) || (await this.sleepHour())) return;
    const size = node.log.durableSize;
    const left = await unsettledLines(node, chain, { quietSize: size, quietMs: time.now(), ...this.#options });
    if (this.#evenings === EVENINGS_MAX || (left.length > 0 && !chance.happens(OVERSLEEPS))) return;
    this.#evenings++;
    const leftMs = midnightAfter(time.now()) - EVENING_MS - time.now();
    // It is evening, or was a moment ago.
    if (leftMs < 0 || leftMs > DAY_MS - 2 * EVENING_MS) return;
    tell('all sleep until the next evening');
    time.sleep(leftMs);
    this.begin();
  }
}

function announcedBatch(node: Node) {
  const agreement = hexOf(billed(node)?.id ?? new Uint8Array());
  return [...ordersOf(node)].findLast(
    ([digest, { intent }]) =>
      intent.agreement === agreement && node.settler.courses.of(digest.slice(2))?.state === 'announced',
  );
}
