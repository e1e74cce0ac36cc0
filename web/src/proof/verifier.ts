// The page's side of the verifier's thread.
import type { Report } from '@trine/protocol';
import { startWorker } from './worker.ts';

export type { Report };

/** What people are shown of a network document. */
export interface NetworkFacts {
  readonly id: string;
  readonly name: string;
  readonly founded: string;
  readonly members: readonly string[];
  /** SHA-256 of the canonical document, hex: what two people compare to be sure they trust the same. */
  readonly fingerprint: string;
  readonly practice: boolean;
}

export type WorkerQuestion =
  | { readonly ask: 'verify'; readonly file: Uint8Array; readonly network: string | undefined }
  | { readonly ask: 'network'; readonly json: string }
  | { readonly ask: 'domain'; readonly json: string };

export interface WorkerAnswer {
  readonly report?: Report;
  readonly tookMs?: number;
  readonly network?: NetworkFacts;
  /** Title of the domain that was taken. */
  readonly domain?: string;
  readonly error?: string;
}

/** A report and how long it took. */
export interface Verified {
  readonly report: Report;
  readonly tookMs: number;
}

let worker: Worker | undefined;
let lastId = 0;
const waiting = new Map<number, (answer: WorkerAnswer) => void>();

function ask(question: WorkerQuestion): Promise<WorkerAnswer> {
  if (worker === undefined) {
    worker = startWorker();
    worker.onmessage = ({ data }: MessageEvent<WorkerAnswer & { id: number }>) => {
      waiting.get(data.id)?.(data);
      waiting.delete(data.id);
    };
    worker.onerror = () => {
      for (const resolve of waiting.values()) resolve({ error: 'The verifier could not be started. Reload the page.' });
      waiting.clear();
    };
  }
  const id = ++lastId;
  return new Promise((resolve) => {
    waiting.set(id, resolve);
    worker?.postMessage({ id, question });
  });
}

/**
 * Verifies an evidence file in this browser.
 *
 * @param file its bytes
 * @param network JSON of the network document that is trusted; undefined when none is
 * @throws Error when the network document cannot be read
 */
export async function verify(file: Uint8Array, network: string | undefined): Promise<Verified> {
  const { report, tookMs, error } = await ask({ ask: 'verify', file, network });
  if (!report || tookMs === undefined) throw new Error(error);
  return { report, tookMs };
}

/** @param json of a network document @throws Error when it is none */
export async function readNetwork(json: string): Promise<NetworkFacts> {
  const { network, error } = await ask({ ask: 'network', json });
  if (!network) throw new Error(error);
  return network;
}

/** Takes the file of a domain: decisions by its bundle are computed again. @returns its title @throws Error when it is none */
export async function bringDomain(json: string): Promise<string> {
  const { domain, error } = await ask({ ask: 'domain', json });
  if (!domain) throw new Error(error);
  return domain;
}
