// The chain as a process reaches it: over a way on which requests are lost, doubled and late, and answers too.
import type { Chain, ChainRequest } from '@trine/ledger/chain.ts';
import { LedgerError } from '@trine/ledger/errors.ts';
import type { MemoryChain } from '@trine/ledger/testing/memory-chain.ts';
import type { Life } from '@trine/system/testing/virtual-time.ts';
import type { Hardware } from './hardware.ts';
import type { Fault, Step } from './table.ts';

const ASKED = ['crash', 'clock', 'failed', 'unheard', 'slow', 'repeated'] as const;
const SENT = [...ASKED, 'forgotten', 'held', 'reorg'] as const;
const ANSWER_MS_MAX = 20;
const SLOW_MS = 2_000;
/** Soon: whatever is sent next is in a block above it. */
const REORG_MS_MAX = 700;
const lost = () => new LedgerError('chain-lost', 'The connection to the chain is lost: try again.', 'later');

/** @param life of the process */
export function reached(chain: MemoryChain, machine: Hardware, life: Life): Chain {
  const timers = machine.timers(life);
  return {
    ...chain,
    request: (call) => requested(chain, machine, call),
    finalBlock: () => machine.takes(1, [], () => chain.finalBlock()),
    // By the clock of the machine, as an embedded chain's is.
    clock: { now: () => machine.nowMs },
    refresh: () => machine.takes(1, [], () => chain.refresh()),
    timers: {
      setTimeout: (work, ms) => timers.setTimeout(work, ms),
      clearTimeout: (timer) => (timer as { cancel(): void }).cancel(),
      elapsed: timers.elapsed,
    },
  };
}

async function requested(chain: MemoryChain, machine: Hardware, call: Parameters<ChainRequest>[0]): Promise<unknown> {
  const { faults, places } = machine;
  const steps = places.ofRequest(call.method, (call.params ?? []) as readonly unknown[]);
  const isSent = call.method === 'eth_sendRawTransaction';
  const befalls = faults.meet(steps, isSent ? SENT : ASKED);
  if (befalls === 'crash') machine.crashAt(steps);
  if (befalls === 'clock') machine.setClock(steps);
  const isCounted = befalls !== undefined && befalls !== 'crash' && befalls !== 'clock' && befalls !== 'reorg';
  if (isCounted) faults.count(befalls, steps);
  const ms = befalls === 'slow' ? SLOW_MS + machine.below(SLOW_MS) : ANSWER_MS_MAX;
  const work = async () => {
    const answer = await befallen(chain, call, befalls);
    if (isSent) places.sent(answer, steps[0]);
    if (call.method === 'eth_getTransactionReceipt' && answer !== null) places.saw((call.params as unknown[])[0]);
    return answer;
  };
  const answered = await machine.takes(ms, steps, work);
  if (befalls === 'reorg') machine.after(machine.below(REORG_MS_MAX), () => takeBackOf(chain, machine, steps));
  return answered;
}

/** Takes the block back that holds a transaction of a step, or another of that step where this one has others above it. */
async function takeBackOf(chain: MemoryChain, machine: Hardware, steps: readonly Step[]): Promise<void> {
  const { faults } = machine;
  const taken = await takeBack(chain, machine, 'wait');
  if (faults.isOver || steps.some((step) => taken.includes(step))) return;
  for (const step of steps) faults.aimAt({ fault: 'reorg', step });
}

async function befallen(
  chain: MemoryChain,
  call: Parameters<ChainRequest>[0],
  fault: Fault | undefined,
): Promise<unknown> {
  if (fault === 'failed') throw lost();
  if (fault === 'forgotten') chain.dropNext();
  if (fault === 'held') chain.holdNext(2);
  if (fault === 'repeated') await chain.request(call);
  const answer = await chain.request(call);
  if (fault === 'unheard') throw lost();
  return answer;
}

/** Takes the newest block back, where it is not final. @returns steps whose transactions it held */
export async function takeBack(
  chain: MemoryChain,
  { faults, places }: Hardware,
  transactions: 'wait' | 'lost',
): Promise<readonly Step[]> {
  const params = ['latest', false];
  const block = (await chain.request({ method: 'eth_getBlockByNumber', params })) as { transactions: string[] };
  const steps: readonly Step[] = places.within(block.transactions);
  try {
    await chain.reorg(1, transactions);
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
  faults.count('reorg', steps);
  if (block.transactions.some((hash) => places.wasSeen(hash))) faults.count('reorg', ['confirm']);
  return steps;
}
