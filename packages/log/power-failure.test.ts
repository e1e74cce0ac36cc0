import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemRandom } from '@trine/system/random.ts';
import { inlineWorkers, loadWorkers } from '@trine/system/testing/inline-workers.ts';
import { MemoryDisk } from '@trine/system/testing/memory-disk.ts';
import { systemTimers } from '@trine/system/time.ts';
import fc from 'fast-check';
import { LogStoppedError } from './errors.ts';
import { fsck } from './fsck/fsck.ts';
import { leafOf, manual, temporaryFolder, VKEY } from './log.fixture.ts';
import { openLog } from './log.ts';

test('a leaf is durable after what it commits to, and never where that fails', async (t) => {
  const directory = temporaryFolder(t);
  const log = await openLog(manual(directory));
  const body = Promise.withResolvers<void>();
  let isDurable = false;
  const first = log.append([leafOf(0)], body.promise).durable.then(() => {
    isDurable = true;
  });
  const second = log.append([leafOf(1)]).durable;
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([isDurable, log.durableSize], [false, 0]);
  body.resolve();
  await Promise.all([first, second]);
  assert.equal(log.durableSize, 2);
  await assert.rejects(log.append([leafOf(2)], Promise.reject(new Error('disk full'))).durable, LogStoppedError);
  await log.close();
  const again = await openLog(manual(directory));
  assert.equal(again.size, 2);
  await again.close();
});

test('property: power failures take nothing that was durable, and leave public files that are right', async (t) => {
  const life = fc.record({
    chances: fc.array(
      fc.nat(99).map((n) => n / 100),
      { minLength: 1, maxLength: 30 },
    ),
    leaves: fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 5 }),
    crashIn: fc.integer({ min: 1, max: 80 }),
  });
  const modules = await loadWorkers([new URL('./tile-writer.worker.ts', import.meta.url)]);
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), async (lives) => {
      let [chances, drawn, durable] = [[0], 0, 0];
      const disk = new MemoryDisk({ random: () => chances[drawn++ % chances.length] as number });
      const workers = inlineWorkers({ modules, parallelism: 1, disk, deliver: (hand) => setImmediate(hand) });
      const options = { ...manual('/log'), system: { disk, workers, random: systemRandom, timers: systemTimers } };
      for (const { chances: given, leaves, crashIn } of lives) {
        const log = await openLog(options);
        assert.ok(log.size >= durable, `${durable} leaves were durable, ${log.size} are there`);
        for (let i = 0; i < log.size; i++) assert.deepEqual(log.read(i), leafOf(i));
        disk.crashIn(crashIn);
        try {
          for (const count of leaves) {
            await log.append(Array.from({ length: count }, (_, i) => leafOf(log.size + i))).durable;
            durable = log.durableSize;
            await log.publish();
          }
        } catch (error) {
          assert.ok(error instanceof LogStoppedError);
        }
        chances = given;
        disk.restart();
      }
      const log = await openLog(options);
      const folder = mkdtempSync(join(tmpdir(), 'trine-log-'));
      t.after(() => rmSync(folder, { recursive: true }));
      disk.copyTo(folder);
      assert.deepEqual((await fsck(join(folder, 'log', 'public'), VKEY)).problems, []);
      await log.close();
    }),
    { numRuns: 60 },
  );
});
