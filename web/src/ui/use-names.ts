import { useQuery } from '@tanstack/react-query';
import { queries } from '../api/queries.ts';

const none: ReadonlyMap<string, string> = new Map();

/** @returns what people call each thing, by its subject; things without a key of their own have no other name */
export function useNames(): ReadonlyMap<string, string> {
  return useQuery(queries.names()).data ?? none;
}
