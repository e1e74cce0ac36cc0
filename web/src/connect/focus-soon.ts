// Where the keyboard goes on when a button goes away, maybe a moment after what it did: with its row, or when the list comes anew.
const LOOK_MS = 50;
const LOOKS = 60;

/** Where to look, the first first; null: it is gone as well. */
type Places = readonly (() => HTMLElement | null | undefined)[];

let timer: ReturnType<typeof setTimeout> | undefined;

/** For a few seconds, puts the focus in the first of these that is there whenever nothing has it. What was asked before ends. */
export function focusSoon(places: Places): void {
  clearTimeout(timer);
  const look = (left: number): void => {
    const { activeElement, body } = document;
    if (activeElement === null || activeElement === body)
      places
        .map((find) => find())
        .find((one) => one?.isConnected)
        ?.focus({ preventScroll: true });
    if (left > 0) timer = setTimeout(() => look(left - 1), LOOK_MS);
  };
  timer = setTimeout(() => look(LOOKS), LOOK_MS);
}
