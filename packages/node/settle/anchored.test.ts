import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fill, manual } from '@trine/log/log.fixture.ts';
import { openLog } from '@trine/log/log.ts';
import type { Log } from '@trine/log/types.ts';
import { hexOf } from '@trine/protocol';
import { checkAnchored } from './anchored.ts';

async function logOf(t: TestContext, size: number, seed?: number): Promise<Log> {
  const folder = mkdtempSync(join(tmpdir(), 'trine-anchored-'));
  const log = await openLog(manual(folder));
  t.after(async () => {
    await log.close();
    rmSync(folder, { recursive: true });
  });
  await fill(log, size, seed);
  await log.publish();
  return log;
}

const anchorOf = async (log: Log, size: number) => ({
  size: BigInt(size),
  root: hexOf(await log.rootAt(size)),
  time: 0n,
});

test('a log goes on after any of its own anchors, and where there is none', async (t) => {
  const log = await logOf(t, 300);
  await checkAnchored(log, async () => undefined);
  for (const size of [1, 2, 255, 256, 257, 299, 300]) await checkAnchored(log, () => anchorOf(log, size));
});

test('the chain knows more leaves: an older copy, whatever its leaves are', async (t) => {
  const [old, newer] = [await logOf(t, 40), await logOf(t, 300)];
  await assert.rejects(
    checkAnchored(old, () => anchorOf(newer, 300)),
    {
      code: 'damaged',
      facts: { anchoredSize: 300, anchoredRoot: hexOf(newer.checkpoint.root), size: 40 },
      message: /^300 leaves of this log are anchored in the chain, and only 40 are here/,
    },
  );
});

test('one leaf more in the chain is enough', async (t) => {
  const [old, newer] = [await logOf(t, 40), await logOf(t, 41)];
  await assert.rejects(
    checkAnchored(old, () => anchorOf(newer, 41)),
    { code: 'damaged', message: /^41 leaves of this log are anchored in the chain, and only 40 are here/ },
  );
});

test('the chain knows other leaves in these places: a fork, also one that has grown beyond', async (t) => {
  const [log, other] = [await logOf(t, 300), await logOf(t, 300, 2)];
  for (const size of [1, 256, 299, 300])
    await assert.rejects(
      checkAnchored(log, () => anchorOf(other, size)),
      {
        code: 'damaged',
        message: new RegExp(`^The log up to ${size} lea(f|ves) here is not the one that is anchored`),
      },
    );
});
