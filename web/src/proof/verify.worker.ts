// Verifies evidence in a thread of its own, so that the page stays responsive.
import { encodeNetwork, parseNetwork, sha256, toHex } from '@trine/protocol';
import { bringDomain, domainsForFile } from './bundles.ts';
import { checkFile } from './check.ts';
import type { NetworkFacts, WorkerAnswer, WorkerQuestion } from './verifier.ts';

async function answer(question: WorkerQuestion): Promise<WorkerAnswer> {
  if (question.ask === 'network') return { network: describeNetwork(question.json) };
  if (question.ask === 'domain') return { domain: bringDomain(question.json).title };
  const network = question.network === undefined ? undefined : parseNetwork(question.network);
  const startMs = performance.now();
  const report = await checkFile(question.file, network, domainsForFile());
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

self.onmessage = async ({ data: { id, question } }: MessageEvent<{ id: number; question: WorkerQuestion }>) => {
  try {
    self.postMessage({ id, ...(await answer(question)) });
  } catch (error) {
    self.postMessage({ id, error: (error as Error).message });
  }
};
