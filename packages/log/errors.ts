// What the log says when it takes or gives nothing, in the one family of errors.
import { TrineError } from '@trine/protocol';

/** The log has more in hand than it may: nothing of the call was taken. Wait and repeat it. */
export class PushBackError extends TrineError {
  override readonly name = 'PushBackError';
  /** How long to wait before trying again, milliseconds. An HTTP server answers 503 with Retry-After. */
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('overloaded', `The log has too much waiting to become durable: repeat the same call in ${retryAfterMs} ms.`, {
      facts: { retryAfterMs },
    });
    this.retryAfterMs = retryAfterMs;
  }
}

/** What is on disk contradicts itself or what was signed. Nothing is served; restore from a mirror or a backup. */
export class LogDamagedError extends TrineError {
  override readonly name = 'LogDamagedError';

  constructor(file: string, fact: string) {
    super(
      'damaged',
      `The log's ${file}: ${fact}. Nothing was changed. Run fsck on the public files; restore from a mirror or a backup.`,
    );
  }
}

/** Another process has the log open. */
export class LogLockedError extends TrineError {
  override readonly name = 'LogLockedError';

  constructor(directory: string) {
    super(
      'in-use',
      `The log in ${directory} is open in another process. Stop that process, or give this one a directory of its own.`,
    );
  }
}

/** The log was closed, or stopped after a failed write. Open it again; what was acknowledged is there. */
export class LogStoppedError extends TrineError {
  override readonly name = 'LogStoppedError';

  constructor(message: string, cause?: unknown) {
    super('stopped', message, { cause });
  }
}
