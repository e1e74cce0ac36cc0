// A house and its street, simulated: what their systems would publish, so that whoever has none sees how one appears. Everything
// comes on topics below `simulated/`, and is sealed with class simulated.
import type { RawMessage } from '@trine/mapping/message/message.ts';
import { toUtf8 } from '@trine/protocol';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Room {
  readonly id: string;
  readonly name: string;
  /** Degrees Celsius, over the day around it. */
  readonly warmth: number;
}

const rooms: readonly Room[] = [
  { id: '0x00158d0000000001', name: 'Living room', warmth: 21.5 },
  { id: '0x00158d0000000002', name: 'Kitchen', warmth: 20.5 },
  { id: '0x00158d0000000003', name: 'Bedroom', warmth: 18.5 },
  { id: '0x00158d0000000004', name: 'Cellar', warmth: 14 },
];
const plugs = [
  { id: '0x00158d0000000011', name: 'Washing machine', watts: 900, from: 9, to: 11 },
  { id: '0x00158d0000000012', name: 'Heat pump', watts: 1_400, from: 5, to: 21 },
] as const;
const street = [
  { devEui: '70b3d57ed0000001', name: 'School yard air', profile: 'Air quality' },
  { devEui: '70b3d57ed0000002', name: 'Creek level', profile: 'Water level' },
] as const;

const say = (topic: string, json: unknown): RawMessage => ({
  topic: `simulated/${topic}`,
  payload: toUtf8(JSON.stringify(json)),
});
const numeric = (property: string, unit: string) => ({ type: 'numeric', name: property, property, unit, access: 1 });

/** What Zigbee2MQTT of the house announces. */
function announces(): RawMessage[] {
  const sensor = {
    ...{ model: 'SIM-TH', vendor: 'Simulated', description: 'Temperature and humidity' },
    exposes: [numeric('temperature', '°C'), numeric('humidity', '%'), numeric('battery', '%')],
  };
  const plug = {
    ...{ model: 'SIM-PLUG', vendor: 'Simulated', description: 'Plug with a meter' },
    exposes: [
      {
        type: 'switch',
        features: [{ type: 'binary', name: 'state', property: 'state', access: 7, value_on: 'ON', value_off: 'OFF' }],
      },
      ...[numeric('power', 'W'), numeric('voltage', 'V'), numeric('energy', 'kWh')],
    ],
  };
  const devices = [
    ...rooms.map(({ id, name }) => ({ ieee_address: id, type: 'EndDevice', friendly_name: name, definition: sensor })),
    ...plugs.map(({ id, name }) => ({ ieee_address: id, type: 'Router', friendly_name: name, definition: plug })),
  ];
  return [say('zigbee2mqtt/bridge/devices', devices)];
}

/** Between −1 and 1, the same for the same place and step. */
function noise(place: number, step: number): number {
  let x = Math.imul(place + 1, 0x9e3779b1) ^ Math.imul(step + 1, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
  return ((x ^ (x >>> 15)) >>> 0) / 2_147_483_648 - 1;
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/**
 * What house and street say at a time: the same at the same time.
 * @param step how many times they spoke before
 */
function says(nowMs: number, step: number): RawMessage[] {
  const hour = (nowMs % DAY_MS) / HOUR_MS;
  // Warmest in the afternoon: a parabola over the day is near enough.
  const sun = Math.max(0, 1 - ((hour - 14) / 8) ** 2);
  const house = [
    ...rooms.map(({ name, warmth }, i) =>
      say(`zigbee2mqtt/${name}`, {
        temperature: rounded(warmth + 1.5 * sun + 0.2 * noise(i, step), 2),
        humidity: rounded(46 + 3 * i - 6 * sun + noise(i + 10, step), 1),
        battery: 87 - i,
      }),
    ),
    ...plugs.map(({ name, watts, from, to }, i) => {
      const isOn = hour >= from && hour < to;
      const power = isOn ? rounded(watts * (1 + 0.1 * noise(i + 20, step)), 1) : 0.4;
      return say(`zigbee2mqtt/${name}`, {
        state: isOn ? 'ON' : 'OFF',
        power,
        voltage: rounded(230 + 2 * noise(30, step), 1),
        energy: rounded(412 * (i + 1) + step * 0.002 * (i + 1), 3),
      });
    }),
  ];
  return [...house, ...street.map((_, i) => uplink(i, nowMs, step, sun))];
}

function uplink(at: number, nowMs: number, step: number, sun: number): RawMessage {
  const { devEui, name: deviceName, profile: deviceProfileName } = street[at] as (typeof street)[number];
  const object =
    at === 0
      ? {
          temperature: rounded(9 + 6 * sun + noise(40, step), 1),
          humidity: rounded(70 - 10 * sun, 1),
          co2: Math.round(420 + 30 * sun + 8 * noise(41, step)),
        }
      : { water_level: rounded(0.62 + 0.03 * noise(42, Math.floor(step / 20)), 3), battery_voltage: 3.58 };
  return say(`application/simulated/device/${devEui}/event/up`, {
    ...{ deduplicationId: `simulated-${devEui}-${nowMs}`, time: new Date(nowMs).toISOString() },
    deviceInfo: { applicationId: 'simulated', deviceName, devEui, deviceProfileName },
    ...{ fCnt: step, fPort: 1, object },
  });
}

/** A house with Zigbee2MQTT, and two LoRaWAN devices in its street. */
export const simulated = { announces, says };
