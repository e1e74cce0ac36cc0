// Effects: what really follows from what a domain's engine says: no more than the terms allow, of a correction only the
// difference, and money only where the gate lets it pass.
import {
  amountOf,
  type Decision,
  type Effect,
  type Entry,
  type GateResult,
  isEntry,
  movesMoney,
  type Policy,
} from '@trine/protocol';

/**
 * @param before of a correction: what was ordered on the obligation so far
 * @returns under an agreement no more than one obligation may cost; of a correction what leads from what was ordered to
 *   what is due, capped as the base was
 */
export function effectsOf(
  policy: Policy,
  effects: readonly Effect[],
  before: readonly Effect[] | undefined,
): readonly Effect[] {
  const due = movesMoney(policy) ? capped(effects, policy.money.perObligationMax) : effects;
  return before ? difference(due, before) : due;
}

/** The first entries first. */
function capped(effects: readonly Effect[], max: number): Effect[] {
  let left = max;
  return effects.flatMap((effect): Effect[] => {
    if (!isEntry(effect)) return [effect];
    const amount = Math.min(effect.amount, left);
    left -= amount;
    return amount > 0 ? [{ ...effect, amount }] : [];
  });
}

/** One entry for each pair of accounts and currency: what flowed to and fro before is one sum. */
function difference(due: readonly Effect[], before: readonly Effect[]): Effect[] {
  const net = new Map<string, Omit<Entry, 'tag'>>();
  const add = ({ from, to, currency, amount }: Entry, sign: number) => {
    const isForward = from < to;
    const [a, b] = isForward ? [from, to] : [to, from];
    const key = `${a}\n${b}\n${currency}`;
    const known = net.get(key) ?? { from: a, to: b, currency, amount: 0 };
    net.set(key, { ...known, amount: known.amount + (isForward ? sign : -sign) * amount });
  };
  for (const effect of due) if (isEntry(effect)) add(effect, 1);
  for (const effect of before) if (isEntry(effect)) add(effect, -1);
  const entries = [...net.values()]
    .filter(({ amount }) => amount !== 0)
    .map(({ from, to, currency, amount }): Effect => {
      const [debtor, creditor] = amount > 0 ? [from, to] : [to, from];
      return { tag: 'entry', from: debtor, to: creditor, amount: Math.abs(amount), currency };
    });
  return [...entries, ...due.filter((effect) => !isEntry(effect))];
}

/** What becomes of the effects of a decision, or of a row. */
export function outcomeOf(policy: Policy, effects: readonly Effect[], gate: GateResult): Decision['outcome'] {
  if (!movesMoney(policy)) return effects.length > 0 ? 'advice' : 'none';
  if (amountOf({ effects: [...effects] }) === 0 && !effects.some(({ tag }) => tag !== 'entry' && tag !== 'alert'))
    return 'none';
  return gate.verdict === 'pass' ? 'pay' : 'hold';
}

/** Of a decision over rows: it pays where anything in it does, and else says the gravest of what became of them. */
export function outcomeOfAll(outcomes: Iterable<Decision['outcome']>): Decision['outcome'] {
  const found = new Set(outcomes);
  return (['pay', 'hold', 'advice'] as const).find((one) => found.has(one)) ?? 'none';
}
