// Gas of anchors, against the committed snapshot. UPDATE_SNAPSHOTS=1 writes a new one.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Scene, startScene } from './scene.ts';

const file = new URL('../snapshots/gas.json', import.meta.url);
/** Signatures and addresses differ in zero bytes from case to case; the chain's clock in one. */
const TOLERANCE = 0.01;

async function grow(scene: Scene, leaves: number) {
  for (let i = 0; i < leaves; i++) scene.log.append(Uint8Array.of(1, i & 255, i >> 8, scene.log.size & 255));
  return Number((await scene.anchor()).gasUsed);
}

async function anchors(members: number, quorum: number, measured: Record<string, number>) {
  const scene = await startScene({ members, quorum });
  await grow(scene, 1000);
  measured[`anchor, ${quorum} of ${members}, ring filling`] = await grow(scene, 700);
  if (members > 1) return;
  for (let i = 2; i < 257; i++) await grow(scene, 1);
  measured[`anchor, ${quorum} of ${members}, ring full`] = await grow(scene, 700);
}

test('gas is as in the snapshot', async () => {
  const measured: Record<string, number> = {};
  await anchors(1, 1, measured);
  await anchors(4, 3, measured);
  if (process.env.UPDATE_SNAPSHOTS) writeFileSync(file, `${JSON.stringify(measured, null, 2)}\n`);
  const expected = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
  assert.deepEqual(Object.keys(measured), Object.keys(expected));
  for (const [name, gas] of Object.entries(expected)) {
    const got = measured[name] as number;
    assert.ok(Math.abs(got - gas) <= gas * TOLERANCE, `${name}: ${got}, was ${gas}; UPDATE_SNAPSHOTS=1 to accept`);
  }
});
