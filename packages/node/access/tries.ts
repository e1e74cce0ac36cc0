// How often somebody may try something that needs no token: so much at once, and so much more each second.
import { TrineError } from '@trine/protocol';
import type { Timers } from '@trine/system/time.ts';
import { Bucket, remembered } from '../ingest/source.ts';

const RETRY_AFTER_MS = 60_000;

export class Tries {
  readonly #timers: Pick<Timers, 'elapsed'>;
  readonly #most: number;
  readonly #perSecond: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(timers: Pick<Timers, 'elapsed'>, most: number, perSecond: number) {
    this.#timers = timers;
    this.#most = most;
    this.#perSecond = perSecond;
  }

  /**
   * @param whose an address, an account
   * @param words what it did too often, and what to do
   * @throws TrineError `rate-limited`
   */
  charge(whose: string, words: string, count = 1): void {
    const bucket = remembered(
      this.#buckets,
      whose,
      () => new Bucket(this.#most, this.#perSecond, () => this.#timers.elapsed()),
    );
    if (bucket.tokens < 1) throw new TrineError('rate-limited', words, { facts: { retryAfterMs: RETRY_AFTER_MS } });
    bucket.take(count);
  }
}
