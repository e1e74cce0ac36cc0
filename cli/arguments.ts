// Times, durations and settings as people write them on a command line.
import { timeReader } from './import/times.ts';
import { CommandError } from './output.ts';

const read = timeReader('iso', 'UTC');

/** @example readTime('2026-01-31T12:00Z') // milliseconds since 1970 @throws CommandError */
export function readTime(text: string): number {
  const ms = read(text);
  if (Number.isNaN(ms)) throw new CommandError(`${text} is no time: write 2026-01-31 or 2026-01-31T12:00Z.`);
  return ms;
}

const units: Readonly<Record<string, number>> = { s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** @example readDuration('15min') // 900000 @throws CommandError */
export function readDuration(text: string): number {
  const [, number, unit] = /^(\d+)(s|min|h|d)$/.exec(text) ?? [];
  const ms = Number(number) * (units[unit ?? ''] ?? Number.NaN);
  if (!(ms >= 1_000)) throw new CommandError(`${text} is no duration: write 30s, 15min, 1h or 1d.`);
  return ms;
}
