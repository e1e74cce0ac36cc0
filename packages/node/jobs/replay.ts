// Asks what would have been decided, in a thread of its own, one question at a time: advice for people, appended nowhere.
import { Worker } from 'node:worker_threads';
import type { WhatIf, WhatIfQuestion } from '@trine/engine';
import { type ErrorCode, type NetworkDocument, TrineError } from '@trine/protocol';

/** What the thread is given. */
export interface ReplayWork {
  /** Data folder of the node. */
  readonly home: string;
  readonly network: NetworkDocument;
  /** Address of the module that exports `domains(): Promise<Domains>`. */
  readonly domainsModule: string;
  readonly question: WhatIfQuestion;
}

export type ReplayAnswer = { readonly whatIf: WhatIf } | { readonly refused: string; readonly code: ErrorCode };

/** It cannot be answered now, or not here: the message says what to do. */
export class ReplayError extends TrineError {
  override readonly name = 'ReplayError';
}

const WAIT_MS = 120_000;

export class ReplayJobs {
  readonly #work: Omit<ReplayWork, 'question' | 'domainsModule'>;
  readonly #domainsModule: URL | undefined;
  readonly #waitMs: number;
  #busy = false;

  /** @param domainsModule undefined: nothing can be decided again here */
  constructor(
    work: Omit<ReplayWork, 'question' | 'domainsModule'>,
    domainsModule: URL | undefined,
    waitMs: number = WAIT_MS,
  ) {
    this.#work = work;
    this.#domainsModule = domainsModule;
    this.#waitMs = waitMs;
  }

  /** @throws ReplayError where another question is being answered, it takes too long, or it makes no sense */
  async ask(question: WhatIfQuestion): Promise<WhatIf> {
    if (this.#domainsModule === undefined)
      throw new ReplayError(
        'unsupported',
        'This node was started without the module of its domains, which a replay needs: use trine replay instead.',
      );
    if (this.#busy) throw new ReplayError('busy', 'Another question is being computed: ask again in a moment.');
    this.#busy = true;
    try {
      const answer = await this.#inThread({ ...this.#work, domainsModule: this.#domainsModule.href, question });
      if ('refused' in answer) throw new ReplayError(answer.code, answer.refused);
      return answer.whatIf;
    } finally {
      this.#busy = false;
    }
  }

  async #inThread(work: ReplayWork): Promise<ReplayAnswer> {
    const worker = new Worker(new URL('./replay-worker.ts', import.meta.url), { workerData: work });
    const timer = setTimeout(() => void worker.terminate(), this.#waitMs);
    try {
      return await new Promise<ReplayAnswer>((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', ({ message }) =>
          reject(new ReplayError('internal', `This could not be computed: ${message}`)),
        );
        worker.once('exit', () =>
          reject(
            new ReplayError(
              'timed-out',
              `Not computed within ${this.#waitMs / 1_000} s: the log is long. The command trine replay has no such limit.`,
            ),
          ),
        );
      });
    } finally {
      clearTimeout(timer);
    }
  }
}
