// Catch-up: what the log holds beyond the store's position goes through the same checks again and into the views.
// After a clean stop that is nothing, after a crash a moment's worth, for `trine rebuild` everything.

import type { Log } from '@trine/log/types.ts';
import { decodeLeaf, parseStatement, statementKinds } from '@trine/protocol';
import type { Bodies } from '../access/bodies.ts';
import { type AppendedBatch, issuerAt, linkAt, openBatch, sequenceFlags, subjectAt } from '../ingest/batch.ts';
import type { VerifyResult } from '../ingest/verify-columns.ts';
import type { Unverified, VerifyPool } from '../ingest/verify-pool.ts';
import type { KeyDirectory } from './keys.ts';
import type { Recorder } from './record.ts';
import type { SequenceTracker } from './sequences.ts';
import type { StreamRegistry } from './streams.ts';

export interface CatchUpOptions {
  readonly log: Log;
  readonly bodies: Bodies;
  readonly keyDirectory: KeyDirectory;
  readonly sequences: SequenceTracker;
  readonly streams: StreamRegistry;
  readonly pool: VerifyPool;
  readonly recorder: Recorder;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

const BATCH = 512;

/**
 * Reads leaves `from` up to the end of the log into key directory, chains, streams and store.
 * @returns how many statements could not be read (their bodies were forgotten)
 */
export async function catchUp(options: CatchUpOptions, from: number): Promise<number> {
  const { log, bodies, recorder, onProgress } = options;
  const total = log.size;
  let unread = 0;
  let batch: (Unverified & { index: number; arrivalMs: number })[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const given = batch;
    batch = [];
    const result = await options.pool.verify(
      given,
      Float64Array.from(given, ({ arrivalMs }) => arrivalMs),
    );
    const sealed = toSealed(
      options,
      given.map(({ index }) => index),
      result,
    );
    unread += result.messages.length;
    recorder.add(sealed);
    if (recorder.isBehind) await recorder.flush();
    onProgress?.((given.at(-1)?.index ?? 0) + 1, total);
  };
  for await (const { index, leaf } of log.range(from, total)) {
    const decoded = decodeLeaf(leaf);
    if (decoded.kind === 'intent') {
      await flush();
      recorder.addIntent(decoded.intent, index);
      continue;
    }
    const disclosure = bodies.read(index);
    batch.push({ statement: decoded.statement, disclosure, index, arrivalMs: decoded.arrivalMs });
    // A key enrolled here must be known to the threads before the next statement is checked.
    const changesKeys = isKeyChange(decoded.statement);
    if (batch.length >= BATCH || changesKeys) await flush();
  }
  await flush();
  await recorder.flush();
  return unread;
}

function isKeyChange(statement: Uint8Array): boolean {
  const { kind } = parseStatement(statement).header;
  return kind === 'enrolment' || kind === 'key-status' || kind === 'network';
}

function toSealed(options: CatchUpOptions, leaves: readonly number[], columns: VerifyResult): AppendedBatch {
  const { keyDirectory, sequences, streams } = options;
  const sealed = openBatch(columns);
  sealed.leaf.set(leaves);
  for (let i = 0; i < columns.count; i++) {
    const subject = subjectAt(columns, i);
    const leaf = leaves[i] as number;
    if (columns.kind[i] === statementKinds.enrolment || columns.kind[i] === statementKinds['key-status'])
      keyDirectory.apply(parseStatement(sealed.statement(i)), leaf);
    const keyOwner = keyDirectory.get(issuerAt(columns, i))?.keyOwner ?? '';
    const link = linkAt(columns, i);
    const verdict = sequences.judge(keyOwner, subject, link);
    const flag = 'flag' in verdict ? verdict.flag : undefined;
    sequences.record(keyOwner, subject, link, leaf, flag);
    sealed.keyOwners[i] = keyOwner;
    sealed.flag[i] = sequenceFlags.indexOf(flag);
    for (let r = columns.readingStart[i] as number; r < (columns.readingStart[i + 1] as number); r++) {
      const name = columns.words[columns.readingName[r] as number] as string;
      const stream = streams.resolve(subject, name, (made) => sealed.newStreams.push(made));
      if (typeof stream !== 'string') sealed.stream[r] = stream.stream;
    }
  }
  return sealed;
}
