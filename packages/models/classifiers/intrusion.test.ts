import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { identify } from '../hash.ts';
import { intrusion } from './intrusion.ts';
import { approvedFile, onnxAbsent, onnxClassifier } from './onnx.ts';

const folder = new URL('../artefacts/intrusion/', import.meta.url);

test('the ONNX file says in Node what scikit-learn says in Python', { skip: onnxAbsent() }, async () => {
  const { rows, chances } = JSON.parse(readFileSync(new URL('vectors.json', folder), 'utf8')) as {
    rows: number[][];
    chances: number[][];
  };
  assert.equal(rows.length, 16);
  const classifier = await intrusion.open();
  for (const [i, row] of rows.entries()) {
    const found = await classifier.classify(row);
    for (const [c, chance] of chances[i]!.entries())
      assert.ok(Math.abs(found[c]! - chance) < 1e-5, `row ${i}: ${found[c]} is not ${chance}`);
  }
});

test('a swapped ONNX file is refused before it is run', async () => {
  const bytes = readFileSync(new URL('intrusion.onnx', folder));
  const hash = intrusion.config.onnx as string;
  assert.equal(approvedFile(bytes, hash, 'intrusion.onnx'), bytes);
  const swapped = Buffer.from(bytes);
  swapped[swapped.length - 1]! ^= 1;
  assert.throws(() => approvedFile(swapped, hash, 'intrusion.onnx'), /not the approved file/);
  const other = onnxClassifier({
    name: 'other',
    version: 1,
    folder: 'artefacts/intrusion',
    file: 'intrusion',
    hashes: { onnx: '0'.repeat(64), json: intrusion.config.json as string },
    source: 'classifiers/intrusion.ts',
  });
  await assert.rejects(other.open(), /not the approved file 0000/);
});

test('the runtime that the configuration names is the one that is pinned', () => {
  const manifest = JSON.parse(readFileSync(new URL('../runtime/package.json', import.meta.url), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  assert.equal(intrusion.config.runtime, `onnxruntime-node ${manifest.dependencies['onnxruntime-node']}`);
});

test('the identity covers the bytes of the ONNX file', () => {
  assert.ok(intrusion.sources.includes('artefacts/intrusion/intrusion.onnx'));
  const without = { ...intrusion, sources: intrusion.sources.slice(1) };
  assert.notEqual(identify(intrusion).code, identify(without).code);
});

test('where the runtime is absent, the error says what to run', {
  skip: !onnxAbsent() && 'the runtime is here',
}, async () => {
  await assert.rejects(intrusion.open(), /npm run setup:onnx/);
});
