// The thread that answers one question and ends: it reads the node's own files, as anybody else would.
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { Domain } from '@trine/engine/domain.ts';
import type { DecidingModel } from '@trine/engine/evaluate.ts';
import { type Change, replayPeriod, subjectsOf } from '@trine/engine/period.ts';
import { type WhatIf, whatIf } from '@trine/engine/what-if.ts';
import { modelHash, TrineError, toHex } from '@trine/protocol';
import { BodyReader } from '../access/bodies.ts';
import { type LogFolder, readLogFolder } from '../projections/log-folder.ts';
import type { ReplayAnswer, ReplayWork } from './replay.ts';

async function answer({ home, network, domainsModule, question }: ReplayWork): Promise<WhatIf> {
  const { domains } = (await import(domainsModule)) as { domains(): Domain[] };
  const folder = await readLogFolder(join(home, 'log', 'public'), { network });
  const policy = folder.policies.get(question.policy);
  if (policy === undefined)
    throw new TrineError('not-yet', 'This is not in the published log yet: ask again in a moment.');
  const { terms, hash, id } = policy;
  const domain = domains().find(({ name }) => name === terms.domain);
  if (domain === undefined) throw new TrineError('unsupported', `The domain ${terms.domain} is not installed here.`);
  const model = question.model === undefined ? undefined : modelOf(folder, question.model);
  const { rule, perObligationMax } = question;
  const change: Change = {
    ...(model && { model }),
    ...(rule && { rule }),
    ...(perObligationMax !== undefined && { perObligationMax }),
  };
  const bodies = new BodyReader(join(home, 'bodies'));
  try {
    const packs = await folder.packs(subjectsOf(terms), bodies);
    const { fromMs, toMs } = question;
    const period = await replayPeriod(folder, domain, packs, { terms, hash, id, fromMs, toMs, change });
    return whatIf(period, Object.keys(change).length > 0);
  } finally {
    bodies.close();
  }
}

/** Registered, or named in the terms of an agreement. @throws TrineError `not-found` where nobody knows it */
function modelOf(folder: LogFolder, hash: string): DecidingModel {
  const known = folder.models.get(hash)?.model.identity;
  const named = folder.policies.all().find(({ terms }) => toHex(modelHash(terms.model)) === hash)?.terms.model;
  const identity = known ?? named;
  if (identity === undefined)
    throw new TrineError('not-found', `No model ${hash.slice(0, 12)}… is registered in this log.`);
  return folder.models.deciding(identity);
}

let result: ReplayAnswer;
try {
  result = { whatIf: await answer(workerData as ReplayWork) };
} catch (error) {
  // A refusal in words is an answer; anything else ends the thread with its error. What computes refuses by RangeError.
  if (error instanceof TrineError) result = { refused: error.message, code: error.code };
  else if (error instanceof RangeError) result = { refused: error.message, code: 'invalid' };
  else throw error;
}
parentPort?.postMessage(result);
