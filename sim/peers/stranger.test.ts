// A stranger's verifier in another language, from the documents alone: it finds the golden files right, and takes nothing that
// ours refuses.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseNetwork, verifyEvidence } from '@trine/protocol';

const python = '/usr/bin/python3';
const script = fileURLToPath(new URL('./stranger.py', import.meta.url));
const golden = (name: string) => fileURLToPath(new URL(`../../vectors/evidence/${name}`, import.meta.url));
const absent =
  spawnSync(python, ['-c', 'import cbor2, cryptography']).status !== 0 &&
  'the Debian packages python3-cbor2 and python3-cryptography are not installed';
const SEED = Number(process.env.SEED ?? 1);
const MUTANTS = Number(process.env.ROUNDS ?? 60);

/** mulberry32: the same numbers from the same seed. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('a stranger with the documents alone', { skip: absent, timeout: 240_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'trine-stranger-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function stranger(path: string, network = golden('network.json')): Promise<Record<string, unknown>> {
    const { stdout } = await promisify(execFile)(python, [script, 'verify', path, network]);
    return JSON.parse(stdout) as Record<string, unknown>;
  }

  test('verifies a reading, a decision and a payment, down to who signed and what was paid', async () => {
    assert.equal((await stranger(golden('reading.trine'))).about, 'reading');
    const decision = await stranger(golden('decision.trine'));
    assert.deepEqual([decision.about, decision.signed], ['decision', ['payer', 'recipient']]);
    const payment = await stranger(golden('payment.trine'));
    assert.deepEqual([payment.about, payment.outcome, payment.paid], ['payment', 'pay', 5]);
  });

  test('verifies what took the place of an order that was pending, and says what is left of it', async () => {
    const report = await stranger(golden('replacing.trine'), golden('replacing-network.json'));
    assert.deepEqual([report.about, report.paid], ['payment', 5]);
    assert.match(String(report.instead), /^(?!0{64})[0-9a-f]{64}$/);
  });

  test(`of ${MUTANTS} mutants of the payment it takes none that ours finds broken`, async () => {
    const file = readFileSync(golden('payment.trine'));
    const network = parseNetwork(readFileSync(golden('network.json'), 'utf8'));
    const next = chance(SEED);
    let refused = 0;
    for (let i = 0; i < MUTANTS; i++) {
      const at = Math.floor(next() * file.length);
      const mutant = Uint8Array.from(file);
      mutant[at] = (mutant[at] as number) ^ (1 + Math.floor(next() * 255));
      const path = join(folder, 'mutant.trine');
      writeFileSync(path, mutant);
      const isTaken = await stranger(path).then(
        () => true,
        () => false,
      );
      if (!isTaken) refused++;
      else assert.notEqual((await verifyEvidence(mutant, { network })).verdict, 'broken', `byte ${at}, seed ${SEED}`);
    }
    assert.ok(refused > MUTANTS * 0.9, `${refused} refused`);
  });
});
