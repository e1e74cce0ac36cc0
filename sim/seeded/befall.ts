// What befalls a world now and then: half of it is aimed at a step of the flow, the rest comes as it comes.
import type { Course } from '@trine/node/settle/course.ts';
import { actInPractice } from '@trine/node/settle/practice-acts.ts';
import type { Ruling } from '@trine/protocol';
import { agree, endOne } from './agreeing.ts';
import type { Chance } from './chance.ts';
import type { Device } from './device.ts';
import { WINDOW_S } from './homes.ts';
import type { Machine } from './machine.ts';
import { takeBack } from './reached.ts';

export interface Befallen {
  readonly machine: Machine;
  readonly chance: Chance;
  readonly devices: readonly Device[];
  /** Digests, hex, of payments that the arbiter is asked to drop. */
  readonly drops: Set<string>;
  /** Wants that whoever runs the node does something with it when he comes to it. */
  readonly want: (what: Wanted) => void;
  readonly after: (ms: number, work: () => unknown) => void;
}

/** Stop it, keep a copy of its disk, or put such a copy back. */
export type Wanted = 'stop' | 'backup' | 'put back';

type Event = readonly [what: string, happens: (world: Befallen) => void];

const EVENTS: readonly Event[] = [
  ['the machine will crash', ({ machine, chance }) => machine.disk.crashIn(1 + chance.below(60))],
  ['the machine will crash between two steps', ({ machine, chance }) => machine.crashInTasks(1 + chance.below(60))],
  ['the disk will be full for a moment', ({ machine, chance }) => machine.disk.failIn(1 + chance.below(60))],
  ['the node is stopped', ({ want }) => want('stop')],
  ['the clock is set', ({ machine }) => machine.setClock([])],
  ['a device falls silent or speaks again', silence],
  ['a device falls silent or speaks again', silence],
  ['a snapshot is taken', ({ machine }) => void machine.node?.ingest.snapshot().catch(() => undefined)],
  [
    'the chain takes a block back',
    ({ machine, chance }) => {
      const { chain } = machine;
      if (chain) void takeBack(chain, machine, chance.happens(0.5) ? 'wait' : 'lost');
    },
  ],
  ['something more is agreed, and later ended', more],
  ['a payment is held', hold],
  ['a payment is held', hold],
  ['a backup is taken, and later put back', backUp],
  ['a backup is taken, and later put back', backUp],
];
const AIMED = 0.6;
/** A party that holds hears of it in so many tries. */
const HOLD_TRIES = 20;
const HOLD_AGAIN_MS = 300;
/** The window of a batch that is complete is so much shorter than a whole one at least. */
const COMPLETE_MS = 2_000;

/** Something happens. @param tell what it is */
export function befall(world: Befallen, tell: (what: string) => void): void {
  const { chance, machine } = world;
  if (chance.happens(AIMED)) {
    const step = machine.faults.aim(({ step: at }) => at !== 'found');
    if (step === 'start') machine.crashInTasks(1 + chance.below(20));
    if (step === 'snapshot') world.after(1, () => void machine.node?.ingest.snapshot().catch(() => undefined));
    return;
  }
  const [what, happens] = EVENTS[chance.below(EVENTS.length)] as Event;
  tell(what);
  happens(world);
}

function silence({ devices, chance }: Befallen): void {
  const device = devices[chance.below(devices.length)] as Device;
  device.isDead = !device.isDead;
}

/** Whoever agrees or ends something while the machine crashes is told nothing. */
function more({ machine, after, chance }: Befallen): void {
  const tries = (work: (node: NonNullable<Machine['node']>) => Promise<void>) => {
    if (machine.node) void work(machine.node).catch(() => undefined);
  };
  tries((node) => agree(node, machine.first, chance.below(1_000_000)));
  after(2_000 + chance.below(4_000), () => tries(endOne));
}

/** Later a checkpoint is anchored that the copy does not have. */
function backUp({ want, after, chance }: Befallen): void {
  want('backup');
  after(3_000 + chance.below(3_000), () => want('put back'));
}

/** A batch that is released before all its rows stand on the chain takes none any more: nobody rules on what he cannot see. */
function isHoldable(course: Course, nowMs: number): boolean {
  if (course.state !== 'announced') return false;
  const leftMs = course.untilS * 1_000 - nowMs;
  return leftMs < WINDOW_S * 1_000 - COMPLETE_MS;
}

/** The payer holds what is announced next, and the arbiter rules on it, or vanishes. */
function hold(world: Befallen): void {
  const { machine, chance, after } = world;
  const rulings: readonly (Ruling | undefined)[] = ['pay', 'drop', undefined];
  const ruling = rulings[chance.below(rulings.length)];
  const act = (digest: string, what: 'hold' | Ruling) =>
    machine.node && actInPractice(machine.node, digest, what).catch(() => undefined);
  const look = (left: number): void => {
    const found = [...(machine.node?.settler.courses.all() ?? [])].find(([, course]) =>
      isHoldable(course, machine.nowMs),
    );
    if (found === undefined) {
      if (left > 0) after(HOLD_AGAIN_MS, () => look(left - 1));
      return;
    }
    const [digest] = found;
    void act(digest, 'hold');
    if (ruling === 'drop') world.drops.add(digest);
    if (ruling) after(1_500 + chance.below(2_000), () => void act(digest, ruling));
  };
  look(HOLD_TRIES);
}
