import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryDisk } from '@trine/system/testing/memory-disk.ts';
import { type RetainedLimits, RetainedMessages } from './retained.ts';

const roomy: RetainedLimits = { retainedMessagesMax: 100, retainedBytesMax: 10_000 };
const message = (topic: string, text: string) => ({ topic, payload: Buffer.from(text), qos: 1 as const });

function open(limits = roomy, disk = new MemoryDisk()) {
  disk.makeFolder('/mqtt');
  return new RetainedMessages(disk.database('/mqtt/retained.sqlite'), limits);
}

const topics = (retained: RetainedMessages, ...filters: string[]) =>
  [...retained.matching(filters)].map(({ topic, payload }) => `${topic}=${payload}`);

test('the newest message of a topic is kept, over a restart as well; one without a payload clears it', () => {
  const disk = new MemoryDisk();
  const retained = open(roomy, disk);
  retained.keep(message('home/door', 'open'));
  retained.keep(message('home/door', 'shut'));
  retained.keep(message('home/lamp', 'on'));
  assert.deepEqual(topics(retained, 'home/#'), ['home/door=shut', 'home/lamp=on']);
  const again = open(roomy, disk);
  assert.deepEqual(topics(again, '#'), ['home/door=shut', 'home/lamp=on']);
  again.keep(message('home/door', ''));
  assert.deepEqual(topics(again, '#'), ['home/lamp=on']);
  assert.deepEqual(topics(open(roomy, disk), '#'), ['home/lamp=on']);
});

test('each matching message comes once, whatever filters overlap', () => {
  const retained = open();
  for (const topic of ['a/b', 'a/c', 'd']) retained.keep(message(topic, topic));
  assert.deepEqual(topics(retained, 'a/+', 'a/b', '#').sort(), ['a/b=a/b', 'a/c=a/c', 'd=d']);
  assert.deepEqual(topics(retained, 'a/b', 'a/b', 'none'), ['a/b=a/b']);
});

test('what is kept is bounded, in messages and in bytes; what was true before is not told any more', () => {
  const retained = open({ retainedMessagesMax: 2, retainedBytesMax: 20 });
  assert.equal(retained.keep(message('a', '1')), true);
  assert.equal(retained.keep(message('b', '1')), true);
  assert.equal(retained.keep(message('c', '1')), false);
  assert.equal(retained.keep(message('a', '2')), true);
  assert.equal(retained.keep(message('b', 'x'.repeat(30))), false);
  assert.deepEqual(topics(retained, '#'), ['a=2']);
  assert.equal(retained.keep(message('c', 'x'.repeat(16))), true);
  assert.equal(retained.size, 2);
});
