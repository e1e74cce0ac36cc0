// What becomes of errors that nobody expected.
//
// They come from the handler of one connection, message or timer that forgot a case, or from what everything rests on.
// Which of the two decides:
//
// | error | what happens |
// |---|---|
// | the log stopped or is damaged; the disk is full, broken or read-only; a thread that checks or stores is lost | the
//   process ends in order, as with Ctrl-C, with status 1: nothing can be sealed, and a supervisor starts it again |
// | every other one | the process goes on: what is sealed is on disk, what was under way gets no acknowledgement and is
//   sent again. Nobody can end a node by finding a case that was forgotten |
//
// Both are written to stderr with their stack, counted, and shown as a problem of the node for ten minutes.

import type { Logger } from 'pino';

/** Unforeseen errors of this process so far. */
export const faults: { count: number; last: { readonly message: string; readonly where: string } | undefined } = {
  count: 0,
  last: undefined,
};

/** Disk errors after which nothing can be written. */
const diskErrors: ReadonlySet<unknown> = new Set(['ENOSPC', 'EIO', 'EROFS', 'EDQUOT']);
const endingErrors: ReadonlySet<string> = new Set(['LogStoppedError', 'LogDamagedError', 'ThreadLostError']);
const CAUSES_MAX = 10;
/** Who can bring one about can bring about many: the others of a minute are counted only. */
const WRITTEN_PER_MINUTE_MAX = 30;
const MINUTE_MS = 60_000;
let minuteBegan = Number.NEGATIVE_INFINITY;
let written = 0;

/** A thread that the node cannot do without is gone. */
export class ThreadLostError extends Error {
  override readonly name = 'ThreadLostError';
}

/** Can the node no longer seal after this? */
export function endsTheNode(error: unknown): boolean {
  let at = error;
  for (let depth = 0; at instanceof Error && depth < CAUSES_MAX; depth++) {
    // Not always text: what a chain would not do has a number.
    const { code } = at as { code?: unknown };
    const isOfWorker = typeof code === 'string' && code.startsWith('ERR_WORKER_');
    if (endingErrors.has(at.name) || diskErrors.has(code) || isOfWorker) return true;
    at = at.cause;
  }
  return false;
}

/** Counts an error that nobody expected and writes it down. @param where it was caught, in words */
export function noteFault(error: unknown, where: string): void {
  faults.count++;
  const message = printable(error instanceof Error ? error.message : String(error));
  faults.last = { message, where };
  if (performance.now() - minuteBegan > MINUTE_MS) {
    minuteBegan = performance.now();
    written = 0;
  }
  if (++written > WRITTEN_PER_MINUTE_MAX) return;
  const stack = error instanceof Error ? printable(error.stack ?? message) : message;
  process.stderr.write(`trine: unforeseen (${where}): ${stack}\n`);
}

/** Messages may quote what a stranger sent. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '?');
}

export interface LastResort {
  /** Shows it as a problem of the node. */
  readonly report: (message: string) => void;
  /** Ends the node in order, with status 1. Called once. */
  readonly end: (why: string) => void;
}

/**
 * Takes over errors that nothing caught.
 * @returns gives them back to the runtime
 */
export function installLastResort({ report, end }: LastResort): () => void {
  let ending = false;
  const take = (error: unknown, where: string) => {
    try {
      noteFault(error, where);
      const { message } = faults.last as NonNullable<typeof faults.last>;
      report(`Unforeseen: ${message}`);
      if (ending || !endsTheNode(error)) return;
      ending = true;
      end(`Nothing can be sealed any more (${message})`);
    } catch {
      // Neither writing nor ending may be what ends it.
    }
  };
  const onException = (error: unknown) => take(error, 'uncaught exception');
  const onRejection = (error: unknown) => take(error, 'unhandled rejection');
  process.on('uncaughtException', onException);
  process.on('unhandledRejection', onRejection);
  return () => {
    process.off('uncaughtException', onException);
    process.off('unhandledRejection', onRejection);
  };
}

/** Ends the process the way Ctrl-C does, so that what is open is closed. */
export function endProcess(logger: Logger, error: Error, what: string): void {
  logger.fatal({ err: error.message }, what);
  process.exitCode = 1;
  process.kill(process.pid, 'SIGTERM');
}
