// Awake: was the log taking statements, over every way in that counts? Its heartbeats say so: one asleep, or cut off from
// the things that speak, proves no silence of theirs. How long that may hold what is owed, the terms say.
import {
  type AssuranceClass,
  decodeCbor,
  encodeCbor,
  type InputStatement,
  lowestClass,
  type Obligation,
  type Policy,
  type Reading,
  schema,
} from '@trine/protocol';
import { OUTAGE, type States } from './states.ts';

/** What a heartbeat says of a way in: this and its name, true where statements could come in by it. */
export const WAY_IN = 'way-in/';

/** A heartbeat, read. */
export interface Heartbeat extends InputStatement {
  readonly order: number;
  readonly readings: readonly Pick<Reading, 'quantity' | 'value'>[];
}

type Gate = Pick<Policy['gate'], 'heartbeatGapMsMax' | 'waysIn' | 'outageAllowanceMs'>;

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the log's own signs of life say of a time: reckoned once, for all rows. */
export interface Awake {
  /** Longest time within the obligation in which none arrived that shows every way in open. */
  readonly silenceMs: number;
  /** Times longer than `heartbeatGapMsMax` in which none did. */
  readonly outages: readonly Span[];
  /** Ways in that were closed at one, by name. */
  readonly closed: readonly string[];
  /** By its end; where the terms have no allowance nothing is remembered of it. */
  readonly held?: Outage;
  readonly class: AssuranceClass;
}

/**
 * Ways in that a heartbeat says were closed, by name.
 * @param waysIn that count; of these it must say that they were open. Undefined: all that it speaks of
 */
function closedAt({ readings }: Heartbeat, waysIn: Gate['waysIn']): string[] {
  const said = new Map<string, boolean>();
  for (const { quantity, value } of readings)
    if (quantity.startsWith(WAY_IN)) said.set(quantity.slice(WAY_IN.length), value === true);
  return (waysIn ?? [...said.keys()]).filter((name) => !said.get(name));
}

/**
 * As few heartbeats as show that no gap is too long: from each on, the last one that is still near enough; where none is, the
 * next. Of those at which a way in was closed, the first in each gap that is too long. By arrival: that is what they show.
 */
export function sampled<H extends Heartbeat>(heartbeats: readonly H[], { fromMs, toMs }: Span, gate: Gate): H[] {
  const { heartbeatGapMsMax: gapMs, waysIn } = gate;
  const within = heartbeats
    .filter(({ arrivalMs }) => arrivalMs >= fromMs && arrivalMs < toMs)
    .sort((a, b) => a.arrivalMs - b.arrivalMs || a.order - b.order);
  const [open, closed] = [within.filter((one) => isOpen(one, waysIn)), within.filter((one) => !isOpen(one, waysIn))];
  const chosen: H[] = [];
  let reachedMs = fromMs;
  for (let i = 0; i < open.length && toMs - reachedMs > gapMs; i++) {
    const next = open[i + 1];
    if (next !== undefined && next.arrivalMs - reachedMs <= gapMs) continue;
    chosen.push(open[i] as H);
    reachedMs = (open[i] as H).arrivalMs;
  }
  const shut = outagesOf(chosen, { fromMs, toMs }, gapMs).flatMap(
    (gap) => closed.find(({ arrivalMs }) => arrivalMs >= gap.fromMs && arrivalMs < gap.toMs) ?? [],
  );
  return [...chosen, ...shut].sort((a, b) => a.arrivalMs - b.arrivalMs || a.order - b.order);
}

const isOpen = (heartbeat: Heartbeat, waysIn: Gate['waysIn']): boolean => closedAt(heartbeat, waysIn).length === 0;

/** @param open heartbeats within the time, by arrival */
function gapsOf(open: readonly Pick<Heartbeat, 'arrivalMs'>[], { fromMs, toMs }: Span): Span[] {
  const ends = [fromMs, ...open.map(({ arrivalMs }) => arrivalMs), toMs];
  return ends.slice(1).map((end, i) => ({ fromMs: ends[i] as number, toMs: end }));
}

function outagesOf(open: readonly Pick<Heartbeat, 'arrivalMs'>[], span: Span, gapMs: number): Span[] {
  return gapsOf(open, span).filter((gap) => gap.toMs - gap.fromMs > gapMs);
}

/**
 * @param heartbeats what arrived outside the obligation's time shows nothing about it
 * @param states before the obligation
 */
export function awakeOf(
  { fromMs, toMs }: Obligation,
  heartbeats: readonly Heartbeat[],
  gate: Gate,
  states: States,
): Awake {
  const within = heartbeats.filter(({ arrivalMs }) => arrivalMs >= fromMs && arrivalMs < toMs);
  const open = within.filter((one) => isOpen(one, gate.waysIn)).sort((a, b) => a.arrivalMs - b.arrivalMs);
  const gaps = gapsOf(open, { fromMs, toMs });
  const outages = gaps.filter((gap) => gap.toMs - gap.fromMs > gate.heartbeatGapMsMax);
  return {
    silenceMs: gaps.reduce((longest, gap) => Math.max(longest, gap.toMs - gap.fromMs), 0),
    outages,
    closed: [...new Set(within.flatMap((one) => closedAt(one, gate.waysIn)))].sort(),
    ...(gate.outageAllowanceMs !== undefined && { held: heldAfter(states, outages) }),
    class: lowestClass(heartbeats.map(({ statement }) => statement.header.class)),
  };
}

/** How long obligations have been held in a policy's period because nothing could come in, each moment once. */
interface Outage {
  readonly heldMs: number;
  /** Nothing before it is counted again. */
  readonly untilMs: number;
}

const outageForm = schema.record({
  heldMs: schema.integer(0, Number.MAX_SAFE_INTEGER),
  untilMs: schema.integer(0, Number.MAX_SAFE_INTEGER),
});

/** What was held for in the period by the end of an obligation. @param states before it */
function heldAfter(states: States, outages: Awake['outages']): Outage {
  const kept = states.get(OUTAGE);
  let { heldMs, untilMs } =
    kept === undefined || kept.state.length === 0
      ? { heldMs: 0, untilMs: 0 }
      : outageForm.check(decodeCbor(kept.state, 'outage'), 'outage');
  for (const { fromMs, toMs } of outages) {
    heldMs += Math.max(0, toMs - Math.max(fromMs, untilMs));
    untilMs = Math.max(untilMs, toMs);
  }
  return { heldMs, untilMs };
}

export function writeOutage({ heldMs, untilMs }: Outage): Uint8Array {
  return encodeCbor({ heldMs, untilMs });
}
