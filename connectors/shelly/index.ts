// Shelly, first and second generation. Gen1: `shellies/ID/…`, a number or a word on each topic; Gen2 and later: RPC
// notifications and status messages by component. https://shelly-api-docs.shelly.cloud/gen1/#mqtt and …/gen2/ComponentsAndServices/Mqtt
import type { Connector, Discovered, FoundThing } from '@trine/mapping/connector.ts';
import { type Member, proposeFields, valueMembers } from '@trine/mapping/fields.ts';
import { jsonMessage, textMessage } from '@trine/mapping/message/message.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import { escapeName } from '@trine/mapping/names.ts';
import { z } from 'zod';

const settings = z.strictObject({});

const subjectOf = (id: string): string => `shelly/${escapeName(id, { isInside: true })}`;

/** `shellyplus1pm-a8032abe54dc` is a plus1pm. */
function thingOf(id: string, mappings: readonly Mapping[], unknown: readonly string[], name = id): FoundThing {
  const model = /^(.+)-[0-9A-Fa-f]{4,16}$/.exec(name)?.[1] ?? 'Shelly';
  return { ...{ id, name, kind: model, maker: 'Shelly', model }, mappings, unknown };
}

const SWITCHED = { on: true, off: false };
/** Gen1: what stands behind the id, and what it is; `energy` of a relay counts watt-minutes, that of an emeter watt-hours. */
const gen1: readonly (readonly [
  RegExp,
  (found: RegExpExecArray) => Omit<Member, 'path'> & { name: string; scale?: string },
])[] = [
  [/^(?:relay|light)\/(\d)$/, ([, n]) => ({ name: `switch.${n}`, words: SWITCHED })],
  [/^relay\/(\d)\/power$/, ([, n]) => ({ name: `active-power.${n}`, unit: 'W' })],
  [/^relay\/(\d)\/energy$/, ([, n]) => ({ name: `active-energy.${n}`, unit: 'kWh', scale: '1/60000' })],
  [/^emeter\/(\d)\/power$/, ([, n]) => ({ name: `active-power.${n}`, unit: 'W' })],
  [
    /^emeter\/(\d)\/(?:total|energy)$/,
    ([, n]) => ({ name: `active-energy-import.${n}`, unit: 'kWh', scale: '1/1000' }),
  ],
  [
    /^emeter\/(\d)\/(?:total_)?returned(?:_energy)?$/,
    ([, n]) => ({ name: `active-energy-export.${n}`, unit: 'kWh', scale: '1/1000' }),
  ],
  [/^emeter\/(\d)\/voltage$/, ([, n]) => ({ name: `voltage.${n}`, unit: 'V' })],
  [/^emeter\/(\d)\/current$/, ([, n]) => ({ name: `current.${n}`, unit: 'A' })],
  [/^sensor\/temperature$/, () => ({ name: 'temperature' })],
  [/^(?:temperature)$/, () => ({ name: 'device-temperature', unit: 'Cel' })],
  [/^sensor\/humidity$/, () => ({ name: 'relative-humidity', unit: '%RH' })],
  [/^sensor\/battery$/, () => ({ name: 'battery-level', unit: '%EL' })],
  [/^sensor\/lux$/, () => ({ name: 'illuminance', unit: 'lx' })],
  [/^ext_temperature\/(\d)$/, ([, n]) => ({ name: `temperature.${n}`, unit: 'Cel' })],
];

function gen1Thing(id: string, rest: string, topic: string): FoundThing | undefined {
  for (const [pattern, describe] of gen1) {
    const match = pattern.exec(rest);
    if (match === null) continue;
    const { name, unit = '', words, scale } = describe(match);
    const mapping: Mapping = {
      ...{ topic, subject: subjectOf(id), quantity: name, unit, fields: [] },
      ...(words && { words }),
      ...(scale !== undefined && { scale }),
    };
    return thingOf(
      id,
      [mapping],
      unit === '' && words === undefined ? [`${rest}: the device says °C or °F, set its unit`] : [],
    );
  }
  return undefined;
}

