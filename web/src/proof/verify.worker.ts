// Verifies evidence in a thread of its own, so that the page stays responsive.
import { encodeNetwork, parseNetwork, sha256, toHex } from '@trine/protocol';
import { serviceLevel } from '@trine/service-level/index.ts';
import { checkFile } from './check.ts';
import type { NetworkFacts, WorkerAnswer, WorkerQuestion } from './verifier.ts';

const domains = [serviceLevel(SERVICE_LEVEL_MODEL)];

function answer(question: WorkerQuestion): WorkerAnswer {
  if (question.ask === 'network') return { network: describeNetwork(question.json) };
  const network = question.network === undefined ? undefined : parseNetwork(question.network);
  const startMs = performance.now();
  const report = checkFile(question.file, network, domains);
  return { report, tookMs: performance.now() - startMs };
}

function describeNetwork(json: string): NetworkFacts {
  const document = parseNetwork(json);
  return {
    id: document.id,
    name: document.name,
    founded: document.founded,
    members: document.members.map(({ name }) => name),
    fingerprint: toHex(sha256(encodeNetwork(document))),
    practice: document.chain.kind === 'practice',
  };
}

self.onmessage = ({ data }: MessageEvent<{ id: number; question: WorkerQuestion }>) => {
  try {
    self.postMessage({ id: data.id, ...answer(data.question) });
  } catch (error) {
    self.postMessage({ id: data.id, error: (error as Error).message });
  }
};
