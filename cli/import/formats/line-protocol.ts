// InfluxDB line protocol, as `influx write` takes it and `influxd inspect export-lp` and telegraf write it.
import { isUnended, itemsOfPoint, parsePoint } from '@trine/mapping/formats/line-protocol.ts';
import { type ReadTime, type RecordItem, timeReader } from '@trine/mapping/formats/record.ts';
import type { Format } from './format.ts';
import { linesOf } from './lines.ts';

/** Of the lines that are looked at, this share must be points. */
const SHARE_MIN = 0.9;
/** A text in quotes may go over so many lines. */
const JOINED_LINES_MAX = 16;
/** Lines of exports that say where the points belong. */
const PREAMBLE = /^\s*(?:#|$|CREATE (?:DATABASE|RETENTION POLICY)\b)/i;

export const lineProtocol: Format = {
  name: 'InfluxDB line protocol',
  place: 'line',
  recognises({ text, isWhole }) {
    const lines = text.split(/\r?\n/).filter((line) => !PREAMBLE.test(line));
    // The last may be cut in two.
    if (!isWhole) lines.pop();
    const points = lines.filter((line) => typeof parsePoint(line) !== 'string').length;
    return points > 0 && points >= lines.length * SHARE_MIN;
  },
  async *read(file, rules): AsyncGenerator<RecordItem> {
    const readTime = timeReader(rules);
    let place = 0;
    const begun: string[] = [];
    for await (const line of linesOf(file)) {
      place++;
      if (begun.length === 0 && PREAMBLE.test(line)) continue;
      begun.push(line);
      if (begun.length < JOINED_LINES_MAX && isUnended(parsePoint(begun.join('\n')))) continue;
      yield* pointsIn(begun, place - begun.length + 1, readTime);
      begun.length = 0;
    }
    yield* pointsIn(begun, place - begun.length + 1, readTime);
  },
};

/** Points in lines of which the first may go on in the next ones; where it never ends it alone is lost. */
function* pointsIn(lines: readonly string[], place: number, readTime: ReadTime): Generator<RecordItem> {
  const whole = parsePoint(lines.join('\n'));
  if (typeof whole !== 'string') return yield* itemsOfPoint(whole, place, readTime);
  for (const [i, line] of lines.entries()) {
    if (PREAMBLE.test(line)) continue;
    const point = parsePoint(line);
    if (typeof point !== 'string') yield* itemsOfPoint(point, place + i, readTime);
    else yield { why: `line that ${point}`, text: line.slice(0, 40), place: place + i, isLoss: true };
  }
}
