// Everything that follows from the log, joined in its order: who may speak, what is agreed, what is due, and the tables. A node
// that starts and `trine rebuild` open the same.
import type { Domains } from '@trine/engine';
import type { Log } from '@trine/log/types.ts';
import type { Agreement, NetworkDocument } from '@trine/protocol';
import type { Timers } from '@trine/system/time.ts';
import type { Workers } from '@trine/system/workers.ts';
import type { Bodies } from '../access/bodies.ts';
import { noteStatements, replacedBy, type Sources } from '../decide/inputs.ts';
import { Scheduler } from '../decide/scheduler.ts';
import { noteDecisions } from '../decide/states.ts';
import { Admission, type OldPlace } from '../ingest/admission.ts';
import { ThingLimits } from '../ingest/limits.ts';
import { VerifyPool } from '../ingest/verify-pool.ts';
import { KeyDirectory } from './keys.ts';
import { ModelRegistry } from './models.ts';
import { PolicyRegistry } from './policies.ts';
import { replayLog } from './replay.ts';
import { ProjectionRunner } from './runner.ts';
import { type SequencePlace, SequenceTracker } from './sequences.ts';
import { StreamRegistry } from './streams.ts';
import { tableProjections } from './tables/rows.ts';
import type { Store } from './tables/store.ts';

export interface ProjectionsOptions {
  readonly network: NetworkDocument;
  readonly log: Log;
  readonly bodies: Bodies;
  readonly store: Store;
  readonly domains: Domains;
  /** did:key of the member whose decisions count as ours. */
  readonly decider: string;
  readonly agreementId: (agreement: Agreement) => Uint8Array;
  readonly timers: Timers;
  /** Check signatures. */
  readonly workers: Workers;
  /** The store refused a batch. */
  readonly onError: (error: Error) => void;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface Projections {
  readonly keyDirectory: KeyDirectory;
  readonly sequences: SequenceTracker;
  readonly streams: StreamRegistry;
  readonly policies: PolicyRegistry;
  readonly models: ModelRegistry;
  readonly scheduler: Scheduler;
  readonly runner: ProjectionRunner;
  readonly admission: Admission;
  readonly pool: VerifyPool;
  readonly sources: Sources;
  /** Leaves that could not be read whole, of those that were read now. */
  readonly unread: number;
  close(): Promise<void>;
}

/** Opens the projections and brings them up to the end of the log. */
export async function openProjections(options: ProjectionsOptions): Promise<Projections> {
  const { network, log, bodies, store, domains, decider, timers, workers, onProgress } = options;
  const keyDirectory = new KeyDirectory();
  keyDirectory.addMembers(network);
  const sequences = new SequenceTracker();
  const streams = new StreamRegistry();
  const policies = new PolicyRegistry(options.agreementId);
  const models = new ModelRegistry();
  const scheduler = new Scheduler({
    domains,
    policies,
    decider,
    noteThePast: async (logged, agenda, below) => {
      await runner.waitFor(below);
      await noteStatements(sources, agenda, below);
      await noteDecisions(sources, logged, decider, agenda, below);
    },
    replacedBy: async (leaf) => {
      await runner.waitFor(leaf + 1);
      return replacedBy(sources, leaf);
    },
  });
  const runner: ProjectionRunner = new ProjectionRunner({
    store,
    admitted: [sequences, streams],
    staged: [keyDirectory, policies, models],
    durable: [scheduler],
    tables: tableProjections(policies),
    timers,
    onError: options.onError,
  });
  const sources: Sources = {
    log,
    bodies,
    keyDirectory,
    network,
    store,
    sequences,
    runner,
    origin: log.checkpoint.origin,
  };
  const pool = new VerifyPool(network.id, keyDirectory, workers);
  const admission = new Admission({
    keyDirectory,
    sequences,
    streams,
    policies,
    limits: new ThingLimits(domains.all().map(({ domain }) => domain)),
    runner,
    findOld: async (keyOwner, subject, place) => {
      await runner.flush();
      return findOld(store, keyOwner, subject, place);
    },
  });
  try {
    const from = await runner.open(log.durableSize);
    const unread = await replayLog({ log, bodies, pool, admission, runner, onProgress }, from);
    const close = () => pool.close();
    return {
      keyDirectory,
      sequences,
      streams,
      policies,
      models,
      scheduler,
      runner,
      admission,
      pool,
      sources,
      unread,
      close,
    };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

/** What stands at a place that has left the short memory of its sequence: the same statement before any other. */
async function findOld(
  store: Store,
  keyOwner: string,
  subject: string,
  place: SequencePlace,
): Promise<OldPlace | undefined> {
  const [row] = await store.query<{ leaf: number; isSame: boolean }>(
    `SELECT leaf, id = $5 AS "isSame" FROM statements JOIN sequences USING (sequence)
     WHERE key_owner = $1 AND subject = $2 AND epoch = $3 AND seq = $4 ORDER BY "isSame" DESC, leaf LIMIT 1`,
    [keyOwner, subject, place.epoch, place.seq, Buffer.from(place.id, 'latin1')],
  );
  return row;
}
