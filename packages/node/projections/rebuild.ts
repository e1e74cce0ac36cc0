// Rebuild: makes the store again from log and bodies, with the node stopped. The log is the truth; the store is a view
// of it, so deleting it loses nothing.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Domains } from '@trine/engine';
import { openLog } from '@trine/log/log.ts';
import {
  type Agreement,
  didKey,
  formatVerifierKey,
  type Hex,
  parseNetwork,
  TrineError,
  verifierKey,
} from '@trine/protocol';
import { machine } from '@trine/system/system.ts';
import { Bodies } from '../access/bodies.ts';
import { openKeys } from '../genesis/genesis.ts';
import { agreementId } from '../settle/agreements.ts';
import { openProjections } from './open.ts';
import { openStore } from './tables/store.ts';

/** There is nothing here to rebuild from. */
export class NoNodeHereError extends TrineError {
  override readonly name = 'NoNodeHereError';
  constructor(message: string) {
    super('not-found', message);
  }
}

export interface Rebuilt {
  readonly leaves: number;
  /** Statements that could not be read whole: their readings were erased, say. */
  readonly unread: number;
}

/**
 * Deletes the store and makes it again. Where this is interrupted, the next start of the node goes on with it.
 *
 * @param home data folder of a node that does not run
 * @param onProgress leaves done and leaves in all
 * @throws NoNodeHereError when the folder holds no node; LogLockedError while one runs
 */
export async function rebuildStore(home: string, onProgress?: (done: number, total: number) => void): Promise<Rebuilt> {
  const networkPath = join(home, 'network.json');
  if (!existsSync(networkPath))
    throw new NoNodeHereError(`${home} is not the data folder of a node: name it with --home.`);
  const network = parseNetwork(readFileSync(networkPath, 'utf8'));
  const keys = openKeys(home);
  const own = network.members
    .flatMap(({ logs }) => logs)
    .find(({ origin, vkey }) => vkey === formatVerifierKey(verifierKey(origin, keys.log.publicKey.raw)));
  if (own === undefined) throw new NoNodeHereError(`The log key in ${home} belongs to no log of ${networkPath}.`);
  const contracts = { terms: network.chain.terms as Hex };
  const closing: (() => Promise<unknown>)[] = [];
  try {
    // Takes the lock: a running node is found out before anything is deleted.
    const log = await openLog({
      directory: join(home, 'log'),
      origin: own.origin,
      sign: keys.log.sign,
      publicKey: keys.log.publicKey.raw,
      checkpointIntervalMs: Number.POSITIVE_INFINITY,
    });
    closing.push(() => log.close());
    const path = join(home, 'store', 'views.duckdb');
    for (const file of [path, `${path}.wal`]) rmSync(file, { force: true });
    const store = await openStore(path);
    closing.push(() => store.close());
    const bodies = new Bodies(join(home, 'bodies'));
    closing.push(() => bodies.close());
    const failures: Error[] = [];
    const projections = await openProjections({
      network,
      log,
      bodies,
      store,
      // What is due is for the node to find out when it starts.
      domains: new Domains([]),
      decider: didKey(keys.member.publicKey),
      agreementId: (agreement: Agreement) => agreementId(agreement, contracts),
      timers: machine.timers,
      workers: machine.workers,
      onError: (error) => failures.push(error),
      onProgress,
    });
    closing.push(() => projections.close());
    await projections.runner.flush();
    if (failures[0]) throw failures[0];
    return { leaves: log.size, unread: projections.unread };
  } finally {
    for (const close of closing.reverse()) await close();
  }
}
