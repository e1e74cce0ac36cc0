// OGC SensorThings: observations of datastreams by MQTT, as FROST and others publish them, or posted with their datastream.
// OGC 18-088 §14 (MQTT); what is posted is an Observation, expanded or not.
import type { Connector, FoundThing } from '@trine/mapping/connector.ts';
import { proposeFields } from '@trine/mapping/fields.ts';
import { MappingError } from '@trine/mapping/message/error.ts';
import { jsonMessage } from '@trine/mapping/message/message.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import { escapeName } from '@trine/mapping/names.ts';
import { z } from 'zod';

const settings = z.strictObject({
  prefixes: z
    .array(z.string().regex(/^[^+#\s]*[^+#\s/]$/))
    .min(1)
    .max(20)
    .default(['v1.0', 'v1.1'])
    .describe('Levels before `Datastreams(…)` in its topics; those without any are heard, too.'),
});
type Settings = z.infer<typeof settings>;

const id = z.union([z.string().min(1).max(128), z.number()]);
const named = z.looseObject({ '@iot.id': id.optional(), name: z.string().max(256).optional() });
const observation = z.looseObject({
  result: z.unknown().optional(),
  Datastream: named
    .extend({
      unitOfMeasurement: z
        .looseObject({ symbol: z.string().max(64).nullish(), name: z.string().max(256).nullish() })
        .nullish(),
      ObservedProperty: named.optional(),
      Thing: named.optional(),
    })
    .optional(),
});
type Observation = z.infer<typeof observation>;

const DATASTREAM = /^(.*\/)?Datastreams\(('?)([^()']{1,128})\2\)\/Observations$/;
const BEFORE_PUSHED = 'sensorthings/';
const PUSHED = `${BEFORE_PUSHED}Datastreams`;

/** What names a datastream: services count theirs each for itself; the versions of one service name the same. */
function idOf(topic: string): string | undefined {
  const [, before = '', , stream] = DATASTREAM.exec(topic) ?? [];
  if (stream === undefined) return undefined;
  return `${before === BEFORE_PUSHED ? '' : before.replace(/(?<=^|\/)v\d+\.\d+\/$/, '')}${stream}`;
}

function thingOf(topic: string, stream: string, { result, Datastream }: Observation): FoundThing | undefined {
  if (typeof result !== 'number' && typeof result !== 'boolean') return undefined;
  const observed = Datastream?.ObservedProperty?.name ?? Datastream?.name ?? 'result';
  const unit = Datastream?.unitOfMeasurement?.symbol ?? '';
  const { fields, ...others } = proposeFields([
    { path: 'result', name: observed, own: observed, unit, isWord: typeof result === 'boolean' },
  ]);
  const { Thing: thing } = Datastream ?? {};
  const mapping: Mapping = {
    ...{ topic, unit: '', time: 'phenomenonTime', fields: [...fields] },
    // Published for each version of the interface.
    once: '{json:@iot.id} {json:phenomenonTime} {json:result}',
    subject: `sensorthings/${escapeName(stream, { isInside: true, keepsSlashes: true, charsMax: 110 })}`,
  };
  return {
    ...{ id: stream, name: [thing?.name, Datastream?.name].filter(Boolean).join(' ') || `Datastream ${stream}` },
    kind: observed,
    mappings: [mapping],
    ...others,
  };
}

export const sensorthings: Connector<Settings> = {
  manifest: {
    name: 'sensorthings',
    title: 'SensorThings',
    about: 'Observations of an OGC SensorThings service.',
    ways: ['mqtt', 'http'],
    triedAgainst: 'messages in the shape of the standard',
    example: {
      path: '',
      body: JSON.stringify({
        result: 21.5,
        Datastream: { '@iot.id': 'example', name: 'Air temperature', unitOfMeasurement: { symbol: '°C' } },
      }),
    },
  },
  settings,
  start: ({ prefixes }) => ({
    // A datastream in parentheses is one level of a topic.
    filters: ['+/Observations', ...prefixes.map((prefix) => `${prefix}/+/Observations`)],
    discover(message) {
      const stream = idOf(message.topic);
      if (stream === undefined) return { found: [] };
      const { data } = observation.safeParse(jsonMessage(message));
      const thing = data && thingOf(message.topic, stream, data);
      return { found: thing ? [thing] : [] };
    },
    messages({ body }) {
      const { data } = observation.safeParse(jsonMessage({ topic: 'observation', payload: body }));
      const stream = data?.Datastream?.['@iot.id'];
      if (stream === undefined || !DATASTREAM.test(`${PUSHED}(${stream})/Observations`))
        throw new MappingError(
          'An observation is posted with its datastream expanded: it has no Datastream with an @iot.id.',
        );
      return { messages: [{ topic: `${PUSHED}(${stream})/Observations`, payload: body }], answer: { status: 201 } };
    },
  }),
};