const notification = z.looseObject({
  src: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[^+#/]+$/),
  method: z.enum(['NotifyStatus', 'NotifyFullStatus']),
  params: z.looseObject({}),
});

/** Of a component, what is measured: not its number, its set points or its errors. */
const NO_VALUE =
  /(?:^|\.)(?:id|ts|minute_ts|by_minute(?:\.\d+)?|tF|rh_offset|restart_required|unixtime|uptime|ram_\w+|fs_\w+|cfg_rev|kvs_rev|schedule_rev|webhook_rev)$/;
const COMPONENT =
  /^(?:switch|light|cover|input|em|em1|emdata|em1data|pm1|temperature|humidity|devicepower|voltmeter|smoke|flood|illuminance|presence):\d+$/;

/** Units of its documentation, by the last name, or by the last two: an input counts a `total` of pulses, and gives `percent`. */
const UNITS: Readonly<Record<string, string>> = {
  ...{ apower: 'W', act_power: 'W', a_act_power: 'W', b_act_power: 'W', c_act_power: 'W', total_act_power: 'W' },
  ...{ aprtpower: 'VA', aprt_power: 'VA', total_aprt_power: 'VA', pf: '/', freq: 'Hz' },
  ...{ voltage: 'V', a_voltage: 'V', b_voltage: 'V', c_voltage: 'V', current: 'A', a_current: 'A', b_current: 'A' },
  ...{ c_current: 'A', n_current: 'A', total_current: 'A', tC: 'Cel', rh: '%RH', V: 'V', lux: 'lx' },
  ...{
    'battery.percent': '%EL',
    'aenergy.total': 'Wh',
    'ret_aenergy.total': 'Wh',
    total_act: 'Wh',
    total_act_ret: 'Wh',
    total_act_energy: 'Wh',
    total_act_ret_energy: 'Wh',
  },
};

/** How warm a relay is itself, which is none of the room's temperature. */
const OWN_TEMPERATURE = /^(?:switch|light|cover|em|em1|pm1):\d+\.temperature\.tC$/;

function gen2Fields(params: object): ReturnType<typeof proposeFields> {
  const members = Object.entries(params).flatMap(([component, status]) =>
    COMPONENT.test(component) ? valueMembers({ [component]: status }, 'params') : [],
  );
  return proposeFields(
    members
      .filter(({ path }) => !NO_VALUE.test(path))
      .map((member) => ({
        ...member,
        ...(OWN_TEMPERATURE.test(member.own ?? '') && { name: 'device-temperature' }),
        unit: unitOf(member.path),
      })),
    'shelly',
  );
}

function unitOf(path: string): string {
  const [last = '', before] = path.split('.').reverse();
  return UNITS[`${before}.${last}`] ?? UNITS[last] ?? '';
}

function notified(topic: string, json: unknown): Discovered {
  const { data } = notification.safeParse(json);
  if (data === undefined) return { found: [] };
  const { fields, unknown } = gen2Fields(data.params);
  if (fields.length === 0) return { found: [] };
  // By its topic, which is its id unless somebody set another: what it says that it is, anybody may say.
  const [id = ''] = topic.split('/');
  if (id === '') return { found: [] };
  const mapping: Mapping = {
    ...{ topic, subject: subjectOf(id), unit: '', time: 'params.ts' },
    fields: [...fields],
  };
  return { found: [thingOf(id, [mapping], unknown, data.src)] };
}

export const shelly: Connector = {
  manifest: {
    name: 'shelly',
    title: 'Shelly',
    about: 'Relays, plugs, meters and sensors of Shelly, first generation and later.',
    ways: ['mqtt'],
    triedAgainst: 'messages in the shape of its documentation for Gen1 and Gen2',
  },
  settings,
  start: () => ({
    filters: ['shellies/#', '+/events/rpc'],
    discover(message) {
      const { topic } = message;
      const [, id, rest] = /^shellies\/([^/]+)\/(.+)$/.exec(topic) ?? [];
      if (id !== undefined && rest !== undefined) {
        textMessage(message);
        const thing = gen1Thing(id, rest, topic);
        return { found: thing === undefined ? [] : [thing] };
      }
      return topic.endsWith('/events/rpc') ? notified(topic, jsonMessage(message)) : { found: [] };
    },
  }),
};
