// Times, durations and settings as people write them on a command line.
import { TimeReader } from '@trine/mapping/times/reader.ts';
import { zones } from '@trine/protocol/calendar/zones.ts';
import { CommandError } from './output.ts';

const reader = new TimeReader({ kind: 'iso', zone: 'UTC' }, zones);

/** @example readTime('2026-01-31T12:00Z') // milliseconds since 1970 @throws CommandError */
export function readTime(text: string): number {
  const found = reader.read(text);
  if (found.kind !== 'time') throw new CommandError(`${text} is no time: write 2026-01-31 or 2026-01-31T12:00Z.`);
  return found.ms;
}

const units: Readonly<Record<string, number>> = { s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** @example readDuration('15min') // 900000 @throws CommandError */
export function readDuration(text: string): number {
  const [, number, unit] = /^(\d+)(s|min|h|d)$/.exec(text) ?? [];
  const ms = Number(number) * (units[unit ?? ''] ?? Number.NaN);
  if (!(ms >= 1_000)) throw new CommandError(`${text} is no duration: write 30s, 15min, 1h or 1d.`);
  return ms;
}
