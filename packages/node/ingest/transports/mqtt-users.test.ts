import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { MemoryDisk } from '@trine/system/testing/memory-disk.ts';
import { MqttUsers, mayPublish, maySubscribe } from './mqtt-users.ts';

function open(disk = new MemoryDisk()): MqttUsers {
  disk.makeFolder('/mqtt');
  return new MqttUsers(disk.database('/mqtt/users.sqlite'), (length) => randomBytes(length));
}

const meter = { name: 'meter', publish: ['home/meter/#'], subscribe: ['home/+/set'] };

test('a user is let in with the password that was made for it, and with no other', async () => {
  const users = open();
  const password = await users.put(meter);
  assert.ok(password.length >= 24);
  for (let i = 0; i < 2; i++) assert.deepEqual(await users.authenticate('meter', password), meter);
  for (const [name, wrong] of [
    ['meter', `${password}x`],
    ['meter', ''],
    ['other', password],
    ['', ''],
  ] as const)
    assert.equal(await users.authenticate(name, wrong), undefined);
});

test('what stands on disk lets nobody in: no password, and another hash for each user', async () => {
  const disk = new MemoryDisk();
  const users = open(disk);
  const password = await users.put(meter);
  const rows = disk.database('/mqtt/users.sqlite').prepare('SELECT * FROM mqtt_users').all();
  assert.doesNotMatch(JSON.stringify(rows), new RegExp(password));
  assert.deepEqual(await open(disk).authenticate('meter', password), meter);
});

test('set again it has another password and other topics; removed it is let in no more, at once', async () => {
  const users = open();
  const before = await users.put(meter);
  await users.authenticate('meter', before);
  const now = await users.put({ ...meter, publish: ['x'] });
  assert.equal(await users.authenticate('meter', before), undefined);
  assert.deepEqual((await users.authenticate('meter', now))?.publish, ['x']);
  assert.deepEqual([users.remove('meter'), users.remove('meter'), users.isEmpty], [true, false, true]);
  assert.equal(await users.authenticate('meter', now), undefined);
});

test('rights are by topic: what is published must match, what is heard must lie within', () => {
  assert.deepEqual(
    ['home/meter/power', 'home/meter', 'home/meters', 'other'].map((topic) => mayPublish(meter, topic)),
    [true, true, false, false],
  );
  assert.deepEqual(
    ['home/lamp/set', 'home/+/set', 'home/#', '#', 'home/lamp/set/x'].map((filter) => maySubscribe(meter, filter)),
    [true, true, false, false, false],
  );
});

test('what is no name or no filter is refused in words', async () => {
  const users = open();
  for (const name of ['', ' a', 'a/b', 'a+', 'x'.repeat(65), 'a\nb'])
    await assert.rejects(users.put({ ...meter, name }), /A user has a name of 1 to 64 characters/);
  for (const filter of ['', 'a/#/b', 'a+', 'a#', 'x'.repeat(513)])
    await assert.rejects(users.put({ ...meter, publish: [filter] }), /is no topic filter/);
  assert.ok(users.isEmpty);
});

test('who asks without end is told to come again; whoever was let in before still is', async () => {
  const users = open();
  const password = await users.put(meter);
  await users.authenticate('meter', password);
  const tries = Array.from({ length: 50 }, (_, i) => users.authenticate('meter', `wrong ${i}`));
  const ends = Promise.allSettled(tries);
  assert.deepEqual(await users.authenticate('meter', password), meter);
  const refused = (await ends).filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
  assert.ok(refused.length >= 10 && refused.every(({ reason }) => reason.code === 'busy'));
});
