// The words of the domains: what a verdict or an alert is called, and how it looks. This console knows none of its own.
import type { AlertView, DecisionView, DomainView } from '../api/types.ts';

export type Tone = 'ok' | 'info' | 'warn' | 'bad' | 'quiet';

/** `held`: effects wait until someone looks at them, whatever the verdict. */
export interface Standing {
  readonly label: string;
  readonly tone: Tone | 'held';
}

export type Domains = ReadonlyMap<string, DomainView>;

/** @example verdictWord(domains, 'service-level', 'not-judged').label // 'Not judged' */
export function verdictWord(domains: Domains, domain: string, verdict: string): { label: string; tone: Tone } {
  return domains.get(domain)?.verdicts[verdict] ?? { label: readable(verdict), tone: 'quiet' };
}

/** What a decision or a line of one says, as far as its standing goes. */
export type Decided = Pick<DecisionView, 'domain' | 'verdict'> & { readonly outcome: string };

/** How a decision stands for people. */
export function standingOf(domains: Domains, { domain, verdict, outcome }: Decided): Standing {
  const word = verdictWord(domains, domain, verdict);
  return outcome === 'hold' ? { label: `${word.label}, held`, tone: 'held' } : word;
}

const severities = { info: 'info', warning: 'warn', critical: 'bad' } as const;

/** A critical alert looks so, whatever its word's tone. */
export function alertWord(
  domains: Domains,
  { domain, code, severity }: Pick<AlertView, 'domain' | 'code' | 'severity'>,
): { label: string; tone: Tone } {
  const word = domains.get(domain)?.alerts[code] ?? { label: readable(code), tone: severities[severity] };
  return severity === 'critical' ? { ...word, tone: 'bad' } : word;
}

/** A technical name made readable. @example readable('creditMinorUnits') // 'Credit minor units' */
export function readable(name: string): string {
  const words = name
    .replaceAll(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after}`)
    .replaceAll(/[/_-]+/g, ' ')
    .trim()
    .toLowerCase();
  return words === '' ? 'Value' : words.charAt(0).toUpperCase() + words.slice(1);
}

export interface Limits {
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Between which values a quantity can be, where the domains agree; none where they say nothing. */
export function quantityLimits(domains: Domains, quantity: string): Limits {
  const said = [...domains.values()].flatMap(({ things }) =>
    Object.values(things).flatMap(({ properties }) =>
      Object.hasOwn(properties, quantity) ? [properties[quantity]] : [],
    ),
  );
  const agreed = (name: 'minimum' | 'maximum') => {
    const [first, ...rest] = said.map((one) => one?.[name]);
    return first !== undefined && rest.every((one) => one === first) && { [name]: first };
  };
  return { ...agreed('minimum'), ...agreed('maximum') };
}

/** What a quantity is called: by the things of the domains, or its own name made readable. */
export function quantityTitle(domains: Domains, quantity: string): string {
  for (const { things } of domains.values())
    for (const { properties } of Object.values(things)) {
      const known = Object.hasOwn(properties, quantity) ? properties[quantity] : undefined;
      if (known) return known.title;
    }
  return readable(quantity);
}
