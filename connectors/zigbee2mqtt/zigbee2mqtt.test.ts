import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConnector, foundIn, message, saidBy } from '../testing/checks.ts';
import { zigbee2mqtt } from './index.ts';

const running = (settings: object = {}) => zigbee2mqtt.start(zigbee2mqtt.settings.parse(settings));
const now = 1_763_884_800_000;

/** As `bridge/devices` has them: a plug with endpoints, a bulb, a contact, the coordinator, one that was not interviewed. */
const devices = [
  { ieee_address: '0x00124b0000000000', type: 'Coordinator', friendly_name: 'Coordinator', definition: null },
  {
    ieee_address: '0x00158d0001',
    type: 'EndDevice',
    friendly_name: 'Küche/Fenster 1',
    definition: {
      ...{ model: 'MCCGQ11LM', vendor: 'Aqara', description: 'Door and window sensor' },
      exposes: [
        { type: 'binary', name: 'contact', property: 'contact', access: 1, value_on: false, value_off: true },
        { type: 'numeric', name: 'battery', property: 'battery', access: 1, unit: '%' },
        { type: 'numeric', name: 'linkquality', property: 'linkquality', access: 1, unit: 'lqi' },
      ],
    },
  },
  {
    ieee_address: '0x00158d0002',
    type: 'Router',
    friendly_name: 'strip',
    definition: {
      ...{ model: 'TS011F', vendor: 'Tuya' },
      exposes: [
        {
          type: 'switch',
          features: [
            {
              type: 'binary',
              name: 'state',
              property: 'state_l1',
              endpoint: 'l1',
              access: 7,
              value_on: 'ON',
              value_off: 'OFF',
            },
          ],
        },
        { type: 'numeric', name: 'power', property: 'power', access: 5, unit: 'W' },
        { type: 'numeric', name: 'energy', property: 'energy', access: 1, unit: 'kWh' },
        { type: 'numeric', name: 'countdown', property: 'countdown', access: 2, unit: 's' },
        {
          type: 'composite',
          name: 'color',
          property: 'color',
          access: 7,
          features: [{ type: 'numeric', name: 'x', property: 'x', access: 7 }],
        },
        { type: 'list', name: 'schedule', property: 'schedule', access: 1, item_type: {} },
        'nonsense',
      ],
    },
  },
  { ieee_address: '0x00158d0003', type: 'EndDevice', friendly_name: 'new', definition: null },
  {
    ieee_address: '0x00158d0004',
    type: 'EndDevice',
    friendly_name: 'a/+/#',
    definition: { model: 'x', vendor: 'y', exposes: [] },
  },
  { nonsense: true },
];

checkConnector(zigbee2mqtt, [
  message('zigbee2mqtt/bridge/devices', devices),
  message('zigbee2mqtt/strip', { power: 12.5, last_seen: 1_763_880_000_000 }),
  message('zigbee2mqtt/bridge/state', { state: 'online' }),
]);

test('bridge/devices gives things with names, kinds, quantities and units', () => {
  const { found } = running().discover(message('zigbee2mqtt/bridge/devices', devices));
  assert.deepEqual(
    found.map(({ id, name, kind, unknown }) => [id, name, kind, unknown]),
    [
      ['0x00158d0001', 'Küche/Fenster 1', 'Aqara MCCGQ11LM', []],
      ['0x00158d0002', 'strip', 'Tuya TS011F', ['state_l1', 'color.x']],
    ],
  );
  const fields = found.map(({ mappings }) =>
    mappings[0]?.fields.map(({ path, quantity, unit }) => `${path} ${quantity} ${unit}`.trim()),
  );
  assert.deepEqual(fields, [
    ['contact contact', 'battery battery-level %EL', 'linkquality link-quality'],
    ['state_l1 state_l1', 'power active-power W', 'energy active-energy kWh', 'color.x color.x'],
  ]);
});

test('what its devices say is read: the default payload without last_seen, words of endpoints, a dead sensor', () => {
  const things = foundIn(running({ baseTopics: ['home/z2m'] }), [message('home/z2m/bridge/devices', devices)]);
  const said = (id: string, topic: string, json: object) =>
    saidBy(things.get(id) ?? assert.fail(), message(topic, json), now);
  assert.deepEqual(
    said('0x00158d0001', 'home/z2m/Küche/Fenster 1', { contact: false, battery: 97, linkquality: 120 }),
    [
      'zigbee/0x00158d0001 contact=true',
      'zigbee/0x00158d0001 battery-level=97 %EL',
      'zigbee/0x00158d0001 link-quality=120',
    ],
  );
  const dated = { state_l1: 'ON', power: 12.5, energy: null, color: { x: 0.3 }, last_seen: '2025-11-23T06:40:00Z' };
  assert.deepEqual(said('0x00158d0002', 'home/z2m/strip', dated), [
    'zigbee/0x00158d0002 state_l1=true @2025-11-23T06:40:00.000Z',
    'zigbee/0x00158d0002 active-power=12.5 W @2025-11-23T06:40:00.000Z',
    'zigbee/0x00158d0002 color.x=0.3 @2025-11-23T06:40:00.000Z',
  ]);
});
