// A line for each customer: what was used and what it costs, or why there is no bill; and their sums.
import {
  alert,
  type DecisionInput,
  type Engine,
  entry,
  type Outcome,
  type RowInput,
  type RowOutcome,
  type Total,
} from '@trine/engine';
import { type Effect, type Parameters, type Reason, TrineError } from '@trine/protocol';
import { type Measured, measure } from './measure.ts';
import { type Memory, readMemory, remember, usualMilli } from './memory.ts';
import { billOf } from './tariff.ts';
import { type Customer, countOfCustomers, customerOf, type MeteringTerms } from './terms.ts';
import { READINGS } from './triggers.ts';

/** Of fewer customers a sum would tell of each. */
const CROWD_MIN = 5;

export async function open(parameters: Parameters): Promise<Engine<MeteringTerms>> {
  const [stranger] = Object.keys(parameters);
  if (stranger !== undefined)
    throw new TrineError('invalid', `metering has no parameter ${stranger}: a tariff stands in the terms.`);
  return { decide, row, total };
}

function decide({ terms }: DecisionInput<MeteringTerms>): Outcome {
  const customers = countOfCustomers(terms);
  const reason = { template: '{customers} customers', arguments: { customers } };
  return { verdict: 'billed', facts: { customers }, reason, states: new Map(), effects: [] };
}

function row(input: RowInput<MeteringTerms>): RowOutcome {
  const { terms, key, obligation, currency } = input;
  const { meters } = customerOf(terms, key) as Customer;
  const measured = measure(terms, obligation, meters, input.inputs.get(READINGS)?.readings ?? []);
  const { missing, backward } = measured;
  if (missing.length > 0 || backward.length > 0) return unbilled(key, measured);
  const memory = readMemory(input.state(key));
  const quantityMilli = [...measured.quantities.values()].reduce((sum, one) => sum + one, 0);
  const amount = billOf(terms, measured.quantities).reduce((sum, line) => sum + line.amount, 0);
  const counters = Object.fromEntries([...measured.boundaries].map(([meter, { end }]) => [meter, end]));
  return {
    verdict: 'billed',
    facts: factsOf(measured, memory, quantityMilli, amount),
    reason: {
      template: '{quantityMilli} thousandths of {unit} used: {amount} minor units',
      arguments: { quantityMilli, unit: terms.unit, amount },
    },
    effects: [
      ...(amount > 0 && currency ? [entry(key, 'recipient', amount, currency)] : []),
      ...alertsOf(terms, key, measured, memory, quantityMilli),
    ],
    state: remember(memory, quantityMilli, counters),
  };
}

/** Never a guess: without readings that show it there is no bill, nor a base fee. */
function unbilled(key: string, { missing, backward, gaps }: Measured): RowOutcome {
  const isBackward = backward.length > 0;
  const meter = (isBackward ? backward : missing)[0] as string;
  const reason: Reason = isBackward
    ? { template: '{meter} went back: replaced, or out of order', arguments: { meter } }
    : gaps > 0
      ? { template: '{gaps} intervals are missing', arguments: { gaps } }
      : { template: '{meter} has no reading at a boundary', arguments: { meter } };
  return {
    verdict: isBackward ? 'flagged' : 'incomplete',
    facts: { gaps, missing: missing.length, backward: backward.length },
    reason,
    effects: [alert('warning', isBackward ? 'went-back' : 'gap', isBackward ? meter : key, reason)],
  };
}

function factsOf(measured: Measured, memory: Memory, quantityMilli: number, amount: number): RowOutcome['facts'] {
  const counters = [...measured.boundaries.values()].flatMap(({ start, end }, i): [string, number][] => [
    [`start.${i + 1}`, start],
    [`end.${i + 1}`, end],
  ]);
  const between = betweenBills(measured, memory);
  return {
    quantityMilli,
    amount,
    gaps: measured.gaps,
    ...Object.fromEntries([...measured.quantities].map(([band, milli]) => [`band.${band}`, milli])),
    ...Object.fromEntries(counters),
    ...(between > 0 && { betweenBillsMilli: between }),
  };
}

/** What counters went up between the end of the last bill and the beginning of this one: periods without a bill. */
function betweenBills({ boundaries }: Measured, { counters }: Memory): number {
  return [...boundaries].reduce((sum, [meter, { start }]) => sum + Math.max(0, start - (counters[meter] ?? start)), 0);
}

function alertsOf(
  { implausibleTimes, unit }: MeteringTerms,
  key: string,
  measured: Measured,
  memory: Memory,
  quantityMilli: number,
): Effect[] {
  const usual = usualMilli(memory);
  const between = betweenBills(measured, memory);
  const isStrange = usual !== undefined && usual > 0 && quantityMilli > usual * implausibleTimes;
  return [
    ...(isStrange
      ? [
          alert('warning', 'implausible', key, {
            template: '{quantityMilli} thousandths of {unit} used, usual are {usual}',
            arguments: { quantityMilli, unit, usual },
          }),
        ]
      : []),
    ...(between > 0
      ? [
          alert('info', 'between-bills', key, {
            template: '{between} thousandths of {unit} lie between the last bill and this one',
            arguments: { between, unit },
          }),
        ]
      : []),
    ...(measured.gaps > 0
      ? [
          alert('info', 'gap', key, {
            template: '{gaps} intervals are missing and not charged',
            arguments: { gaps: measured.gaps },
          }),
        ]
      : []),
  ];
}

/** Of a correction without quantity and money: beside those of the base they would tell of the one who was corrected. */
function total(
  { obligation, terms }: DecisionInput<MeteringTerms>,
  _common: Outcome,
  rows: ReadonlyMap<string, RowOutcome>,
): Total {
  const billed = [...rows.values()].filter(({ verdict }) => verdict === 'billed');
  const count = (verdict: string) => [...rows.values()].filter((one) => one.verdict === verdict).length;
  const sum = (name: string) => billed.reduce((all, { facts }) => all + Number(facts[name] ?? 0), 0);
  const sums = { quantityMilli: sum('quantityMilli'), amount: sum('amount') };
  const isPublic =
    obligation.base === undefined && billed.length >= CROWD_MIN && Object.values(sums).every(Number.isSafeInteger);
  const counts = { billed: billed.length, incomplete: count('incomplete'), flagged: count('flagged') };
  return {
    verdict: billed.length === countOfCustomers(terms) ? 'billed' : billed.length > 0 ? 'partly' : 'unbilled',
    facts: { ...counts, ...(isPublic && sums) },
    reason: {
      template: '{billed} of {customers} customers billed',
      arguments: { billed: billed.length, customers: countOfCustomers(terms) },
    },
  };
}
