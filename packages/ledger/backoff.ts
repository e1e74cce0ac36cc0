// How long what failed waits before it is tried again: longer with each try.

export const BACKOFF_MS_MIN = 500;
const BACKOFF_MS_MAX = 60_000;

/** @param attempts before this one, which failed, too @example backoffMs(2) // 2000 */
export function backoffMs(attempts: number): number {
  return Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** Math.min(attempts, 10));
}
