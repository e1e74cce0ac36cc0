// The thread that answers one question and ends: it reads the node's own files, as anybody else would.
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { type Change, type DecidingModel, type Domains, replayPeriod, type WhatIf, whatIf } from '@trine/engine';
import { modelHash, TrineError, toHex } from '@trine/protocol';
import { BodyReader } from '../access/bodies.ts';
import { policyHmacOf } from '../access/salts.ts';
import { type LogFolder, readLogFolder } from '../projections/log-folder.ts';
import type { ReplayAnswer, ReplayWork } from './replay.ts';

async function answer({ home, network, domainsModule, question }: ReplayWork): Promise<WhatIf> {
  const { domains } = (await import(domainsModule)) as { domains(home: string): Promise<Domains> };
  const bodies = new BodyReader(join(home, 'bodies'));
  try {
    const folder = await readLogFolder(join(home, 'log', 'public'), { network, bodies, hmac: policyHmacOf(home) });
    const logged = folder.policies.get(question.policy);
    if (logged === undefined)
      throw new TrineError('not-yet', 'This is not in the published log yet: ask again in a moment.');
    const { model, terms, perObligationMax, fromMs, toMs } = question;
    const change: Change = { model: model === undefined ? undefined : modelOf(folder, model), terms, perObligationMax };
    const { policy } = logged;
    return whatIf(await replayPeriod(folder, await domains(home), { policy, logged, fromMs, toMs, change }));
  } finally {
    bodies.close();
  }
}

/** Registered, or named in a policy. @throws TrineError `not-found` where nobody knows it */
function modelOf(folder: LogFolder, hash: string): DecidingModel {
  const known = folder.models.get(hash)?.model.identity;
  const named = folder.policies.all().find(({ policy }) => toHex(modelHash(policy.model)) === hash)?.policy.model;
  const identity = known ?? named;
  if (identity === undefined)
    throw new TrineError('not-found', `No model ${hash.slice(0, 12)}… is registered in this log.`);
  return folder.models.deciding(identity);
}

let result: ReplayAnswer;
try {
  result = { whatIf: await answer(workerData as ReplayWork) };
} catch (error) {
  // A refusal in words is an answer; anything else ends the thread with its error.
  if (!(error instanceof TrineError)) throw error;
  result = { refused: error.message, code: error.code };
}
parentPort?.postMessage(result);
