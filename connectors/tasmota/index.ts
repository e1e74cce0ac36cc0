// Tasmota: firmware of plugs, switches and sensors. `tasmota/discovery/MAC/config` and `…/sensors` are retained and say what a
// device is and measures. https://tasmota.github.io/docs/MQTT/, discovery: SetOption19 0 (default since 9.4)
import type { Connector, FoundThing } from '@trine/mapping/connector.ts';
import { type Member, proposeFields, valueMembers } from '@trine/mapping/fields.ts';
import { jsonMessage } from '@trine/mapping/message/message.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import { escapeName } from '@trine/mapping/names.ts';
import { z } from 'zod';

const settings = z.strictObject({
  timezone: z
    .string()
    .max(64)
    .optional()
    .describe(
      'Zone of the devices’ clocks (`Timezone`), such as `Europe/Berlin`: their times name none. Without it the arrival counts.',
    ),
});
type Settings = z.infer<typeof settings>;

const DEVICES_MAX = 10_000;
const word = z.string().min(1).max(256);
const config = z.looseObject({
  dn: z.string().max(256).default(''),
  mac: z.string().regex(/^[0-9A-Fa-f]{12}$/),
  md: z.string().max(256).default('Tasmota'),
  t: word.regex(/^[^+#]+$/),
  ft: word.regex(/^[^+#]+$/),
  tp: z.tuple([word, word, word]),
  state: z.tuple([word, word]).rest(z.string()).optional(),
  rl: z.array(z.int()).max(64).default([]),
});
type Config = z.infer<typeof config>;
const sensors = z.looseObject({ sn: z.looseObject({}) });

/** What is no value of a thing: when it was said, in which unit, by which chip. */
const NO_VALUE = /(?:^|\.)(?:Time|TempUnit|PressureUnit|SpeedUnit|Id|TotalStartTime|Address)$/;

/** Units of its documentation, by the last name; of temperature and pressure the message says which. */
const UNITS: Readonly<Record<string, string>> = {
  ...{
    Power: 'W',
    ApparentPower: 'VA',
    ReactivePower: 'var',
    Voltage: 'V',
    Current: 'A',
    Frequency: 'Hz',
    Factor: '/',
  },
  ...{
    Total: 'kWh',
    Today: 'kWh',
    Yesterday: 'kWh',
    Temperature: 'Cel',
    DewPoint: 'Cel',
    Humidity: '%RH',
    Pressure: 'hPa',
  },
  ...{ Illuminance: 'lx', CarbonDioxide: 'ppm', eCO2: 'ppm', Battery: '%EL' },
};

/** Its relays, as its state messages name them. */
function relays({ rl, state }: Config): Member[] {
  const [off = 'OFF', on = 'ON'] = state ?? [];
  const words = { [on]: true, [off]: false };
  const count = rl.filter((kind) => kind > 0).length;
  return Array.from({ length: count }, (_, i) => ({ path: count === 1 ? 'POWER' : `POWER${i + 1}`, words }));
}

export const tasmota: Connector<Settings> = {
  manifest: {
    name: 'tasmota',
    title: 'Tasmota',
    about: 'Plugs, switches and sensors with Tasmota firmware.',
    ways: ['mqtt'],
    triedAgainst: 'messages in the shape of its documentation for 9.4 and later',
  },
  settings,
  start({ timezone }) {
    const said = new Map<string, { config?: Config | undefined; sensors?: object | undefined }>();
    const zone = timezone === undefined ? {} : { timezone };

    function thingOf(device: Config, sn: object): FoundThing {
      const telemetry = (name: string) =>
        device.ft.replaceAll('%prefix%', device.tp[2]).replaceAll('%topic%', device.t) + name;
      const subject = `tasmota/${escapeName(device.mac.toUpperCase(), { isInside: true })}`;
      const measured = proposeFields(
        valueMembers(sn)
          .filter(({ path }) => !NO_VALUE.test(path))
          .map((member) => {
            const last = member.path.slice(member.path.lastIndexOf('.') + 1);
            // What a chip measures is called the same whichever it is.
            const name = member.path.startsWith('ENERGY.') ? member.path : last;
            return { ...member, name, unit: UNITS[last] ?? '' };
          }),
        'tasmota',
      );
      const switched = proposeFields(relays(device), 'tasmota');
      const mapping = (name: string, fields: readonly Mapping['fields'][number][]): Mapping[] =>
        fields.length === 0
          ? []
          : [{ topic: telemetry(name), subject, unit: '', time: 'Time', ...zone, fields: [...fields] }];
      return {
        id: device.mac,
        name: device.dn || device.t,
        kind: device.md,
        model: device.md,
        mappings: [...mapping('SENSOR', measured.fields), ...mapping('STATE', switched.fields)],
        isWhole: true,
        unknown: measured.unknown,
        assumed: measured.assumed,
      };
    }

    return {
      filters: ['tasmota/discovery/#', 'tele/+/SENSOR', 'tele/+/STATE'],
      discover(message) {
        const [, mac = '', what] =
          /^tasmota\/discovery\/([0-9A-Fa-f]{12})\/(config|sensors)$/.exec(message.topic) ?? [];
        if (what === undefined) return { found: [] };
        if (message.payload.length === 0) {
          said.delete(mac);
          return { found: [], gone: [mac] };
        }
        const json = jsonMessage(message);
        const known = said.get(mac) ?? {};
        if (what === 'config') known.config = config.safeParse(json).data ?? known.config;
        else known.sensors = sensors.safeParse(json).data?.sn ?? known.sensors;
        if (!said.has(mac) && said.size >= DEVICES_MAX) said.delete(said.keys().next().value as string);
        said.set(mac, known);
        const isComplete = known.config !== undefined && known.config.mac.toUpperCase() === mac.toUpperCase();
        return { found: isComplete ? [thingOf(known.config as Config, known.sensors ?? {})] : [] };
      },
    };
  },
};
