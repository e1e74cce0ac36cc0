// What simulated systems say goes through the connectors of the real ones, below a name of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapMessage } from '@trine/mapping/message/map.ts';
import { toUtf8 } from '@trine/protocol';
import { announce, toys } from '../testing/connectors.ts';
import { discovered } from './discovered.ts';

test('a simulated thing has a name, a topic and a subject that no real one has, and is read from its own topic alone', () => {
  const running = toys.start(toys.settings.parse({}));
  const payload = announce({ id: '1', name: 'bear', kind: 'bears' });
  const [real] = discovered(running, { topic: 'toys/announce', payload }).found;
  const [thing] = discovered(running, { topic: 'simulated/toys/announce', payload }).found;
  assert.deepEqual([real?.id, thing?.id, thing?.name], ['1', 'simulated/1', 'bear (simulated)']);
  const mapping = thing?.mappings[0] ?? assert.fail();
  const says = { topic: 'toys/bear', payload: toUtf8('{"temperature":20.5}') };
  assert.equal(mapMessage(mapping, says, 0), undefined);
  const [pack] = mapMessage(mapping, { ...says, topic: `simulated/${says.topic}` }, 0)?.packs ?? [];
  assert.deepEqual([pack?.subject, pack?.readings[0]?.value], ['simulated/toy/1', 20.5]);
});

test('a subject that is too long below the name is refused, and never cut to that of another', () => {
  const running = toys.start(toys.settings.parse({}));
  const long = (end: string) => ({ id: `${'x'.repeat(120)}${end}`, name: 'bear', kind: 'bears' });
  const message = { topic: 'simulated/toys/announce', payload: announce(long('1'), long('2')) };
  const says = { topic: 'simulated/toys/bear', payload: toUtf8('{"temperature":1}') };
  const { found } = discovered(running, message);
  assert.equal(found.length, 2);
  for (const { mappings } of found) {
    const [mapping = assert.fail()] = mappings;
    assert.throws(() => mapMessage(mapping, says, 0), /subject/);
  }
});
