// A whole node notices that a sensor died, which goes on sending that it has no value, and that another fell silent: without any
// agreement, by the list, by the webhook, and gone when they speak again.
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ToldSilence } from '@trine/node/silence/silences.ts';
import mqtt from 'mqtt';
import { startPlatform, until } from '../platform.ts';
import { startReceiver } from '../receiver.ts';

const EVERY_MS = 500;
/** No less than a minute is silence. */
const WITHIN_MS = 150_000;

test('a sensor that died and one that fell silent are told, and go when they speak again', async (t) => {
  const { posted, url: webhook, close } = await startReceiver<ToldSilence>();
  const home = mkdtempSync(join(tmpdir(), 'trine-sim-'));
  const bridge = [{ topic: 'home/+/temp', subject: 'home/{1}', quantity: 'temperature', unit: 'Cel' }];
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ bridge, alerts: { webhook } }));
  const { node, remove } = await startPlatform(home);
  const client = await mqtt.connectAsync(node.mqtt.address);
  t.after(async () => {
    await client.endAsync();
    await remove();
    close();
  });
  const says = (room: string, value: string) => client.publishAsync(`home/${room}/temp`, value, { qos: 1 });
  for (let i = 0; i < 12; i++) {
    await Promise.all(['well', 'dead', 'gone'].map((room) => says(room, String(20 + i))));
    await sleep(EVERY_MS);
  }
  // One goes on, one has no value, one says nothing.
  const going = setInterval(() => void Promise.all([says('well', '21'), says('dead', 'unavailable')]), EVERY_MS);
  t.after(() => clearInterval(going));
  const codes = () =>
    node.silences
      ?.list(10)
      .map(({ subject, code }) => `${subject} ${code}`)
      .sort() ?? [];
  const found = await until('both are noticed', async () => (codes().length > 1 ? codes() : undefined), WITHIN_MS);
  assert.deepEqual(found, ['home/dead no-value', 'home/gone silent']);
  const told = () => posted.filter(({ code }) => code === 'silent' || code === 'no-value');
  await until('both are told', async () => (told().length > 1 ? true : undefined));
  assert.deepEqual(
    told()
      .map(({ subject, code, severity }) => [subject, code, severity])
      .sort(),
    [
      ['home/dead', 'no-value', 'warning'],
      ['home/gone', 'silent', 'warning'],
    ],
  );
  await says('gone', '22');
  await until('it speaks again', async () => (codes().length === 1 ? true : undefined));
  assert.deepEqual(codes(), ['home/dead no-value']);
});
