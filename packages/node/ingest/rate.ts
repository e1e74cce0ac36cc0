// Token buckets by source, bounded in number. Junk costs more than good statements: a source that sends much of it is
// cut off before its signatures are checked.
const SOURCES_MAX = 10_000;
const JUNK_COST = 100;

interface Bucket {
  tokens: number;
  at: number;
}

export class RateLimiter {
  private readonly buckets = new Map<string, Bucket>();
  private readonly perSecond: number;
  private readonly now: () => number;

  /** @param perSecond statements a source may send each second; a burst may hold as many */
  constructor(perSecond: number, now: () => number) {
    this.perSecond = perSecond;
    this.now = now;
  }

  private bucket(source: string): Bucket {
    const now = this.now();
    let bucket = this.buckets.get(source);
    if (bucket === undefined) {
      if (this.buckets.size >= SOURCES_MAX) this.buckets.delete(this.buckets.keys().next().value as string);
      bucket = { tokens: this.perSecond, at: now };
      this.buckets.set(source, bucket);
    }
    bucket.tokens = Math.min(this.perSecond, bucket.tokens + ((now - bucket.at) / 1000) * this.perSecond);
    bucket.at = now;
    return bucket;
  }

  allows(source: string, count: number): boolean {
    const bucket = this.bucket(source);
    if (bucket.tokens <= 0) return false;
    bucket.tokens -= count;
    return true;
  }

  penalise(source: string): void {
    this.bucket(source).tokens -= JUNK_COST;
  }
}
