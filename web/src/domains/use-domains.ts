import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { queries } from '../api/queries.ts';
import { type Domains, quantityTitle } from './words.ts';

/** @returns the domains installed on the node, by name; none while they are not known yet */
export function useDomains(): Domains {
  const { data } = useQuery(queries.domains());
  return useMemo(() => new Map(data?.map((domain) => [domain.name, domain])), [data]);
}

/** @returns what a quantity is called */
export function useQuantityTitle(): (quantity: string) => string {
  const domains = useDomains();
  return (quantity) => quantityTitle(domains, quantity);
}
