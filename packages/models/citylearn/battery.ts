// The homes' battery, and the two rules that every controller is measured against.

/** The battery of every home of the challenge. */
export const battery = {
  /** kWh. */
  capacity: 6.4,
  /** kW, on the home's side. */
  power: 5,
  /** Of charging, and again of discharging. */
  efficiency: 0.9,
} as const;

/**
 * What the battery can do of what it is asked.
 *
 * @param stored energy in it, kWh
 * @param wanted kWh on the home's side in this hour; negative: discharge
 * @returns what is done, on the home's side, and what is then stored, both kWh
 */
export function act(stored: number, wanted: number): { done: number; stored: number } {
  const { capacity, power, efficiency } = battery;
  const done = Math.max(
    -Math.min(power, stored * efficiency),
    Math.min(wanted, power, (capacity - stored) / efficiency),
  );
  const after = stored + (done > 0 ? done * efficiency : done / efficiency);
  return { done, stored: Math.max(0, Math.min(capacity, after)) };
}

/** Decides what one home's battery is asked for. @param net what the home takes from the grid in this hour without it */
export type Rule = (net: number, price: number) => number;

/** Stores what would be exported and uses it as soon as possible. */
export const storeSurplus: Rule = (net) => -net;

/** Stores what would be exported and uses it while energy costs at least 0.40. */
export const storeForDearHours: Rule = (net, price) => (net < 0 || price >= 0.4 ? -net : 0);

/** Net energy of a home whose battery follows a rule, kWh an hour. */
export function follow(rule: Rule, net: Float64Array, price: Float64Array): Float64Array {
  let stored = 0;
  return net.map((n, t) => {
    const step = act(stored, rule(n, price[t]!));
    stored = step.stored;
    return n + step.done;
  });
}
