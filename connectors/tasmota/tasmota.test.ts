import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConnector, foundIn, message, saidBy } from '../testing/checks.ts';
import { tasmota } from './index.ts';

const now = 1_763_884_800_000;
const config = {
  ...{ ip: '192.168.1.5', dn: 'Waschmaschine', fn: ['Waschmaschine', null], hn: 'plug-2854', mac: 'D8F15B0B2854' },
  ...{ md: 'Gosund SP111', ty: 0, if: 0, ofln: 'Offline', onln: 'Online', state: ['OFF', 'ON', 'TOGGLE', 'HOLD'] },
  ...{ sw: '14.3.0', t: 'plug2', ft: '%prefix%/%topic%/', tp: ['cmnd', 'stat', 'tele'], rl: [1, 0, 0, 0, 0, 0, 0, 0] },
};
const sn = {
  Time: '2025-11-23T07:40:00',
  ENERGY: {
    TotalStartTime: '2024-01-01T00:00:00',
    Total: 12.345,
    Power: 70.5,
    Voltage: 230,
    Current: 0.31,
    Factor: 0.98,
  },
  DS18B20: { Id: '01193C', Temperature: 70.7 },
  TempUnit: 'F',
};
const announced = [
  message('tasmota/discovery/D8F15B0B2854/config', config),
  message('tasmota/discovery/D8F15B0B2854/sensors', { sn, ver: 1 }),
];
const data = [
  message('tele/plug2/SENSOR', sn),
  message('tele/plug2/STATE', { Time: '2025-11-23T07:40:00', Uptime: '0T01:00:00', POWER: 'ON', Wifi: { RSSI: 80 } }),
];

checkConnector(tasmota, [...announced, ...data]);

test('what a plug announces and measures, in the units that it says, under its own clock where its zone is set', () => {
  const [thing, ...others] = foundIn(tasmota.start(tasmota.settings.parse({})), announced).values();
  assert.deepEqual(
    [thing?.id, thing?.name, thing?.kind, others],
    ['D8F15B0B2854', 'Waschmaschine', 'Gosund SP111', []],
  );
  const said = data.flatMap((one) => saidBy(thing ?? assert.fail(), one, now));
  assert.deepEqual(
    said.map((text) => text.replace('tasmota/D8F15B0B2854 ', '')),
    [
      'active-energy=12.345 kWh',
      'active-power=70.5 W',
      'voltage=230 V',
      'current=0.31 A',
      'power-factor=0.98 /',
      'temperature=21.5 Cel',
      'state=true',
    ],
  );
  const [zoned] = foundIn(tasmota.start(tasmota.settings.parse({ timezone: 'Europe/Berlin' })), announced).values();
  assert.match(saidBy(zoned ?? assert.fail(), data[0] ?? assert.fail(), now)[0] ?? '', /@2025-11-23T06:40:00.000Z$/);
});

test('a device that takes its announcement back is gone', () => {
  const running = tasmota.start(tasmota.settings.parse({}));
  assert.equal(
    foundIn(running, [...announced, { topic: 'tasmota/discovery/D8F15B0B2854/config', payload: new Uint8Array() }])
      .size,
    0,
  );
});
