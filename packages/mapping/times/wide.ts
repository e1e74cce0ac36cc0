// Tables with a day in each row: their headings are clocks, or number the parts of the day.
import { partsOfDay } from './cells.ts';
import type { Slots } from './row-times.ts';

/** Columns that are parts of a day, and how they make times of the date in their row. */
export interface WideDay {
  readonly columns: readonly { readonly position: number; readonly slot: string }[];
  readonly slots: Slots;
}

/** `00:30`, `kWh 0:30`, `H0030`, `00:00-00:30`, `00:00 to 00:30 (kWh)`. */
const CLOCK =
  /^\D*?(\d{1,2})[:.h]?([0-5]\d)(?::00)?(?:\s*(?:[-\u2013]|to|bis)\s*(\d{1,2})[:.h]?([0-5]\d)(?::00)?)?\D*$/;
/** `1`, `HH01`, `Hour 1`, `SP48`. */
const NUMBER = /^(.*?)(\d{1,3})$/;
/** Before such numbers: nothing, or a word for an hour, a period or a slot. Lots and sensors are numbered, too. */
const PART =
  /^(?:h{1,2}|he|hr|hours?|hora|heure|uur|stunde|std|k|p|q|sp|(?:settlement )?period|interval|slot|half ?hour|kwh)?[\s_.-]*$/i;
const DAY_MINUTES = 1440;
const COLUMNS_MIN = 12;

/**
 * @param at parts are dated at their start, unless this says their end; a heading that names one clock means that
 * @returns undefined where the headings are no parts of a day
 * @example wideDay(['Date', '00:00', '00:30', …, '23:30'])?.slots.minutes // 30
 */
export function wideDay(headings: readonly string[], at: Slots['at'] = 'start'): WideDay | undefined {
  return clocks(headings, at) ?? numbers(headings, at);
}

function clocks(headings: readonly string[], at: Slots['at']): WideDay | undefined {
  const found = headings.flatMap((heading, position) => {
    const clock = CLOCK.exec(heading.trim());
    return clock
      ? [{ position, minute: Number(clock[1]) * 60 + Number(clock[2]), isSpan: clock[3] !== undefined }]
      : [];
  });
  const [first, second] = found;
  if (first === undefined || second === undefined || found.length < COLUMNS_MIN) return undefined;
  const minutes = second.minute - first.minute;
  const isWhole = minutes > 0 && found.length * minutes === DAY_MINUTES && [0, minutes].includes(first.minute);
  // The last may be 24:00 or 00:00.
  const runsOn = found.every(({ minute }, i) => (first.minute + i * minutes - minute) % DAY_MINUTES === 0);
  if (!isWhole || !runsOn) return undefined;
  const isSpan = found.every((one) => one.isSpan);
  const ends = isSpan ? at === 'end' : first.minute > 0;
  return {
    columns: found.map(({ position }, i) => ({ position, slot: String(i) })),
    slots: { kind: 'slots', minutes, first: 0, counts: 'clock', at: ends ? 'end' : 'start' },
  };
}

function numbers(headings: readonly string[], at: Slots['at']): WideDay | undefined {
  const groups = new Map<string, { position: number; number: number }[]>();
  for (const [position, heading] of headings.entries()) {
    const found = NUMBER.exec(heading.trim());
    if (found === null || !PART.test(found[1] as string)) continue;
    const name = (found[1] as string).toLowerCase();
    groups.set(name, [...(groups.get(name) ?? []), { position, number: Number(found[2]) }]);
  }
  for (const group of groups.values()) {
    const first = group[0]?.number;
    const part = partsOfDay(group.length);
    if (part === undefined || (first !== 0 && first !== 1)) continue;
    if (!group.every(({ number }, i) => number === first + i)) continue;
    return {
      columns: group.map(({ position, number }) => ({ position, slot: String(number) })),
      slots: { kind: 'slots', minutes: part.minutes, first, counts: part.isLong ? 'elapsed' : 'clock', at },
    };
  }
  return undefined;
}
