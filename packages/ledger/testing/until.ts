import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something holds. @throws after the limit, naming what did not come */
export async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 60_000): Promise<void> {
  for (const deadline = Date.now() + limitMs; Date.now() < deadline; await sleep(20)) if (await holds()) return;
  throw new Error(`Not within ${limitMs} ms: ${what}.`);
}
