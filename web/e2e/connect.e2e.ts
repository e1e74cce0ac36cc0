// What is out there appears by itself: a Zigbee house and LoRaWAN sensors speak to the broker, are seen, accepted by kind, sealed
// and seen among the devices; nothing was written into a file, and nobody's guess of a unit was sealed.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { answer, connect, type TrineApi } from '@trine/client';
import mqtt, { type MqttClient } from 'mqtt';
import type { Browser, Page } from 'playwright-core';
import { noBrowser, openBrowser } from './browser.ts';
import { checkLooks, focused } from './looks.ts';
import { type RunningNode, startTestNode } from './node.ts';

const WAIT_MS = 60_000;
const SPEAKS_MS = 500;
const rooms = ['kitchen', 'bath', 'hall', 'attic', 'cellar', 'office'];

const expose = (property: string, unit: string) => ({ type: 'numeric', name: property, property, access: 1, unit });
const sensor = (room: string, i: number) => ({
  ieee_address: `0x00158d00045a11${i.toString(16).padStart(2, '0')}`,
  friendly_name: `${room} climate`,
  definition: {
    ...{ model: 'WSDCGQ11LM', vendor: 'Aqara' },
    exposes: [expose('temperature', '°C'), expose('humidity', '%'), expose('battery', '%')],
  },
});
const plug = (name: string, i: number) => ({
  ieee_address: `0x00158d00099b22${i.toString(16).padStart(2, '0')}`,
  friendly_name: name,
  definition: { model: 'TS011F_plug_1', vendor: 'TuYa', exposes: [expose('power', 'W'), expose('energy', 'kWh')] },
});
const uplink = (i: number, object: object) => ({
  deduplicationId: crypto.randomUUID(),
  time: new Date().toISOString(),
  deviceInfo: {
    ...{ applicationId: 'a1', deviceProfileName: 'Dragino LHT65', deviceName: `field ${i}` },
    devEui: `a84041000181c06${i}`,
  },
  object,
});

