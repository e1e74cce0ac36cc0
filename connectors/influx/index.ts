// What writes to InfluxDB, such as Telegraf: line protocol by HTTP. A series (measurement and tags) is a thing.
// https://docs.influxdata.com/influxdb/v2/write-data/developer-tools/api/
import type { Connector, FoundThing } from '@trine/mapping/connector.ts';
import { proposeFields, valueMembers } from '@trine/mapping/fields.ts';
import { parsePoint, pointsIn, thingOf } from '@trine/mapping/formats/line-protocol.ts';
import { MappingError } from '@trine/mapping/message/error.ts';
import { textMessage } from '@trine/mapping/message/message.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import { escapeName } from '@trine/mapping/names.ts';
import { toUtf8 } from '@trine/protocol';
import { z } from 'zod';

const settings = z.strictObject({});
const WRITE = /^(?:api\/v[12]\/)?write$/;
const SERIES_MAX = 10_000;
const NAME_CHARS_MAX = 120;

/** One level, whatever stands in it. */
const topicOf = (levels: readonly string[]): string => `influx/${levels.map(encodeURIComponent).join(',')}`;

/** A slash in a name separates nothing; what is too long ends with a hash. */
function subjectOf(levels: readonly string[]): string {
  const name = levels.map((level) => escapeName(level, { isInside: true, charsMax: 1_000 })).join('/');
  const isLong = name.length > NAME_CHARS_MAX;
  return `influx/${isLong ? escapeName(name, { isInside: true, keepsSlashes: true, charsMax: NAME_CHARS_MAX }) : name}`;
}

function thingOfSeries(topic: string, points: readonly unknown[]): FoundThing | undefined {
  const [first] = points as { measurement: string; tags: Record<string, string> }[];
  if (first === undefined) return undefined;
  const levels = thingOf(first.measurement, Object.entries(first.tags));
  const values: Record<string, unknown> = {};
  for (const { fields } of points as { fields: object }[]) Object.assign(values, fields);
  const { fields, ...named } = proposeFields(valueMembers(values, 'fields'));
  if (fields.length === 0) return undefined;
  const mapping: Mapping = {
    ...{ topic, format: 'line-protocol', each: '*' },
    subject: subjectOf(levels),
    ...{ unit: '', time: 'time', fields: [...fields] },
  };
  return {
    ...{ id: levels.join(','), name: levels.join(' '), kind: first.measurement, mappings: [mapping] },
    ...named,
  };
}

export const influx: Connector = {
  manifest: {
    name: 'influx',
    title: 'InfluxDB writers',
    about: 'Telegraf and whatever else writes line protocol to InfluxDB.',
    ways: ['http'],
    triedAgainst: 'line protocol in the shape of its documentation',
    example: { path: '/api/v2/write', body: 'weather,station=example temperature=21.5' },
  },
  settings,
  start: () => ({
    filters: [],
    discover(message) {
      const thing = thingOfSeries(message.topic, pointsIn(textMessage(message)));
      return { found: thing ? [thing] : [] };
    },
    messages({ path, body }) {
      if (!WRITE.test(path))
        throw new MappingError('Points are posted to …/api/v2/write or …/write; queries are not answered.');
      const series = new Map<string, string[]>();
      for (const line of textMessage({ topic: 'write', payload: body }).split('\n')) {
        if (line.trim() === '' || line.startsWith('#')) continue;
        const point = parsePoint(line.replace(/\r$/, ''));
        if (typeof point === 'string') throw new MappingError(`The line "${line.slice(0, 60)}" ${point}.`);
        const topic = topicOf(thingOf(point.measurement, point.tags));
        if (!series.has(topic) && series.size >= SERIES_MAX)
          throw new MappingError(`There are more than ${SERIES_MAX} series in one request: send several.`);
        series.set(topic, [...(series.get(topic) ?? []), line]);
      }
      // Each series as its lines stand there: so one thing's messages hold nothing of another.
      const messages = [...series].map(([topic, lines]) => ({ topic, payload: toUtf8(lines.join('\n')) }));
      return { messages, answer: { status: 204 } };
    },
  }),
};
