// InfluxDB line protocol, as `influx write` takes it and `influxd inspect export-lp` and telegraf write it.
import { isUnended, itemsOfPoint, parsePoint } from '@trine/mapping/formats/line-protocol.ts';
import { type RecordItem, timeReader } from '@trine/mapping/formats/record.ts';
import type { Format } from './format.ts';
import { linesOf } from './lines.ts';

/** Of the lines that are looked at, this share must be points. */
const SHARE_MIN = 0.9;
/** A text in quotes may go over several lines, up to here. */
const JOINED_CHARS_MAX = 65_536;
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
    let [place, begun] = [0, ''];
    for await (const line of linesOf(file)) {
      place++;
      if (begun === '' && PREAMBLE.test(line)) continue;
      const whole = begun === '' ? line : `${begun}\n${line}`;
      const point = parsePoint(whole);
      if (isUnended(point) && whole.length < JOINED_CHARS_MAX) {
        begun = whole;
        continue;
      }
      begun = '';
      if (typeof point === 'string') yield { why: `line that ${point}`, text: whole.slice(0, 40), place, isLoss: true };
      else yield* itemsOfPoint(point, place, readTime);
    }
    if (begun !== '') yield { why: 'text in quotes that does not end', text: begun.slice(0, 40), place, isLoss: true };
  },
};
