// A payment whose decision late readings correct, on the real contracts, for tests.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { fromHex } from '@trine/protocol';
import { buildEvidence } from '../evidence/build.ts';
import { Disputable, type DisputableOptions } from './disputable.ts';
import { T0 } from './world.ts';

/** Three statements are due, 5 cents each; one came in time. */
export function correctable(t: TestContext, chain?: DisputableOptions['chain']): Promise<Disputable> {
  return Disputable.open(t, {
    ...(chain && { chain }),
    policy: {
      correctableMs: 86_400_000,
      // One window, so that all orders are about it.
      period: { startMs: T0, endMs: T0 + 60_000 },
      terms: { thing: 'thing/1', windowMs: 60_000, graceMs: 1_000, due: 3, price: 5 },
    },
    decidedMs: 62_000,
  });
}

/** A statement about the first window comes late, and is decided on. @param ofMs when it was, milliseconds after the start */
export async function corrects(one: Disputable, ofMs: number): Promise<void> {
  const { parts } = one.settling;
  const atMs = one.world.now() - T0 + 1_000;
  await parts.say([{ atMs, ofMs }]);
  const [decision] = await parts.decideAt(atMs + 3_000);
  assert.deepEqual([decision?.outcome, decision?.supersedes !== undefined], ['pay', true]);
  await one.settling.settle();
}

/** Its evidence file. @param digest of the order, hex */
export function fileOf({ settling }: Disputable, digest: string): Promise<Uint8Array> {
  const { parts, settler } = settling;
  const { log, bodies, sources, projections } = parts;
  return parts.does(
    buildEvidence({ ...sources, log, settler, policies: projections.policies, bodies }, fromHex(digest)),
  );
}
