// Publish → receipt: from sending a statement until its inclusion proof under a published checkpoint is in hand.
import { answer } from '@trine/client';
import { percentile } from '../lib/statistics.ts';
import { startTrine, temporaryHome } from '../lib/trine.ts';
import { drive } from '../load/drive.ts';

export interface Latency {
  readonly statementsPerSecond: number;
  readonly receipts: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const SECONDS = 15;
const STATEMENTS_PER_MESSAGE = 8;
const DEVICES = 50;
const RECEIPTS = 400;

/** @param statementsPerSecond the load meanwhile, statements of one reading */
export async function latency(statementsPerSecond: number): Promise<Latency> {
  const { home, remove } = temporaryHome();
  const trine = await startTrine(home);
  try {
    const shape = { devices: DEVICES, readingsPerPack: 1, packsPerMessage: STATEMENTS_PER_MESSAGE, open: false };
    // Warms up what runs on every start: code that is compiled as it gets hot.
    await drive(trine, { ...shape, packs: 30_000 });
    const packs = Math.floor(statementsPerSecond * SECONDS);
    const messages = packs / STATEMENTS_PER_MESSAGE;
    const waits: number[] = [];
    const asked: Promise<void>[] = [];
    await drive(
      trine,
      {
        ...shape,
        packs,
        messagesPerSecond: statementsPerSecond / STATEMENTS_PER_MESSAGE,
        probeEvery: Math.max(1, Math.floor(messages / RECEIPTS)),
      },
      (leaf, sentAtMs) => {
        asked.push(
          answer(
            trine.api.GET('/api/v1/receipts/{of}', { params: { path: { of: String(leaf) } }, parseAs: 'text' }),
          ).then(() => {
            waits.push(performance.timeOrigin + performance.now() - sentAtMs);
          }),
        );
      },
    );
    await Promise.all(asked);
    return {
      statementsPerSecond,
      receipts: waits.length,
      p50Ms: percentile(waits, 50),
      p99Ms: percentile(waits, 99),
    };
  } finally {
    await trine.stop();
    remove();
  }
}
