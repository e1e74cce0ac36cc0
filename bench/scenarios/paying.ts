// Window end → paid: from the moment at which a window may be decided to its payment in a member's words, on the chain that a
// node brings along and on one of others with a block a second. Where it is disputable, that time comes on top.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer } from '@trine/client';
import { startOtherChain } from '@trine/ledger/testing/other-chain.ts';
import { openKeys } from '@trine/node/genesis/genesis.ts';
import { addressOfPrivateKey } from '@trine/protocol';
import { median } from '../lib/statistics.ts';
import { startTrine, temporaryHome } from '../lib/trine.ts';

/** Milliseconds, of so many windows. */
export interface PayingTimes {
  readonly windows: number;
  readonly embeddedMs: Waits;
  readonly externalMs: Waits;
}
interface Waits {
  readonly median: number;
  readonly longest: number;
}

const WINDOWS = 8;
const GRACE_MS = 500;
const TIMEOUT_MS = 120_000;
const POLL_MS = 20;
const CHAIN_ID = 4_242;

export async function paying(): Promise<PayingTimes> {
  return { windows: WINDOWS, embeddedMs: await onOwn(), externalMs: await onOther() };
}

async function onOwn(): Promise<Waits> {
  const { home, remove } = temporaryHome();
  try {
    return await waits(home, {});
  } finally {
    remove();
  }
}

async function onOther(): Promise<Waits> {
  const { home, remove } = temporaryHome();
  const { url, fund, stop } = await startOtherChain(CHAIN_ID);
  try {
    await fund(addressOfPrivateKey(openKeys(home).account));
    return await waits(home, { chain: { url, practice: true, confirmations: 1 } });
  } finally {
    stop();
    remove();
  }
}

/** The node's own device says less than it owes, so that each window is paid for. */
async function waits(home: string, more: object): Promise<Waits> {
  mkdirSync(home, { recursive: true });
  const practice = { windowMs: 2_000, graceMs: GRACE_MS, disputeWindowS: 0 };
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ practice, device: { intervalMs: 60_000 }, ...more }));
  const trine = await startTrine(home);
  const seen = new Map<string, number>();
  const from = performance.now();
  try {
    while (seen.size < WINDOWS) {
      const { items } = await answer(
        trine.api.GET('/api/v1/payments', { params: { query: { state: 'paid', limit: 100 } } }),
      );
      const now = Date.now();
      for (const { id, toMs } of items) if (!seen.has(id)) seen.set(id, now - toMs - GRACE_MS);
      if (performance.now() - from > TIMEOUT_MS) throw new Error(`Only ${seen.size} windows were paid in time.`);
      await sleep(POLL_MS);
    }
  } finally {
    await trine.stop();
  }
  const times = [...seen.values()].slice(0, WINDOWS);
  return { median: median(times), longest: Math.max(...times) };
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await paying(), undefined, 2)}\n`);
