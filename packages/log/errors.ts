/** The log has more in hand than it may: nothing of the call was taken. Wait and repeat it. */
export class PushBackError extends Error {
  override readonly name = 'PushBackError';
  /** How long to wait before trying again, milliseconds. An HTTP server answers 503 with Retry-After. */
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super(`log: too much is waiting to become durable; repeat the same call in ${retryAfterMs} ms`);
    this.retryAfterMs = retryAfterMs;
  }
}

/** What is on disk contradicts itself or what was signed. Nothing is served; restore from a mirror or a backup. */
export class LogDamagedError extends Error {
  override readonly name = 'LogDamagedError';

  constructor(file: string, fact: string) {
    super(
      `log: ${file}: ${fact}. Nothing was changed. Run fsck on the public files; restore from a mirror or a backup.`,
    );
  }
}

/** Another process has the log open. */
export class LogLockedError extends Error {
  override readonly name = 'LogLockedError';

  constructor(directory: string) {
    super(`log: ${directory} is open in another process. Stop that process, or give this one a directory of its own.`);
  }
}

/** The log was closed, or stopped after a failed write. Open it again; what was acknowledged is there. */
export class LogStoppedError extends Error {
  override readonly name = 'LogStoppedError';
}
