// How commands speak: words for people, JSON for machines, errors that say what to do.
import { InvalidArgumentError } from 'commander';

/** Prints the error in words and ends with status 2; a program error keeps its trace for the report. */
export function failWith(error: unknown): never {
  const known = error instanceof Error && error.name !== 'TypeError' && error.name !== 'ReferenceError';
  process.stderr.write(`${known ? `trine: ${(error as Error).message}` : String((error as Error)?.stack ?? error)}\n`);
  process.exit(2);
}

export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('Expected a whole number.');
  return value;
}
