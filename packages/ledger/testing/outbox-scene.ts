// An outbox over a chain in memory, in virtual time.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { decodeSettled, type EvmLog } from '@trine/protocol';
import { Outbox, type OutboxOptions } from '../outbox.ts';
import { type MemoryOptions, startMemory } from './memory-chain.ts';
import { fundedKeys, setUp } from './network.ts';
import { VirtualTime } from './virtual-time.ts';

const SEED = 'outbox faults';

/** A founded network on a chain, and outboxes on it that end with the test. @param windowS to object before a payment */
export async function scene(t: TestContext, on: Partial<MemoryOptions> = {}, windowS: bigint = 0n) {
  const folder = mkdtempSync(join(tmpdir(), 'trine-test-'));
  const time = new VirtualTime();
  const chain = await startMemory({
    ...{ chainId: 31_996n, keys: fundedKeys(SEED), clock: time, timers: time },
    ...on,
  });
  let isSetUp = false;
  const setting = setUp(chain, SEED, folder, undefined, windowS).finally(() => {
    isSetUp = true;
  });
  while (!isSetUp) {
    if (on.blocks === 'called') await chain.mine();
    await time.pass(100);
  }
  const network = await setting;
  for (let i = 1; i < (on.confirmations ?? 1); i++) await chain.mine(); // what was founded is final
  const opened: Outbox[] = [];
  const open = (over: Partial<OutboxOptions> = {}) => {
    const outbox = new Outbox({
      ...{ chain, senderKey: network.operator.key, kinds: network.kinds, file: join(folder, 'outbox.sqlite') },
      ...over,
    });
    opened.push(outbox);
    return outbox;
  };
  t.after(async () => {
    for (const outbox of opened) await outbox.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  /** Obligations that were paid, by every payment that stands on the chain. */
  const paid = async () => {
    const filter = { address: network.contracts.direct, fromBlock: '0x0', toBlock: 'latest' };
    const logs = (await chain.request({ method: 'eth_getLogs', params: [filter] })) as EvmLog[];
    return logs.flatMap((log) => decodeSettled(log)?.obligation ?? []);
  };
  /** Lets time pass, with a block a second where blocks are made on call. */
  const until = (what: string, holds: () => boolean) =>
    time.until(what, async () => {
      if (on.blocks === 'called') await chain.mine();
      return holds();
    });
  return { time, chain, network, open, paid, until };
}
