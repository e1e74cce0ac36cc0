// Terms in words, by the domain's own schema.

import { termsInWords } from '@trine/engine';
import { currencyDigits } from '@trine/protocol';
import type { ReactNode } from 'react';
import { useDomains } from './use-domains.ts';

export interface TermsListProps {
  readonly domain: string;
  readonly terms: unknown;
  /** '' where there is no money. */
  readonly currency: string;
}

export function TermsList({ domain, terms, currency }: TermsListProps): ReactNode {
  const known = useDomains().get(domain);
  if (known === undefined) return <p className="dim">The domain {domain} is not installed on this node.</p>;
  const lines = termsInWords(
    known.terms,
    terms,
    currency === '' ? undefined : { code: currency, digits: currencyDigits(currency) },
  );
  return (
    <dl className="facts">
      {lines.flatMap(({ name, title, value }) => [
        <dt key={`${name}-title`} title={known.terms.properties?.[name]?.description}>
          {title}
        </dt>,
        <dd key={name}>{value}</dd>,
      ])}
    </dl>
  );
}
