// Files made to keep a verifier busy: whoever wrote them, they end, and soon. What it takes is printed; the bounds are on work,
// not on time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeEvidence, encodeCbor, encodeEvidence, limits, type Report, verifyEvidence } from '@trine/protocol';
import { replayWith } from './replay.ts';
import { GRACE_MS, Liar, type Place, T0, WINDOW_MS } from './testing/liar.ts';

const CUT = T0 + WINDOW_MS + GRACE_MS;
const failing = ({ steps }: Report) => steps.find(({ status }) => status === 'failed')?.detail ?? '';

/** @param packs of so many readings each, in one window */
async function crowded(packs: number, readings: number): Promise<{ liar: Liar; file: Uint8Array }> {
  const liar = new Liar();
  await liar.found();
  const places: Place[] = [];
  for (let i = 0; i < packs; i++) {
    const ms = T0 + Math.floor((i * WINDOW_MS) / packs);
    const times = Array.from({ length: readings }, () => ms);
    places.push(liar.seal(await liar.device.pack(times), ms));
  }
  const pulse = liar.seal(await liar.heartbeat.pack([CUT - 1]), CUT - 1);
  liar.seal(await liar.heartbeat.pack([CUT]), CUT);
  return { liar, file: liar.file(await liar.decide({ fromMs: T0, inputs: [pulse, ...places] })) };
}

async function verify(
  { liar, file }: { liar: Liar; file: Uint8Array },
  what: string,
  t: { diagnostic(said: string): void },
): Promise<Report> {
  const begun = performance.now();
  const report = await verifyEvidence(file, { network: liar.network, replay: replayWith(liar.domains) });
  t.diagnostic(`${what}: ${file.length} bytes, ${Math.round(performance.now() - begun)} ms`);
  return report;
}

test('as many readings as there may be are read; one pack more is refused', async (t) => {
  const most = Math.floor(limits.evidenceReadingsMax / limits.readingsPerPackMax);
  const full = await verify(await crowded(most, limits.readingsPerPackMax), 'readings', t);
  assert.equal(full.verdict, 'trusted', failing(full));
  assert.equal(full.readings.length, most * limits.readingsPerPackMax);
  const over = await verify(await crowded(most + 1, limits.readingsPerPackMax), 'a pack more', t);
  assert.match(failing(over), /more than 250000 readings/);
});

test('ranges that count the same statements again and again are refused before any is walked', async (t) => {
  const { liar, file } = await crowded(50, 1);
  const evidence = decodeEvidence(file);
  const [part] = evidence.inputs ?? [];
  const range = part?.ranges.find(({ count }) => count === 50) ?? assert.fail('one run of all');
  const ranges = Array.from({ length: 4_096 }, () => range);
  const inputs = [{ key: '', ranges }];
  const report = await verify({ liar, file: encodeEvidence({ ...evidence, inputs }) }, 'ranges', t);
  assert.match(failing(report), /statements in ranges; at most 100000 are read/);
});

test('a file of empty maps, one a byte, is refused before they are built', async (t) => {
  const item = encodeCbor({ logs: [] });
  const many = new Uint8Array(limits.evidenceBytesMax).fill(0xa0);
  // { logs: [ {}, {}, … ] }
  many.set(item.subarray(0, 6));
  many.set([0x9a, 0x01, 0xff, 0xff, 0x00], 6);
  const report = await verify({ liar: new Liar(), file: many.subarray(0, 11 + 0x01ffff00) }, 'empty maps', t);
  assert.match(failing(report), /too many items/);
});
