// Truth, not only origin: do a thing's readings fit physics, its neighbours and what is conserved? A trust score per
// thing remembers the answers. Pure and of strict arithmetic, since money is held on it.
import type { Plausibility } from '@trine/protocol';

/** A numeric reading of any of the things concerned. */
export interface Told {
  readonly subject: string;
  readonly quantity: string;
  readonly timeMs: number;
  readonly value: number;
}

/** Trust in each thing, parts per million. */
export type Trust = Readonly<Record<string, number>>;

/** A check that did not hold, in words. */
export interface Finding {
  readonly kind: 'range' | 'neighbours' | 'balance';
  readonly quantity: string;
  /** Things that the check speaks against. */
  readonly subjects: readonly string[];
  readonly text: string;
}

export interface PlausibilityResult {
  readonly trust: Trust;
  readonly findings: readonly Finding[];
  /** Checks that could not be made, in words: too few things spoke. */
  readonly unchecked: readonly string[];
}

/** Nobody knows a new thing: neither suspected nor proven. */
export const TRUST_START_PPM = 700_000;
/** Trust is lost fast and earned slowly: this share of the way to 0 or to 1 in each window. */
const LOST_SHARE = 1 / 2;
const EARNED_SHARE = 1 / 16;
const TEXT_MAX = 200;

/**
 * Checks one window and moves the trust scores.
 *
 * @param rules what the parties agreed must hold
 * @param subject the thing that is judged
 * @param readings of all things concerned, within the window, in the order in which they count
 * @param before trust after the window before; things not in it start at `TRUST_START_PPM`
 * @example checkPlausibility(rules, 'thing/1', readings, {}).findings.length // 0: nothing speaks against it
 */
export function checkPlausibility(
  rules: Plausibility,
  subject: string,
  readings: readonly Told[],
  before: Trust,
): PlausibilityResult {
  const findings: Finding[] = [];
  const unchecked: string[] = [];
  const passed = new Set<string>();
  const failed = new Set<string>();
  const note = (things: readonly string[], against: Finding | undefined): void => {
    for (const thing of things) (against?.subjects.includes(thing) ? failed : passed).add(thing);
    if (against) findings.push(against);
  };
  for (const rule of rules.ranges) {
    const own = readings.filter((one) => one.subject === subject && one.quantity === rule.quantity);
    if (own.length > 0) note([subject], outOfRange(rule, subject, own));
  }
  const mean = meansOf(readings);
  for (const rule of rules.neighbours) {
    const group = [subject, ...rule.peers].filter((thing) => mean(thing, rule.quantity) !== undefined);
    if (!group.includes(subject)) continue;
    if (group.length - 1 < rule.peersMin) {
      unchecked.push(`${rule.quantity}: neighbours that spoke: ${group.length - 1}, needed: ${rule.peersMin}`);
      continue;
    }
    // The median of all, so that one that lies among three is found and does not speak against the other two.
    const usual = median(group.map((thing) => mean(thing, rule.quantity) as number));
    for (const thing of group) note([thing], unlikeOthers(rule, thing, mean(thing, rule.quantity) as number, usual));
  }
  for (const rule of rules.balances) {
    const all = [...rule.inflows, ...rule.outflows];
    const silent = all.filter((thing) => mean(thing, rule.quantity) === undefined);
    if (silent.length > 0) unchecked.push(`${rule.quantity}: no balance without ${silent[0]}`);
    else
      note(
        all,
        unbalanced(rule, all, (thing) => mean(thing, rule.quantity) as number),
      );
  }
  return {
    trust: moved(before, passed, failed),
    findings,
    unchecked: unchecked.map((text) => text.slice(0, TEXT_MAX)),
  };
}

function outOfRange(
  { quantity, minMilli, maxMilli, changeMilliPerSMax }: Plausibility['ranges'][number],
  subject: string,
  own: readonly Told[],
): Finding | undefined {
  let last: Told | undefined;
  // A reading may come after later ones: how fast a thing changed is a matter of its times alone.
  for (const one of own.toSorted((a, b) => a.timeMs - b.timeMs)) {
    if (!(one.value * 1_000 >= minMilli && one.value * 1_000 <= maxMilli))
      return finding(
        'range',
        quantity,
        [subject],
        `${show(one.value)} is outside ${show(minMilli / 1_000)} to ${show(maxMilli / 1_000)}`,
      );
    const seconds = last ? (one.timeMs - last.timeMs) / 1_000 : 0;
    const change = last ? Math.abs(one.value - last.value) : 0;
    if (changeMilliPerSMax !== undefined && seconds > 0 && change * 1_000 > changeMilliPerSMax * seconds)
      return finding('range', quantity, [subject], `changed by ${show(change)} in ${show(seconds)} s`);
    last = one;
  }
  return undefined;
}

function unlikeOthers(
  { quantity, toleranceMilli }: Plausibility['neighbours'][number],
  thing: string,
  own: number,
  usual: number,
): Finding | undefined {
  if (Math.abs(own - usual) * 1_000 <= toleranceMilli) return undefined;
  return finding('neighbours', quantity, [thing], `${thing} says ${show(own)}, things beside it ${show(usual)}`);
}

function unbalanced(
  { quantity, inflows, outflows, tolerancePpm, toleranceMilli }: Plausibility['balances'][number],
  all: readonly string[],
  mean: (thing: string) => number,
): Finding | undefined {
  const flowIn = inflows.reduce((sum, thing) => sum + mean(thing), 0);
  const flowOut = outflows.reduce((sum, thing) => sum + mean(thing), 0);
  const allowed = (Math.max(Math.abs(flowIn), Math.abs(flowOut)) * tolerancePpm) / 1_000_000 + toleranceMilli / 1_000;
  if (Math.abs(flowIn - flowOut) <= allowed) return undefined;
  return finding('balance', quantity, all, `${show(flowIn)} flows in, ${show(flowOut)} flows out`);
}

function finding(kind: Finding['kind'], quantity: string, subjects: readonly string[], text: string): Finding {
  return { kind, quantity, subjects, text: `${quantity}: ${text}`.slice(0, TEXT_MAX) };
}

/** At most six digits that matter: for people. */
function show(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function meansOf(readings: readonly Told[]): (subject: string, quantity: string) => number | undefined {
  const sums = new Map<string, { sum: number; count: number }>();
  for (const { subject, quantity, value } of readings) {
    if (!Number.isFinite(value)) continue;
    const key = `${subject}\n${quantity}`;
    const known = sums.get(key);
    if (known) {
      known.sum += value;
      known.count++;
    } else sums.set(key, { sum: value, count: 1 });
  }
  return (subject, quantity) => {
    const known = sums.get(`${subject}\n${quantity}`);
    return known && known.sum / known.count;
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

function moved(before: Trust, passed: ReadonlySet<string>, failed: ReadonlySet<string>): Trust {
  const after: Record<string, number> = { ...before };
  for (const thing of new Set([...passed, ...failed])) {
    const trust = before[thing] ?? TRUST_START_PPM;
    after[thing] = failed.has(thing)
      ? Math.floor(trust - trust * LOST_SHARE)
      : Math.floor(trust + (1_000_000 - trust) * EARNED_SHARE);
  }
  return after;
}
