import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapMessage } from '@trine/mapping/message/map.ts';
import { toUtf8 } from '@trine/protocol';
import { checkConnector, foundIn, message, saidBy } from '../testing/checks.ts';
import { tts } from './index.ts';

const now = 1_763_884_800_000;
/** An uplink as The Things Stack v3 sends it. */
const uplink = {
  end_device_ids: {
    device_id: 'eui-70b3d57ed0001234',
    application_ids: { application_id: 'water' },
    dev_eui: '70B3D57ED0001234',
  },
  correlation_ids: ['as:up:01'],
  received_at: '2025-11-23T06:40:01Z',
  uplink_message: {
    ...{ session_key_id: 'AYf', f_port: 1, f_cnt: 42, frm_payload: 'AQI=', received_at: '2025-11-23T06:40:00.923Z' },
    decoded_payload: { temperature: 21.5, level: { water_level: 1.25 }, alarm: true },
    version_ids: { brand_id: 'dragino', model_id: 'ldds75' },
  },
};
const topic = 'v3/water@ttn/devices/eui-70b3d57ed0001234/up';
const one = message(topic, uplink);

checkConnector(tts, [one]);

test('uplinks of a device, dated by the network, once whichever gateway heard them', () => {
  const [thing, ...others] = foundIn(tts.start(tts.settings.parse({})), [one]).values();
  assert.deepEqual(
    [thing?.id, thing?.name, thing?.kind, others],
    ['water/eui-70b3d57ed0001234', 'eui-70b3d57ed0001234', 'dragino ldds75', []],
  );
  const said = saidBy(thing ?? assert.fail(), one, now);
  assert.deepEqual(
    said.map((text) =>
      text.replace('lorawan/water.eui-70b3d57ed0001234 ', '').replace(' @2025-11-23T06:40:00.923Z', ''),
    ),
    ['temperature=21.5 Cel', 'level.water_level=1.25', 'alarm=true'],
  );
  assert.equal(mapMessage(thing?.mappings[0] ?? assert.fail(), one, now)?.once, 'AYf 42');
});

test('a webhook gives the same, under the topic of its application; what is no uplink is taken and left', () => {
  const running = tts.start(tts.settings.parse({}));
  const push = (body: object) =>
    running.messages?.({
      method: 'POST',
      path: 'up',
      query: new URLSearchParams(),
      headers: new Headers(),
      body: toUtf8(JSON.stringify(body)),
    });
  assert.deepEqual(
    push(uplink)?.messages.map((sent) => sent.topic),
    ['v3/water/devices/eui-70b3d57ed0001234/up'],
  );
  assert.deepEqual(push({ end_device_ids: uplink.end_device_ids, join_accept: {} }), {
    messages: [],
    answer: { status: 200 },
  });
});

test('an uplink on the topic of another device is no word of its own', () => {
  const running = tts.start(tts.settings.parse({}));
  assert.throws(() => running.discover(message('v3/water@ttn/devices/another/up', uplink)), /another device/);
  assert.throws(() => running.discover(message(topic.replace('water', 'fire'), uplink)), /another device/);
});
