// Writes packages/protocol/calendar/zones.json from the IANA time zone database as moment-timezone packs it:
// `node scripts/zones.ts`. Boundaries of months move money, and engines carry different releases: so the table is data.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** From 1990 to 2050: no reading is older, no policy runs longer. */
const FROM_MIN = Date.UTC(1990, 0) / 60_000;
const TO_MIN = Date.UTC(2050, 0) / 60_000;

const source = new URL('../node_modules/moment-timezone/data/packed/latest.json', import.meta.url);
const target = new URL('../packages/protocol/calendar/zones.json', import.meta.url);

/** Their numbers to the base 60, with digits after a point. */
function base60(text: string): number {
  const [whole = '', part = ''] = text.replace('-', '').split('.');
  const digit = (char: string) => '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX'.indexOf(char);
  let value = 0;
  for (const char of whole) value = 60 * value + digit(char);
  let scale = 1;
  for (const char of part) {
    scale /= 60;
    value += scale * digit(char);
  }
  return text.startsWith('-') ? -value : value;
}

/** `[minutes east until the first change, [minute since 1970 of the change, minutes east from it on], …]` */
function unpack(packed: string): { name: string; changes: [number, ...[number, number][]] } {
  const [name = '', , offsets = '', indices = '', untils = ''] = packed.split('|');
  // They count minutes west.
  const east = offsets.split(' ').map((text) => -Math.round(base60(text)) || 0);
  const order = [...indices].map((char) => east[base60(char)] as number);
  let at = 0;
  const times = untils.split(' ').map((text) => {
    at += base60(text);
    return Math.round(at);
  });
  let first = order[0] as number;
  const changes: [number, number][] = [];
  for (let i = 0; i < order.length - 1; i++) {
    const minute = times[i] as number;
    const next = order[i + 1] as number;
    if (minute <= FROM_MIN) first = next;
    else if (minute < TO_MIN && next !== (changes.at(-1)?.[1] ?? first)) changes.push([minute, next]);
  }
  return { name, changes: [first, ...changes] };
}

/** The table as text: each zone on a line of its own, so that a new release shows what it changed. */
export function zonesTable(): string {
  const data = JSON.parse(readFileSync(source, 'utf8')) as { version: string; zones: string[]; links: string[] };
  const zones = new Map<string, string | readonly unknown[]>(
    data.zones.map(unpack).map(({ name, changes }) => [name, changes]),
  );
  // An alias names its zone.
  for (const link of data.links) {
    const [name = '', alias = ''] = link.split('|');
    zones.set(alias, name);
  }
  const lines = [...zones]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, changes]) => `    ${JSON.stringify(name)}: ${JSON.stringify(changes)}`);
  return `{\n  "release": ${JSON.stringify(data.version)},\n  "zones": {\n${lines.join(',\n')}\n  }\n}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, zonesTable());
