import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { columnOf } from './csv.ts';
import { readStream } from './intrusion.ts';

test('a column that is not there is refused with those that are', () => {
  assert.equal(columnOf(['time', 'cfs'], 'cfs'), 1);
  assert.throws(() => columnOf(['time', 'cfs'], 'stage'), /no column stage: there are time, cfs/);
});

test('a stream whose label has another heading is refused, not scored as if nothing in it were an attack', () => {
  const folder = mkdtempSync(join(tmpdir(), 'trine-bench-'));
  try {
    const file = (name: string, label: string) => {
      writeFileSync(join(folder, name), gzipSync(`Duration,Src_IP,${label}\n1,10,0\n2,11,1\n`));
      return join(folder, name);
    };
    const flows = readStream(file('a.csv.gz', 'Label'));
    assert.deepEqual([flows.features, [...flows.labels]], [['Duration'], [0, 1]]);
    assert.throws(() => readStream(file('b.csv.gz', 'label')), /no column Label: there are Duration, Src_IP, label/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
