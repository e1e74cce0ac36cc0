import { verifierKey } from '@trine/protocol';
import { machine } from '@trine/system/system.ts';
import { lockDirectory } from './lock.ts';
import type { PublisherParts } from './publisher.ts';
import { publishTree, repairPartials } from './publisher.ts';
import type { Recovered } from './recovery.ts';
import { makeFolders, recover } from './recovery.ts';
import { TileLog } from './tile-log.ts';
import type { Log, LogOptions } from './types.ts';

/**
 * Opens a log, or starts it. What was acknowledged before a crash is there.
 *
 * @param options where it is, its name and its key
 * @returns the log, with a checkpoint published
 * @throws LogLockedError when another process has it open
 * @throws LogDamagedError when something durable is missing or changed: it must not be served
 * @throws TlogError for an origin that cannot name a key, or a `sign` that does not belong to `publicKey`
 * @example
 * const log = await openLog({ directory: 'data/log', origin: 'example.com/log', publicKey, sign });
 * const { first, durable } = log.append([leaf]);
 * await durable; // survives any crash
 * await log.waitForCheckpoint(first + 1);
 * const receipt = await log.receipt(first);
 */
export async function openLog(options: LogOptions): Promise<Log> {
  const logKey = verifierKey(options.origin, options.publicKey);
  const system = options.system ?? machine;
  const { disk } = system;
  const folders = await makeFolders(disk, options.directory);
  const unlock = lockDirectory(disk, options.directory);
  let recovered: Recovered | undefined;
  try {
    recovered = await recover(system, folders, logKey);
    const parts: PublisherParts = {
      disk,
      directory: folders.public,
      temporary: folders.temporary,
      logKey,
      sign: options.sign,
      integrator: recovered.integrator,
    };
    await recovered.integrator.written();
    await repairPartials(parts, recovered.first, recovered.integrator.tree.size);
    const checkpoint = await publishTree(parts, recovered.integrator.tree.size, recovered.checkpoint);
    return new TileLog(options, recovered, parts, checkpoint, unlock, system.timers);
  } catch (error) {
    await recovered?.writer.close();
    unlock();
    throw error;
  }
}
