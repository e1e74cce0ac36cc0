// The process that crash.test.ts kills: appends without pause and says what was acknowledged and published.
// Arguments: folder, seed, greatest length of a leaf.
import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { PushBackError } from './errors.ts';
import { leafOf, manual } from './log.fixture.ts';
import { openLog } from './log.ts';

const [directory, seed, lengthMax] = process.argv.slice(2) as [string, string, string];
const say = (what: object): void => void writeSync(1, `${JSON.stringify(what)}\n`);

const log = await openLog({ ...manual(directory), checkpointIntervalMs: 3 });
log.onCheckpoint(({ note }) => say({ note }));
say({ note: log.checkpoint.note });
for (let round = Number(seed); ; round++) {
  const count = 1 + ((round * 7919) % 200);
  const { size } = log;
  const leaves = Array.from({ length: count }, (_, i) => leafOf(size + i, 1, Number(lengthMax)));
  try {
    const { durable } = log.append(leaves);
    durable.then(() => say({ acknowledged: size + count }));
  } catch (error) {
    if (!(error instanceof PushBackError)) throw error;
    await delay(error.retryAfterMs);
  }
  // Sometimes wait for the disk, sometimes run ahead of it.
  if (round % 3 !== 0) await delay(round % 2);
}
