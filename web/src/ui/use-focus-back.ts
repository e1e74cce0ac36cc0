// Where the keyboard goes on when the button that it pressed is gone, or was off for a moment.
import { type RefObject, useRef } from 'react';

/**
 * @returns the region, which takes the focus with `tabIndex={-1}`; and what puts it there, unless it has gone elsewhere
 */
export function useFocusBack<E extends HTMLElement>(): readonly [RefObject<E | null>, () => void] {
  const region = useRef<E>(null);
  const back = () => {
    const { activeElement, body } = document;
    if (activeElement === null || activeElement === body) region.current?.focus();
  };
  return [region, back];
}
