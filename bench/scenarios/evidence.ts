// Verifying an evidence file of a payment: the whole chain from readings to the settlement.

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer } from '@trine/client';
import { encodeNetwork, type NetworkDocument, verifyEvidence } from '@trine/protocol';
import { verifyInBrowser } from '../lib/browser.ts';
import { median } from '../lib/statistics.ts';
import { startTrine, type Trine, temporaryHome } from '../lib/trine.ts';

export interface EvidenceTimes {
  readonly fileBytes: number;
  readonly verdict: string;
  readonly nodeMs: number;
  /** Absent where there is no Chromium. */
  readonly browserMs: number | undefined;
}

const REPETITIONS = 100;
const PAYMENT_MS_MAX = 90_000;

export async function evidence(): Promise<EvidenceTimes> {
  const { home, remove } = temporaryHome();
  // Short windows, so that a silence is judged and paid within seconds.
  writeFileSync(
    join(home, 'settings.json'),
    JSON.stringify({ device: { intervalMs: 500 }, practice: { windowMs: 4_000, graceMs: 500, disputeWindowS: 0 } }),
  );
  const trine = await startTrine(home);
  try {
    await sleep(9_000); // Two windows of readings before the silence.
    const id = await paidBySilence(trine);
    const call = trine.api.GET('/api/v1/evidence/{id}', { params: { path: { id } }, parseAs: 'arrayBuffer' });
    const file = new Uint8Array((await answer<unknown>(call)) as ArrayBuffer);
    const network: NetworkDocument = await answer(trine.api.GET('/network.json'));
    const document = encodeNetwork(network);
    const times: number[] = [];
    for (let i = 0; i < REPETITIONS; i++) {
      const begun = performance.now();
      await verifyEvidence(file, { network });
      times.push(performance.now() - begun);
    }
    const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));
    return {
      fileBytes: file.length,
      verdict: (await verifyEvidence(file, { network })).verdict,
      nodeMs: median(times),
      browserMs:
        chromium === undefined ? undefined : median(await verifyInBrowser(chromium, file, document, REPETITIONS)),
    };
  } finally {
    await trine.stop();
    remove();
  }
}

/** Pauses the node's own device and waits for the credit. @returns id of the payment */
async function paidBySilence(trine: Trine): Promise<string> {
  await answer(trine.api.POST('/api/v1/device/{action}', { params: { path: { action: 'pause' } } }));
  const deadline = performance.now() + PAYMENT_MS_MAX;
  while (performance.now() < deadline) {
    const query = { state: 'paid', sort: 'oldest', limit: 1 } as const;
    const {
      items: [paid],
    } = await answer(trine.api.GET('/api/v1/payments', { params: { query } }));
    if (paid) return paid.id;
    await sleep(250);
  }
  throw new Error(`No payment within ${PAYMENT_MS_MAX / 1000} s of silence.`);
}
