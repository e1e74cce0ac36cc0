// Replay into the projections: what the log holds beyond their cursor goes through the same admission and the same `apply`
// as live. After a clean stop that is nothing, after a crash a moment's worth, for `trine rebuild` everything.
import type { Log } from '@trine/log/types.ts';
import { decodeLeaf, parseStatement } from '@trine/protocol';
import type { Bodies } from '../access/bodies.ts';
import type { Admission } from '../ingest/admission.ts';
import { openBatch } from '../ingest/batch.ts';
import type { Unverified, VerifyPool } from '../ingest/verify-pool.ts';
import type { ProjectionRunner } from './runner.ts';

export interface ReplayOptions {
  readonly log: Log;
  readonly bodies: Pick<Bodies, 'read'>;
  readonly pool: VerifyPool;
  readonly admission: Admission;
  readonly runner: ProjectionRunner;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

const BATCH = 512;

interface Read extends Unverified {
  readonly index: number;
  readonly arrivalMs: number;
}

/**
 * Reads leaves `from` up to the end of the log into the projections.
 * @returns how many leaves could not be read whole (their bodies were erased, say)
 */
export async function replayLog(options: ReplayOptions, from: number): Promise<number> {
  const { log, bodies, runner, onProgress } = options;
  const total = log.size;
  const before = runner.unreadable.length;
  let batch: Read[] = [];
  let lacking = 0;
  const flush = async (): Promise<void> => {
    const given = batch;
    batch = [];
    if (given.length > 0) lacking += await replayBatch(options, given);
    if (runner.isBehind) await runner.flush();
    if (given.length > 0) onProgress?.((given.at(-1)?.index ?? 0) + 1, total);
  };
  for await (const { index, leaf } of log.range(from, total)) {
    const decoded = readLeaf(leaf);
    if (typeof decoded === 'string') {
      await flush();
      runner.skip(index, undefined, decoded);
    } else if (decoded.kind === 'intent') {
      await flush();
      runner.appendedIntent(decoded.intent, index);
    } else {
      batch.push({ statement: decoded.statement, disclosure: bodies.read(index), index, arrivalMs: decoded.arrivalMs });
      // A key enrolled here must be known to the threads before the next statement is checked.
      if (batch.length >= BATCH || changesKeys(decoded.statement)) await flush();
    }
  }
  await flush();
  await runner.flush();
  return runner.unreadable.length - before + lacking;
}

function readLeaf(leaf: Uint8Array): ReturnType<typeof decodeLeaf> | string {
  try {
    return decodeLeaf(leaf);
  } catch (error) {
    return (error as Error).message;
  }
}

function changesKeys(statement: Uint8Array): boolean {
  try {
    const { kind } = parseStatement(statement).header;
    return kind === 'enrolment' || kind === 'key-status' || kind === 'network';
  } catch {
    return false;
  }
}

/** @returns how many stand there without their bodies */
async function replayBatch({ pool, admission, runner }: ReplayOptions, given: readonly Read[]): Promise<number> {
  const columns = await pool.verify(
    given,
    Float64Array.from(given, ({ arrivalMs }) => arrivalMs),
    true,
  );
  const batch = openBatch(columns);
  const messages = new Map(columns.messages);
  admission.begin();
  let lacking = 0;
  for (let i = 0; i < columns.count; i++) {
    const { index, disclosure } = given[i] as Read;
    const refused = admission.readmit(batch, i, index);
    if (refused) runner.skip(index, admission.unreadSubject(batch, i, index), messages.get(i) ?? refused);
    else if (columns.sealed[i] && disclosure === undefined) lacking++;
  }
  runner.appended(batch);
  return lacking;
}
