import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSettings, SettingsError } from './settings.ts';

test('flags win over the environment, the environment over the file, the file over defaults', (t) => {
  const home = mkdtempSync(join(tmpdir(), 'trine-settings-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const environment = { TRINE_HOME: home };
  assert.deepEqual([readSettings({}, environment).port, readSettings({}, environment).mqttPort], [4100, 1883]);
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ port: 5000, practice: { windowMs: 4_000 } }));
  const fromFile = readSettings({}, environment);
  assert.deepEqual([fromFile.port, fromFile.practice.windowMs, fromFile.practice.creditMinorUnits], [5000, 4_000, 5]);
  assert.equal(readSettings({}, { ...environment, TRINE_PORT: '6000' }).port, 6000);
  assert.equal(readSettings({ port: 7000 }, { ...environment, TRINE_PORT: '6000' }).port, 7000);
  assert.equal(readSettings({ practice: { graceMs: 1 } }, environment).practice.windowMs, 4_000);
});

test('a wrong setting is named with what was expected', (t) => {
  const home = mkdtempSync(join(tmpdir(), 'trine-settings-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const environment = { TRINE_HOME: home };
  assert.throws(() => readSettings({ port: 99_999 }, environment), /Setting port:/);
  assert.throws(
    () => readSettings({}, { ...environment, TRINE_PORT: 'many' }),
    /TRINE_PORT should be a whole number; got "many"/,
  );
  writeFileSync(join(home, 'settings.json'), '{"prot": 1}');
  assert.throws(() => readSettings({}, environment), SettingsError);
  writeFileSync(join(home, 'settings.json'), '{');
  assert.throws(() => readSettings({}, environment), /is not JSON/);
});

test('every variable of the environment is read, an empty folder has defaults, and the home of the file counts for nothing', (t) => {
  const home = mkdtempSync(join(tmpdir(), 'trine-settings-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ home: '/elsewhere' }));
  const settings = readSettings(
    {},
    {
      ...{ TRINE_HOME: home, TRINE_MQTT_PORT: '1', TRINE_MQTT_ATTACH: 'mqtt://broker', TRINE_CHAIN: 'http://chain' },
      TRINE_LOG: 'debug',
    },
  );
  assert.deepEqual(
    [settings.home, settings.mqttPort, settings.mqttAttach, settings.chain, settings.logLevel],
    [home, 1, 'mqtt://broker', { url: 'http://chain', practice: false }, 'debug'],
  );
  assert.throws(() => readSettings({}, { TRINE_HOME: home, TRINE_LOG: 'loud' }), /Setting logLevel/);
  assert.throws(() => readSettings({}, { TRINE_HOME: home, TRINE_PORT: '1.5' }), /whole number/);
});

test('lists are replaced as a whole, parts are laid over each other, what is not given changes nothing', (t) => {
  const home = mkdtempSync(join(tmpdir(), 'trine-settings-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const rule = (topic: string) => ({ topic, subject: 'a', quantity: 'q' });
  const file = { bridge: [rule('a'), rule('b')], chain: { url: 'http://a', confirmations: 3 } };
  writeFileSync(join(home, 'settings.json'), JSON.stringify(file));
  const settings = readSettings({ home, bridge: [rule('c')], chain: { practice: true } } as never, {});
  assert.deepEqual(
    settings.bridge.map(({ topic }) => topic),
    ['c'],
  );
  assert.deepEqual(settings.chain, { url: 'http://a', confirmations: 3, practice: true });
  assert.equal(readSettings({ home, port: undefined } as never, {}).port, 4100);
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ bridge: [{ topic: 'a' }] }));
  assert.throws(() => readSettings({ home }, {}), /Setting bridge\.0\.subject/);
  for (const wrong of [{ unit: 'celcius' }, { quantity: undefined }, { subject: 'a/{1}' }]) {
    writeFileSync(join(home, 'settings.json'), JSON.stringify({ bridge: [{ ...rule('a'), ...wrong }] }));
    assert.throws(() => readSettings({ home }, {}), /Setting bridge\.0.*(?:celcius|neither|\{1\})/);
  }
});

test('how a rule reads times is checked at the start: a zone or a format that is none stops it', (t) => {
  const home = mkdtempSync(join(tmpdir(), 'trine-settings-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const start = (more: object) => {
    const rule = { topic: 'a', subject: 'b', time: 't', fields: [{ path: 'v', quantity: 'v' }], ...more };
    writeFileSync(join(home, 'settings.json'), JSON.stringify({ bridge: [rule] }));
    return readSettings({ home }, {});
  };
  for (const timezone of ['Europe/Berlin', 'UTC', '+01:00'])
    for (const timeFormat of ['iso', 'unix-ms', 'dd.MM.yyyy HH:mm'])
      assert.equal(start({ timezone, timeFormat }).bridge[0]?.timezone, timezone);
  assert.throws(() => start({ timezone: 'Berlin' }), /Setting bridge\.0\.timezone.*Europe\/Berlin/);
  assert.throws(() => start({ timeFormat: 'DD/MM/YYYY' }), /Setting bridge\.0\.timeFormat.*dd\.MM\.yyyy/);
});
