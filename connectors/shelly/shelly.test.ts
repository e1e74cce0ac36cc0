import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConnector, foundIn, message, saidBy } from '../testing/checks.ts';
import { shelly } from './index.ts';

const now = 1_763_884_800_000;
const rpc = message('shellyplus1pm-a8032abe54dc/events/rpc', {
  ...{ src: 'shellyplus1pm-a8032abe54dc', dst: 'shellyplus1pm-a8032abe54dc/events', method: 'NotifyStatus' },
  params: {
    ts: 1_763_880_000.12,
    'switch:0': {
      id: 0,
      output: true,
      apower: 12.5,
      voltage: 229.9,
      aenergy: { total: 6.532, by_minute: [45.1, 47], minute_ts: 1_763_880_000 },
      temperature: { tC: 43.6, tF: 110.5 },
    },
    sys: { uptime: 188 },
  },
});
const gen1 = [
  message('shellies/shellyswitch25-B929CC/relay/0', 'on'),
  message('shellies/shellyswitch25-B929CC/relay/0/power', '104.55'),
  message('shellies/shellyswitch25-B929CC/relay/0/energy', '600'),
  message('shellies/shellyht-1A2B3C/sensor/humidity', '48.5'),
  message('shellies/shellyht-1A2B3C/sensor/temperature', '20.75'),
];

checkConnector(shelly, [rpc, ...gen1]);

test('second generation: what a notification says of its components; before the clock is set, dated by arrival', () => {
  const running = shelly.start({});
  const [thing] = foundIn(running, [rpc]).values();
  assert.deepEqual([thing?.id, thing?.kind], ['shellyplus1pm-a8032abe54dc', 'shellyplus1pm']);
  const said = saidBy(thing ?? assert.fail(), rpc, now).map((text) =>
    text.replace('shelly/shellyplus1pm-a8032abe54dc ', ''),
  );
  const at = '@2025-11-23T06:40:00.120Z';
  assert.deepEqual(said, [
    `switch:0.output=true ${at}`,
    `active-power=12.5 W ${at}`,
    `voltage=229.9 V ${at}`,
    `active-energy=0.006532 kWh ${at}`,
    `device-temperature=43.6 Cel ${at}`,
  ]);
  const early = JSON.parse(new TextDecoder().decode(rpc.payload));
  early.params.ts = 1.42;
  assert.ok(saidBy(thing ?? assert.fail(), message(rpc.topic, early), now).every((text) => !text.includes('@')));
});

test('pulses and the share of an analog input are no energy and no battery', () => {
  const params = {
    'input:2': { id: 2, counts: { total: 5677, by_minute: [1, 2] }, freq: 1.5 },
    'input:3': { id: 3, percent: 11.5 },
    'devicepower:0': { id: 0, battery: { V: 5.5, percent: 80 } },
    'pm1:0': { id: 0, aenergy: { total: 1500 }, ret_aenergy: { total: 2500 } },
  };
  const one = message('shellyplusuni-1/events/rpc', { src: 'shellyplusuni-1', method: 'NotifyStatus', params });
  const [thing] = foundIn(shelly.start({}), [one]).values();
  const said = saidBy(thing ?? assert.fail(), one, now).map((text) => text.replace('shelly/shellyplusuni-1 ', ''));
  assert.deepEqual(
    said.filter((text) => /^(?:params\.)?input/.test(text)).map((text) => text.replace('params.', '')),
    ['input:2.counts.total=5677', 'input:3.percent=11.5'],
  );
  assert.ok(said.includes('battery-level=80 %EL'), said.join());
  assert.ok(said.includes('active-energy=1.5 kWh'), said.join());
});

test('a device is who speaks on its topic, whoever it says that it is', () => {
  const forged = message('another/events/rpc', JSON.parse(new TextDecoder().decode(rpc.payload)));
  const things = foundIn(shelly.start({}), [rpc, forged]);
  assert.deepEqual(
    [...things].map(([id, { mappings }]) => [id, mappings.map(({ topic, subject }) => [topic, subject])]),
    [
      ['shellyplus1pm-a8032abe54dc', [[rpc.topic, 'shelly/shellyplus1pm-a8032abe54dc']]],
      ['another', [['another/events/rpc', 'shelly/another']]],
    ],
  );
});

test('first generation: a topic for each value; watt-minutes are energy in watt-hours', () => {
  const things = foundIn(shelly.start({}), gen1);
  const said = gen1.map((one) => [...things.values()].flatMap((thing) => saidBy(thing, one, now)));
  assert.deepEqual(said.flat(), [
    'shelly/shellyswitch25-B929CC switch.0=true',
    'shelly/shellyswitch25-B929CC active-power.0=104.55 W',
    'shelly/shellyswitch25-B929CC active-energy.0=0.01 kWh',
    'shelly/shellyht-1A2B3C relative-humidity=48.5 %RH',
    'shelly/shellyht-1A2B3C temperature=20.75',
  ]);
});
