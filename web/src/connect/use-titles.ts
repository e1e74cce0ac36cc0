import { useQuery } from '@tanstack/react-query';
import { queries } from '../api/queries.ts';

/** @returns what people call each connector, by its name */
export function useTitles(): ReadonlyMap<string, string> {
  const { data = [] } = useQuery(queries.connectors());
  return new Map(data.map(({ name, title }) => [name, title]));
}
