// How commands speak: results on stdout, words about progress and errors on stderr. With --json, stdout holds one
// JSON document and nothing else.
import { TrineError } from '@trine/protocol';
import { type Command, InvalidArgumentError } from 'commander';

/** Every command ends with one of these; `trine COMMAND --help` says what they mean there. */
export const exitStatus = {
  ok: 0,
  /** What was asked was done, and the answer is no: broken, refused, different. */
  failed: 1,
  /** It could not be tried: wrong usage, unreadable input, no node. */
  unusable: 2,
  /** Evidence that is consistent, but was held against no network document. */
  unpinned: 3,
  /** It could not be done now: the same command may succeed later (EX_TEMPFAIL of sysexits.h). */
  later: 75,
} as const;

/** An error a user can do something about: its message says what. */
export class CommandError extends TrineError {
  override readonly name = 'CommandError';
  readonly exitStatus: number;
  constructor(message: string, status: number = exitStatus.unusable) {
    super('invalid', message);
    this.exitStatus = status;
  }
}

/** HTTP statuses that say: it was tried, and the answer is no. */
const ANSWERED_NO: readonly number[] = [403, 404, 409, 410, 422];

/** What a command ends with: its own word, or what the error's code says. */
function exitStatusOf(error: unknown): number {
  if (error instanceof CommandError) return error.exitStatus;
  if (!(error instanceof TrineError)) return exitStatus.unusable;
  if (ANSWERED_NO.includes(error.status)) return exitStatus.failed;
  return error.retry === 'later' ? exitStatus.later : exitStatus.unusable;
}

/** Errors of the program rather than of its use keep their trace for the report. */
const programErrors = ['TypeError', 'ReferenceError', 'SyntaxError'];

/** Prints the error in words and ends. */
export function failWith(error: unknown): never {
  const known = error instanceof Error && !programErrors.includes(error.name);
  process.stderr.write(`${known ? `trine: ${(error as Error).message}` : String((error as Error)?.stack ?? error)}\n`);
  process.exit(exitStatusOf(error));
}

/**
 * Runs a command's work: its errors become words and an exit status.
 * @param work returns the exit status, or nothing for 0
 */
export function action<A extends unknown[]>(
  work: (...given: A) => Promise<number | undefined>,
): (...given: A) => Promise<void> {
  return async (...given) => {
    try {
      process.exitCode = (await work(...given)) ?? exitStatus.ok;
    } catch (error) {
      failWith(error);
    }
  };
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2));
}

/** Columns of equal width, two spaces apart. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] as number))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Examples below the options of `--help`. */
export function examples(command: Command, text: string): Command {
  return command.addHelpText('after', `\n${text.replace(/^\n/, '').trimEnd()}`);
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('Expected a whole number.');
  return value;
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < 1e9)) throw new InvalidArgumentError('Expected a number above 0.');
  return value;
}
