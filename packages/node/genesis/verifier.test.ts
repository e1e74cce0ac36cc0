import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type NetworkDocument, parseNetwork, sha256, toHex, toUtf8 } from '@trine/protocol';
import { keepVerifier, readVerifier } from './verifier.ts';

const golden = parseNetwork(readFileSync(new URL('../../../vectors/evidence/network.json', import.meta.url), 'utf8'));
const [first, second] = [toUtf8('<html>1'), toUtf8('<html>2')];
const naming = (verifier: string | undefined): NetworkDocument => ({ ...golden, ...(verifier && { verifier }) });
let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'trine-verifier-'));
});
afterEach(() => rmSync(home, { recursive: true }));

test('a network keeps the verifier of its founding, whatever a later release brings', () => {
  const named = keepVerifier(home, first);
  assert.equal(named, toHex(sha256(first)));
  writeFileSync(join(home, 'network.json'), '{}');
  assert.equal(keepVerifier(home, second), named);
  assert.deepEqual(new Uint8Array(readVerifier(home, naming(named))), first);
});

test('a network founded without a verifier names none, also when a release has one', () => {
  writeFileSync(join(home, 'network.json'), '{}');
  assert.equal(keepVerifier(home, first), undefined);
  assert.throws(() => readVerifier(home, naming(undefined)), { code: 'not-found' });
});

test('a file that was changed is not handed out', () => {
  const named = keepVerifier(home, first);
  writeFileSync(join(home, 'verifier.html'), second);
  assert.throws(() => readVerifier(home, naming(named)), { code: 'damaged' });
});
