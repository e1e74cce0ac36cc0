// How it is decided. Pure: no clock, no chance, no files; the same input gives the same outcome on every machine.
import { alert, type DecisionInput, type Engine, entry, type LoggedReading, type Outcome } from '@trine/engine';
import { decodeCbor, encodeCbor, type Parameters, schema, TrineError } from '@trine/protocol';
import type { OverLimitTerms } from './terms.ts';
import { READINGS } from './triggers.ts';

/** What is remembered from window to window: since when it is above, and whether that was credited. */
const memory = schema.record({ sinceMs: schema.optional(schema.integer()), isCredited: schema.boolean() });
type Memory = schema.Infer<typeof memory>;

function readMemory(state: Uint8Array): Memory {
  return state.length === 0 ? { isCredited: false } : memory.check(decodeCbor(state, 'memory'), 'memory');
}

interface Walked {
  readonly after: Memory;
  /** How often it was above for longer than agreed. */
  readonly exceeded: number;
  readonly longestMs: number;
}

/** Walks along the readings. It is above from the first reading above the limit on, until one says otherwise. */
function walk(
  before: Memory,
  readings: readonly LoggedReading[],
  { limitMilli, longerThanMs }: OverLimitTerms,
): Walked {
  let { sinceMs, isCredited } = before;
  let exceeded = 0;
  let longestMs = 0;
  for (const { timeMs, value } of readings) {
    const isAbove = typeof value === 'number' && Math.round(value * 1_000) > limitMilli;
    sinceMs = isAbove ? (sinceMs ?? timeMs) : undefined;
    if (sinceMs === undefined) isCredited = false;
    const aboveMs = sinceMs === undefined ? 0 : timeMs - sinceMs;
    longestMs = Math.max(longestMs, aboveMs);
    if (aboveMs <= longerThanMs || isCredited) continue;
    exceeded++;
    isCredited = true;
  }
  return { after: { isCredited, ...(sinceMs !== undefined && { sinceMs }) }, exceeded, longestMs };
}

function decide({ terms, inputs, state, currency }: DecisionInput<OverLimitTerms>): Outcome {
  const readings = (inputs.get(READINGS)?.readings ?? []).filter(({ quantity }) => quantity === terms.quantity);
  const { after, exceeded, longestMs } = walk(readMemory(state(terms.thing)), readings, terms);
  const facts = { readings: readings.length, exceeded, longestMs };
  const states = new Map([[terms.thing, encodeCbor(after)]]);
  // Silence is no proof that it was cold: nothing is judged then.
  if (readings.length === 0)
    return { verdict: 'not-judged', facts, reason: { template: 'no readings', arguments: {} }, states, effects: [] };
  if (exceeded === 0)
    return { verdict: 'kept', facts, reason: { template: 'never too long above', arguments: {} }, states, effects: [] };
  const seconds = Math.floor(longestMs / 1_000);
  const reason = { template: 'above the limit for {seconds} s', arguments: { seconds } };
  const amount = exceeded * terms.creditMinorUnits;
  const credit = amount > 0 && currency ? [entry('payer', 'recipient', amount, currency)] : [];
  const effects = [...credit, alert('warning', 'exceeded', terms.thing, reason)];
  return { verdict: 'exceeded', facts, reason, states, effects };
}

/** Prepares what decides; what could be learnt or set would come as parameters. */
export async function open(parameters: Parameters): Promise<Engine<OverLimitTerms>> {
  const [stranger] = Object.keys(parameters);
  if (stranger !== undefined) throw new TrineError('invalid', `over-limit has no parameter ${stranger}.`);
  return { decide };
}
