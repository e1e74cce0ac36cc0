import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { queries } from '../api/queries.ts';

/** @returns what people call each thing, by its subject */
export function useNames(): ReadonlyMap<string, string> {
  const { data } = useQuery(queries.devices());
  return useMemo(() => new Map(data?.map(({ subject, name }) => [subject, name])), [data]);
}
