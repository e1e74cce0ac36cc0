// A filter that stands in the address: back, forward and a copied link keep it.
import { useNavigate } from '@tanstack/react-router';

/**
 * @param current what the address says now
 * @returns changes some of it; what is undefined leaves the address
 */
export function useChangeFilter<Filter extends object>(
  current: Filter,
): (change: { [Name in keyof Filter]?: Filter[Name] | undefined }, isTyped?: boolean) => void {
  const navigate = useNavigate();
  return (change, isTyped = false) => {
    const next = Object.entries({ ...current, ...change }).filter(([, value]) => value !== undefined && value !== '');
    // What is being typed is one step back, not one for each letter.
    void navigate({ to: '.', search: Object.fromEntries(next) as never, replace: isTyped });
  };
}
