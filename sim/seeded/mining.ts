// Blocks of the chain, which goes on whatever befalls the machine.
import type { VirtualTime } from '@trine/system/testing/virtual-time.ts';
import type { Machine } from './machine.ts';

/** A block a second. Where the chain's time is ahead, after a clock was, those alone that a transaction waits for. */
export function mine(time: VirtualTime, machine: Machine): void {
  const { chain } = machine;
  time.after(1_000, () => mine(time, machine));
  const newest = () => chain?.request({ method: 'eth_blockNumber' });
  void newest()?.then(async (before) => {
    await chain?.refresh();
    const waits = machine.node?.settler.outbox.counts().submitted ?? 0;
    if (waits > 0 && (await newest()) === before) await chain?.mine();
  });
}