describe('connect', { skip: noBrowser, timeout: 300_000 }, () => {
  let node: RunningNode;
  let browser: Browser;
  let page: Page;
  let api: TrineApi;
  let house: MqttClient;
  let speaking: ReturnType<typeof setInterval> | undefined;
  let beginMs = 0;

  const say = (topic: string, said: unknown, retain = false) =>
    house.publishAsync(topic, typeof said === 'string' ? said : JSON.stringify(said), { qos: 1, retain });

  /** States of the house, as long as it goes on. */
  function speak(): void {
    let n = 0;
    speaking = setInterval(() => {
      n++;
      rooms.forEach((room, i) => {
        void say(`zigbee2mqtt/${room} climate`, { temperature: 20 + i + (n % 10) / 10, humidity: 50 + i, battery: 90 });
      });
      void say('zigbee2mqtt/washer', { power: 400 + n, energy: 12.5 });
      for (const i of [1, 2])
        void say(`application/a1/device/a84041000181c06${i}/event/up`, uplink(i, { temp: 70 + i }));
    }, SPEAKS_MS);
  }

  const show = async (path: string) => {
    await page.goto(`${node.origin}/#/connect${path}`);
    await page.getByRole('heading', { name: 'Connect', exact: true }).waitFor();
  };
  const kind = (title: string) =>
    page.locator('section.card').filter({ has: page.getByRole('heading', { name: title, exact: true }) });
  const since = () => `${((Date.now() - beginMs) / 1_000).toFixed(1)} s`;

  before(async () => {
    beginMs = Date.now();
    [node, browser] = await Promise.all([startTestNode({ device: { intervalMs: 60_000 } }), openBrowser()]);
    api = connect({ url: node.origin, token: /token=(.*)$/.exec(node.url)?.[1] });
    house = await mqtt.connectAsync((await answer(api.GET('/api/v1/overview'))).mqtt);
    const devices = [...rooms.map(sensor), plug('washer', 1)];
    await say('zigbee2mqtt/bridge/devices', devices, true);
    speak();
    const context = await browser.newContext({ viewport: { width: 1_440, height: 900 }, reducedMotion: 'reduce' });
    page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    await page.goto(node.url);
  });

  after(async () => {
    clearInterval(speaking);
    await house?.endAsync();
    await browser?.close();
    await node?.stop();
  });

  test('the first page says that things were found, and leads to them, with what they say', async (t) => {
    await page.getByText(/^9 things found$/).waitFor();
    t.diagnostic(`visible ${since()} after the start of the node`);
    await checkLooks(page, 'found');
    await page.setViewportSize({ width: 1_440, height: 900 });
    await page.getByRole('link', { name: 'See them' }).click();
    await kind('Aqara WSDCGQ11LM').getByText('kitchen climate').waitFor();
    await kind('Aqara WSDCGQ11LM')
      .getByText(/^20\.\d °C$/)
      .waitFor();
    await kind('Dragino LHT65').getByText('1 unit assumed').first().waitFor();
    assert.equal(
      (await answer(api.GET('/api/v1/devices', { params: { query: { class: 'gateway' } } }))).items.length,
      0,
    );
    await checkLooks(page, 'connect');
  });

  test('a kind is accepted by one click, undone by one, and accepted for what comes later too', async (t) => {
    await page.setViewportSize({ width: 1_440, height: 900 });
    await show('');
    const climate = kind('Aqara WSDCGQ11LM');
    await climate.getByRole('button', { name: 'Accept all 6 of Aqara WSDCGQ11LM' }).click();
    await page.getByText('6 things accepted: Aqara WSDCGQ11LM').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('6 things released: Aqara WSDCGQ11LM').waitFor();
    await climate.getByRole('button', { name: 'Accept all 6 of Aqara WSDCGQ11LM' }).waitFor();
    await page.getByRole('button', { name: 'Accept again as found' }).click();
    await climate.getByText('As they come').waitFor();
    await say('zigbee2mqtt/bridge/devices', [...rooms, 'garage'].map(sensor).concat(plug('washer', 1)), true);
    await climate.getByText('garage climate').waitFor();
    await climate.locator('li', { hasText: 'garage climate' }).getByText('Accepted').waitFor();
    await page.getByRole('link', { name: 'See devices' }).click();
    await page.getByRole('link', { name: 'kitchen climate' }).waitFor();
    t.diagnostic(`sealed and seen ${since()} after the start of the node`);
    await page.getByRole('link', { name: 'kitchen climate' }).click();
    await page.getByRole('heading', { name: 'kitchen climate' }).waitFor();
    await page
      .getByText(/^20\.\d °C$/)
      .first()
      .waitFor();
  });

  test('by keyboard: accepted and released in its row, where the keyboard goes on', async () => {
    await show('?connector=zigbee2mqtt');
    const washer = page.getByRole('listitem', { name: 'washer' });
    await washer.waitFor();
    // On a new screen the frame looks for the focus for a while.
    await page.waitForTimeout(2_500);
    for (const [deed, state] of [
      ['Accept washer', 'Accepted'],
      ['Release washer', 'Found'],
    ] as const) {
      await washer.getByRole('button', { name: deed, exact: true }).focus();
      await page.keyboard.press('Enter');
      await washer.getByText(state, { exact: true }).waitFor();
      assert.equal(await focused(page), 'washer');
    }
    await show('?state=found&connector=zigbee2mqtt');
    await washer.getByRole('button', { name: 'Accept washer', exact: true }).focus();
    await page.keyboard.press('Enter');
    await washer.waitFor({ state: 'detached' });
    assert.equal(await focused(page), 'What was done', 'the row is gone');
    await page.getByRole('button', { name: 'Undo' }).click();
    await washer.waitFor();
  });

  test('a unit that nobody said is asked for: as it is shown, or another', async () => {
    await show('?connector=chirpstack');
    const field = kind('Dragino LHT65');
    await field.getByRole('button', { name: 'Accept field 1' }).click();
    await field.getByText(/Nobody says in which unit temperature \(shown as Cel\) is/).waitFor();
    assert.equal(await focused(page), 'How field 1 is read');
    await checkLooks(page, 'connect-thing');
    await page.setViewportSize({ width: 1_440, height: 900 });
    await field.getByLabel('Unit of object.temp').fill('°F');
    await field.getByRole('button', { name: 'Accept as changed' }).click();
    await page.getByText('1 thing accepted: field 1').waitFor();
    await field.getByText(/^21\.\d °C$/).waitFor();
    await field.getByRole('button', { name: 'Accept all 1 of Dragino LHT65' }).click();
    await field.getByText(/If one is in another unit/).waitFor();
    await checkLooks(page, 'connect-ask');
    await page.setViewportSize({ width: 1_440, height: 900 });
    await field.getByRole('button', { name: 'As shown: accept 1' }).click();
    await page.getByText('1 thing accepted: Dragino LHT65').waitFor();
    await field.getByText(/^72\.0 °C$/).waitFor();
    // What somebody said otherwise is not offered as it was guessed.
    await field.getByText('Accepted', { exact: true }).nth(1).waitFor();
    assert.equal(await field.getByText('unit assumed').count(), 0);
    // Released and taken back, it is read as somebody said, not as it was guessed.
    await field.getByRole('button', { name: 'Release field 1' }).click();
    await page.getByText('1 thing released: field 1').waitFor();
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await page.getByText('1 thing accepted: field 1').waitFor();
    const { items } = await answer(api.GET('/api/v1/connectors/things', { params: { query: { search: 'field 1' } } }));
    assert.deepEqual(
      items.map(({ mappings }) => mappings.map(({ fields }) => fields)),
      [[[{ path: 'object.temp', quantity: 'temperature', unit: '°F' }]]],
    );
  });

  test('what nothing reads is mapped by hand, tried while it is typed', async () => {
    await say('garden/gate', { gate: 'open', when: { time: '2026-01-05T12:00:00Z' } });
    await show('?view=unread');
    await page.getByRole('button', { name: 'Map it: garden/gate' }).click();
    const tried = page.getByRole('status', { name: 'What it would become' });
    await tried.getByRole('cell', { name: 'open', exact: true }).waitFor();
    assert.equal(await page.getByLabel('Member with the time').inputValue(), 'when.time');
    await page.getByLabel('Unit').fill('m');
    await tried.getByText(/is no number/).waitFor();
    await page.getByLabel('Unit').fill('');
    await page.getByLabel('Quantity').fill('position');
    await tried.getByRole('cell', { name: 'position' }).waitFor();
    await checkLooks(page, 'connect-map');
    await page.setViewportSize({ width: 1_440, height: 900 });
    await page.getByRole('button', { name: 'Accept it so' }).click();
    await page.getByText('Everything that came is read').waitFor();
    assert.equal(await focused(page), 'What nothing reads');
    await say('garden/gate', { gate: 'shut', when: { time: new Date().toISOString() } });
    await show('?search=garden');
    await page.getByText('shut', { exact: true }).waitFor();
  });

  test('what cannot be read is shown with its reason', async () => {
    await say('zigbee2mqtt/hall climate', { temperature: 'hot' });
    await show('?view=refused');
    await page
      .getByText(/"hot" is no number/)
      .first()
      .waitFor();
    await page.getByText('Read by: Zigbee2MQTT').first().waitFor();
    await checkLooks(page, 'connect-refused');
    await page.setViewportSize({ width: 1_440, height: 900 });
  });

  test('a connector is set by a form, switched off and on; what pushes has an address that works as it is shown', async () => {
    await show('?view=connectors');
    const zigbee = kind('Zigbee2MQTT');
    await zigbee.getByText('Settings').click();
    await zigbee.getByLabel('Base topics, one a line').fill('zigbee2mqtt\nupstairs');
    await zigbee.getByRole('button', { name: 'Set', exact: true }).click();
    await zigbee.getByText('upstairs/#', { exact: true }).waitFor();
    const lora = kind('ChirpStack');
    await lora.getByText('Settings').click();
    await lora.getByRole('button', { name: 'Add one' }).click();
    await lora.getByLabel('For', { exact: true }).fill('My profile');
    await lora.getByLabel('Codecs: text for My profile').fill('function decodeUplink(input) { return { data: {} }; }');
    await lora.getByRole('button', { name: 'Set', exact: true }).click();
    await lora.getByText('Set: from the next message on.').waitFor();
    const hook = kind('Webhook');
    await hook.getByRole('button', { name: 'Switch off Webhook' }).click();
    await hook.getByText('Off', { exact: true }).waitFor();
    await hook.getByRole('button', { name: 'Switch on Webhook' }).click();
    await hook.getByRole('button', { name: 'Address to push to: Webhook' }).click();
    await hook.locator('.copied code').nth(1).waitFor();
    const [address = '', command = ''] = await hook.locator('.copied code').allTextContents();
    await checkLooks(page, 'connect-connectors');
    await page.setViewportSize({ width: 1_440, height: 900 });
    await promisify(execFile)('sh', ['-c', `${command} --fail --silent`]);
    await hook.getByRole('button', { name: 'New secret for Webhook' }).click();
    await hook.getByRole('button', { name: 'Make another' }).click();
    await page.waitForFunction(
      (before) => [...document.querySelectorAll('.copied code')].every(({ textContent }) => textContent !== before),
      address,
    );
    await assert.rejects(
      promisify(execFile)('sh', ['-c', `${command} --fail --silent`]),
      'the one before is good no more',
    );
    await show('?connector=webhook');
    await page.getByText('example', { exact: true }).first().waitFor();
    const set = await answer(api.GET('/api/v1/connectors'));
    assert.deepEqual(
      set.flatMap(({ name, settings }) => (name === 'chirpstack' || name === 'zigbee2mqtt' ? [settings] : [])),
      [
        { baseTopics: ['zigbee2mqtt', 'upstairs'] },
        { prefix: '', codecs: { 'My profile': 'function decodeUplink(input) { return { data: {} }; }' } },
      ],
    );
  });

  test('where nothing speaks, nothing is asked for', async () => {
    clearInterval(speaking);
    await show('');
    await page.locator('.things li').first().waitFor();
    // What was said last is asked for within a few seconds.
    await page.waitForTimeout(8_000);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.waitForTimeout(8_000);
    assert.deepEqual(
      asked.filter((url) => url.includes('/connectors')),
      [],
    );
  });
});
