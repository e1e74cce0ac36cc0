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
  /** Evidence that holds, and whose decision was not computed again. */
  unreplayed: 4,
  /** Evidence of a payment that holds; for the blocks of the chain there is the word of members alone. */
  membersWord: 5,
  /** Evidence of another network than the one given, or under another version of its document. */
  anotherNetwork: 6,
  anotherBranch: 7,
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

/** What a command ends with that had to begin first: there is no answer yet that could be no. */
export function notBegun(error: unknown): number {
  const status = exitStatusOf(error);
  return status === exitStatus.failed ? exitStatus.unusable : status;
}

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
export function failWith(error: unknown, status: number = exitStatusOf(error)): never {
  const known = error instanceof Error && !programErrors.includes(error.name);
  const text = known ? `trine: ${(error as Error).message}` : String((error as Error)?.stack ?? error);
  // A text of several lines is set in: none of them can pass for one of ours.
  say(text.split('\n').map((line, i) => (i === 0 ? line : `  ${line.trimStart()}`)));
  process.exit(status);
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

// What a terminal obeys: C0, DEL, C1; and what reorders or breaks lines where it is shown (Unicode UAX #9, UAX #14).
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
const OBEYED = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * A text from a file, a node or a log as it may be shown: what a terminal would obey is spelled out.
 * @example visible('\u001b[2JTRUSTED') // '\\x1b[2JTRUSTED'
 */
export function visible(text: string): string {
  return text.replace(OBEYED, (char) => {
    const code = char.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}

/** Rows set in columns. */
export class Table {
  readonly lines: readonly string[];
  constructor(lines: readonly string[]) {
    this.lines = lines;
  }
}

/** A line, however many line breaks somebody wrote into it; a table; or several of both. */
export type Output = string | Table | readonly (string | Table)[];

function text(output: Output): string {
  const parts = typeof output === 'string' || output instanceof Table ? [output] : output;
  return parts
    .flatMap((part) => (typeof part === 'string' ? [part] : part.lines))
    .map((line) => `${visible(line)}\n`)
    .join('');
}

/** Words about progress, for people. */
export function say(output: Output): void {
  process.stderr.write(text(output));
}

/** A result. */
export function print(output: Output): void {
  process.stdout.write(text(output));
}

export function printJson(value: unknown): void {
  const json = JSON.stringify(value, undefined, 2);
  // JSON escapes C0 itself; the rest is escaped in its way, so that it reads the same.
  process.stdout.write(
    `${json.replace(OBEYED, (char) => (char === '\n' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`))}\n`,
  );
}

/** One JSON document on one line, of several that come one after the other. */
export function printJsonLine(value: unknown): void {
  print(JSON.stringify(value));
}

/** A file, for a pipe. */
export function printBytes(bytes: Uint8Array): undefined {
  process.stdout.write(bytes);
}

const CLEAR_LINE = '\r\u001b[K';

/** How something goes: one line that the next one replaces on a terminal, a line of its own elsewhere. */
export function showProgress(line: string, isLast = false): void {
  if (!process.stderr.isTTY) {
    say(`  ${line}`);
    return;
  }
  const width = (process.stderr.columns ?? 100) - 3;
  process.stderr.write(`${CLEAR_LINE}  ${visible(line).slice(0, width)}${isLast ? '\n' : ''}`);
}

/** Takes the line of {@link showProgress} away. */
export function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write(CLEAR_LINE);
}

/** Columns of equal width, two spaces apart. */
export function table(rows: readonly (readonly string[])[]): Table {
  const shown = rows.map((row) => row.map(visible));
  const widths: number[] = [];
  for (const row of shown)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  return new Table(
    shown.map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] as number))
        .join('  ')
        .trimEnd(),
    ),
  );
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
