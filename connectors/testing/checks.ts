// What every connector holds to: the same things of the same messages, mappings that are whole, and nothing that anybody sends
// makes it fail, grow or wait.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connector, FoundThing, RunningConnector } from '@trine/mapping/connector.ts';
import { MappingError } from '@trine/mapping/message/error.ts';
import { type MappingCode, mapMessage } from '@trine/mapping/message/map.ts';
import { mappingSchema, plainMapping } from '@trine/mapping/message/mapping.ts';
import type { RawMessage } from '@trine/mapping/message/message.ts';
import { isSubject, toUtf8 } from '@trine/protocol';
import fc from 'fast-check';

/** @example message('tele/plug/SENSOR', { ENERGY: { Power: 12 } }) */
export function message(topic: string, said: unknown): RawMessage {
  return { topic, payload: toUtf8(typeof said === 'string' ? said : JSON.stringify(said)) };
}

/** Things of several messages, by id; later ones go before earlier ones, topic by topic. */
export function foundIn(running: RunningConnector, messages: readonly RawMessage[]): Map<string, FoundThing> {
  const things = new Map<string, FoundThing>();
  for (const one of messages) {
    const { found, gone = [] } = running.discover(one);
    for (const thing of found) {
      const before = thing.isWhole ? [] : (things.get(thing.id)?.mappings ?? []);
      const topics = new Set(thing.mappings.map(({ topic }) => topic));
      things.set(thing.id, {
        ...thing,
        mappings: [...before.filter(({ topic }) => !topics.has(topic)), ...thing.mappings],
      });
    }
    for (const id of gone) things.delete(id);
  }
  return things;
}

/**
 * What a message of a thing comes to, as `subject quantity=value unit @time`.
 * @param nowMs of its arrival, which is not written
 */
export function saidBy({ mappings }: FoundThing, one: RawMessage, nowMs: number, code?: MappingCode): string[] {
  return mappings.flatMap((mapping) => {
    const { packs = [] } = mapMessage(mapping, one, nowMs, code) ?? {};
    return packs.flatMap(({ subject, readings }) =>
      readings.map(({ quantity, value, unit, timeMs }) =>
        [`${subject} ${quantity}=${value}`, unit, timeMs === nowMs ? '' : `@${new Date(timeMs).toISOString()}`]
          .filter(Boolean)
          .join(' '),
      ),
    );
  });
}

/** Quadratic work on a message of the largest size takes longer, whatever the machine. */
const HANGS_MS = 120_000;

/** @param messages of the kind that such systems send: announcements and data */
export function checkConnector<S extends object>(connector: Connector<S>, messages: readonly RawMessage[]): void {
  const open = (): RunningConnector => connector.start(connector.settings.parse({}));
  const { manifest } = connector;

  test(`${manifest.name}: it says what it is, starts without settings, and refuses settings that nobody knows`, () => {
    assert.match(manifest.name, /^[a-z][a-z0-9-]*$/);
    for (const text of [manifest.title, manifest.about, manifest.triedAgainst]) assert.ok(text.length > 2);
    assert.equal(manifest.ways.includes('http'), open().messages !== undefined);
    assert.equal(manifest.ways.includes('mqtt'), open().filters.length > 0);
    assert.equal(connector.settings.safeParse({ nobody: 'knows' }).success, false);
  });

  test(`${manifest.name}: the same messages give the same things, with mappings that are whole and speak of one thing`, () => {
    const found = foundIn(open(), messages);
    assert.ok(found.size > 0);
    const running = open();
    for (const one of messages) running.discover(one);
    assert.deepEqual([...foundIn(running, messages)].sort(), [...found].sort());
    for (const { mappings, id, name } of found.values()) {
      assert.ok(id.length > 0 && name.length > 0);
      for (const mapping of mappings) {
        assert.deepEqual(mappingSchema.parse(plainMapping(mapping)), mapping);
        assert.ok(isSubject(mapping.subject), mapping.subject);
        const quantities = mapping.fields.map(({ quantity }) => quantity);
        assert.equal(new Set(quantities).size, quantities.length, quantities.join());
        assert.doesNotMatch(mapping.topic, /[+#]/, 'it is read from topics of its own');
      }
    }
  });

  test(`${manifest.name}: what it shows people to push becomes a thing with readings`, () => {
    const { example, ways } = manifest;
    assert.equal(example !== undefined, ways.includes('http'));
    if (example === undefined) return;
    const running = open();
    const url = new URL(`http://node/push/it/secret${example.path}`);
    const pushed = running.messages?.({
      ...{ method: 'POST', path: url.pathname.slice('/push/it/secret/'.length), query: url.searchParams },
      ...{ headers: new Headers(), body: toUtf8(example.body) },
    });
    const [one, ...more] = pushed?.messages ?? [];
    const [thing, ...others] = foundIn(running, [one ?? assert.fail('it is not taken')]).values();
    assert.deepEqual([more, others], [[], []]);
    assert.notDeepEqual(saidBy(thing ?? assert.fail('no thing'), one, 0), []);
  });

  test(`${manifest.name}: nothing that anybody sends on its topics makes it fail`, () => {
    const running = open();
    const topics = fc.constantFrom(...messages.map(({ topic }) => topic));
    const whole = fc.oneof(fc.json().map(toUtf8), fc.uint8Array({ maxLength: 60 }), fc.constant(new Uint8Array()));
    // Members of real messages, with something else in their place.
    const bent = fc.tuple(fc.constantFrom(...messages), fc.json({ maxDepth: 2 }), fc.nat(20)).map(([one, json, at]) => {
      let nth = 0;
      const text = new TextDecoder().decode(one.payload);
      return toUtf8(
        text.replace(/(?<=:\s*)(?:"[^"]*"|-?\d[\d.]*|true|false|null)/g, (old) => (nth++ === at ? json : old)),
      );
    });
    fc.assert(
      fc.property(topics, fc.oneof(whole, bent), (topic, payload) => {
        for (const { mappings } of takes(running, { topic, payload }))
          for (const mapping of mappings) {
            assert.ok(mappingSchema.safeParse(plainMapping(mapping)).success, JSON.stringify(mapping));
            assert.ok(isSubject(mapping.subject), mapping.subject);
          }
      }),
      { numRuns: 300 },
    );
  });

  test(`${manifest.name}: the largest messages do not keep it busy`, { timeout: HANGS_MS }, () => {
    const running = open();
    const long = 'x'.repeat(200_000);
    const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 15_000 }, (_, i) => [`k${i}`, i])));
    const list = JSON.stringify(Array.from({ length: 5_000 }, (_, i) => ({ id: i, value: i })));
    for (const { topic } of messages)
      for (const text of [long, JSON.stringify(long), deep, wide, list]) takes(running, message(topic, text));
  });
}

function takes(running: RunningConnector, one: RawMessage): readonly FoundThing[] {
  try {
    return running.discover(one).found;
  } catch (error) {
    assert.ok(error instanceof MappingError, String(error));
    return [];
  }
}
