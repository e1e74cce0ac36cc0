// Plain messages: what a rule reads is said by the gateway; what it cannot read is counted, and stops nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import { decodeLeaf, parseStatement, TrineError } from '@trine/protocol';
import { ruled } from '../testing/connectors.ts';
import { Parts } from '../testing/parts.ts';
import type { Issuer } from './issuer.ts';
import { PlainMessages } from './plain-messages.ts';
import { saidBefore } from './said-before.ts';

const rules: Mapping[] = [
  { topic: 'home/+/temp', subject: 'home/{1}', quantity: 'temperature', unit: 'Cel', fields: [] },
  { topic: 'kelvin/+', subject: 'home/{1}', quantity: 'temperature', unit: 'K', fields: [] },
  { topic: 'dated/+', subject: 'home/{1}', unit: '', time: 't', fields: [{ path: 'v', quantity: 'v', unit: '' }] },
  {
    ...{ topic: 'uplink/+', subject: 'home/radio', unit: '', once: '{json:id}' },
    fields: [{ path: 'v', quantity: 'v', unit: '' }],
  },
];
const utf8 = (text: string) => new TextEncoder().encode(text);

/** As a node has them. */
function plainOf({ identities: { gateway }, world: { now }, store, projections: { runner } }: Parts): PlainMessages {
  return new PlainMessages({ ...ruled(rules, now), gateway, isSaid: saidBefore(store, runner) });
}

test('what a rule reads is in the log, as the gateway’s word about the thing', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  const plain = plainOf(parts);
  let isForgotten = false;
  const sealed = plain.take({ topic: 'home/kitchen/temp', payload: utf8('21.5') }).then(() => {
    isForgotten = true;
  });
  await plain.take({ topic: 'garden/temp', payload: utf8('9') });
  // A payload of nothing clears what a broker retains: it says nothing.
  await plain.take({ topic: 'home/kitchen/temp', payload: new Uint8Array() });
  assert.equal(isForgotten, false, 'it is not sealed yet');
  await parts.does(sealed);
  assert.equal(isForgotten, true);
  await parts.does(parts.projections.runner.flush());
  const rows = await parts.does(
    parts.store.query('SELECT subject, quantity, unit, value FROM readings JOIN streams USING (stream)'),
  );
  assert.deepEqual(rows, [{ subject: 'home/kitchen', quantity: 'temperature', unit: 'Cel', value: 21.5 }]);
  assert.deepEqual([plain.refused, plain.last], [0, undefined], 'a topic without a rule is nobody’s fault');
  for (const [i, unreadable] of ['x'.repeat(2_000), 'open'].entries()) {
    // Counted, and not to be sent again: it can be no reading.
    await plain.take({ topic: 'home/kitchen/temp', payload: utf8(unreadable) });
    assert.equal(plain.refused, i + 1);
    assert.match(plain.last ?? '', /home\/kitchen\/temp/);
  }
  // A dead sensor: counted apart, and no reading.
  const silent: string[] = [];
  plain.onNoValue((subject) => silent.push(subject));
  for (const nothing of [' \n', 'nan', 'unavailable'])
    await plain.take({ topic: 'home/kitchen/temp', payload: utf8(nothing) });
  await plain.take({ topic: 'home/kitchen/temp', payload: utf8('nan'), isRetained: true });
  assert.deepEqual([plain.refused, plain.noValue], [2, 4]);
  assert.deepEqual(silent, ['home/kitchen', 'home/kitchen', 'home/kitchen'], 'what was kept says nothing of now');
  // Refused by the ingest, for good.
  await parts.does(plain.take({ topic: 'kelvin/kitchen', payload: utf8('294.6') }));
  assert.equal(plain.refused, 3);
  assert.match(plain.last ?? '', /wrong-unit/);
});

test('a message whose time is missing or none is dated by its arrival, says that it has no clock, and is counted', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  const { now } = parts.world;
  const plain = plainOf(parts);
  const toldMs = now() - 60_000;
  for (const [i, time] of [`,"t":${toldMs}`, '', ',"t":null', ',"t":1.42', ',"t":"2100-01-01T00:00:00Z"'].entries())
    await parts.does(plain.take({ topic: 'dated/1', payload: utf8(`{"v":${i}${time}}`) }));
  assert.deepEqual([plain.refused, plain.datedByArrival], [0, 4]);
  assert.match(plain.lastDated ?? '', /^Topic dated\/1: .*set the clock/);
  const leaves = Array.from({ length: parts.log.size }, (_, i) => decodeLeaf(parts.log.read(i)));
  const said = leaves.flatMap((leaf) => {
    if (leaf.kind !== 'statement') return [];
    const { header } = parseStatement(leaf.statement);
    return header.kind === 'pack' ? [{ clock: header.clock, arrivalMs: leaf.arrivalMs }] : [];
  });
  assert.deepEqual(
    said.map(({ clock }) => clock),
    ['synchronised', 'none', 'none', 'none', 'none'],
  );
  await parts.does(parts.projections.runner.flush());
  const rows = (await parts.does(
    parts.store.query('SELECT value, event_ms AS ms FROM readings JOIN streams USING (stream) ORDER BY value'),
  )) as { value: number; ms: bigint }[];
  assert.deepEqual(
    rows.map(({ ms }) => Number(ms)),
    [toldMs, ...said.slice(1).map(({ arrivalMs }) => arrivalMs)],
  );
});

test('what a broker had kept is never dated by its arrival: without a time of its own it is no reading, with one it counts once', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  const timeMs = parts.world.now() - 86_400_000;
  const rows = async () => {
    await parts.does(parts.projections.runner.flush());
    const found = (await parts.does(
      parts.store.query('SELECT value, event_ms AS ms FROM readings JOIN streams USING (stream) ORDER BY value'),
    )) as { value: number; ms: bigint }[];
    return found.map(({ value, ms }) => [value, Number(ms)]);
  };
  const kept = (topic: string, text: string) => ({ topic, payload: utf8(text), isRetained: true });
  const undated = [
    kept('home/attic/temp', '35.5'),
    kept('dated/1', '{"v":1}'),
    kept('dated/1', '{"v":1,"t":null}'),
    kept('dated/1', '{"v":1,"t":188}'),
  ];
  // Three starts of a node: its memory is gone each time, its log is not.
  for (let start = 0; start < 3; start++) {
    const plain = plainOf(parts);
    for (const message of undated) await parts.does(plain.take(message));
    assert.deepEqual([plain.undated, plain.datedByArrival, plain.refused], [4, 0, 0]);
    assert.match(plain.lastUndated ?? '', /^Topic dated\/1: 188 .*: a broker had kept the message/);
    // Twice at once, as brokers hand it to two subscriptions, and again on the next connection.
    const dated = kept('dated/1', `{"v":2,"t":${timeMs}}`);
    await parts.does(Promise.all([plain.take(dated), plain.take(dated)]));
    await parts.does(plain.take(dated));
    assert.deepEqual(await rows(), [[2, timeMs]], `start ${start}`);
  }
  // Said live and kept since: known. Another time of it is another reading.
  const plain = plainOf(parts);
  const live = `{"v":3,"t":${timeMs + 1_000}}`;
  await parts.does(plain.take({ topic: 'dated/1', payload: utf8(live) }));
  await parts.does(plain.take(kept('dated/1', live)));
  await parts.does(plain.take(kept('dated/1', `{"v":4,"t":${timeMs + 2_000}}`)));
  assert.deepEqual(await rows(), [
    [2, timeMs],
    [3, timeMs + 1_000],
    [4, timeMs + 2_000],
  ]);
});

test('the same message twice is one reading, where it has a time of its own or a name from its network', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  const plain = plainOf(parts);
  const packs = async () => {
    await parts.does(parts.projections.runner.flush());
    return (await parts.does(parts.store.query('SELECT value FROM readings'))).length;
  };
  const message = (topic: string, text: string, more: object = {}) => ({ topic, payload: utf8(text), ...more });
  const timeMs = parts.world.now() - 60_000;
  const dated = message('dated/1', `{"v":2,"t":${timeMs}}`);
  await parts.does(Promise.all([plain.take(dated), plain.take(dated)]));
  await parts.does(plain.take(dated));
  assert.deepEqual([await packs(), plain.repeated], [1, 2]);
  // The same value at the same time on another topic, and another value on the same one, are others.
  await parts.does(plain.take({ ...dated, topic: 'dated/2' }));
  await parts.does(plain.take(message('dated/1', `{"v":3,"t":${timeMs}}`)));
  assert.deepEqual([await packs(), plain.repeated], [3, 2]);
  // Without a time nobody can tell two messages from one that came twice.
  for (let i = 0; i < 2; i++) await parts.does(plain.take(message('home/a/temp', '20')));
  assert.deepEqual([await packs(), plain.repeated], [5, 2]);
  // Heard by two gateways, which say different things of it.
  for (const at of ['a', 'b']) await parts.does(plain.take(message(`uplink/${at}`, '{"v":20,"id":"1"}')));
  assert.deepEqual([await packs(), plain.repeated], [6, 3]);
  await parts.does(plain.take(message('uplink/a', '{"v":20,"id":"2"}')));
  assert.deepEqual([await packs(), plain.repeated], [7, 3]);
  // Another start of the node: its memory is gone, its log is not.
  const restarted = plainOf(parts);
  await parts.does(restarted.take(dated));
  assert.equal(await packs(), 7);
});

test('after a start the log is asked about what was said before it: numbers, truths and texts', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  const timeMs = parts.world.now() - 60_000;
  const values = ['0.1', 'true', '"open"', '-7e-3'];
  const count = async () => {
    await parts.does(parts.projections.runner.flush());
    const tables = await parts.does(
      parts.store.query<{ n: number }>('SELECT (SELECT count(*) FROM readings) + (SELECT count(*) FROM texts) AS n'),
    );
    return Number(tables[0]?.n);
  };
  const counts: number[] = [];
  for (let start = 0; start < 2; start++) {
    const plain = plainOf(parts);
    for (const [i, value] of values.entries())
      await parts.does(plain.take({ topic: `dated/${i}`, payload: utf8(`{"v":${value},"t":${timeMs}}`) }));
    counts.push(await count());
  }
  assert.equal(counts[1], counts[0]);
  const plain = plainOf(parts);
  for (const i of values.keys())
    await parts.does(plain.take({ topic: `dated/${i}`, payload: utf8(`{"v":${i + 2},"t":${timeMs}}`) }));
  assert.equal(await count(), (counts[0] as number) + values.length, 'another value is another reading');
});

test('what a broker hands out again is said only where it is not in the log, with the time at which it came first', async (t) => {
  const parts = await Parts.open();
  t.after(() => parts.close());
  const arrivalMs = parts.world.now() - 30_000;
  const took = { topic: 'home/a/temp', payload: utf8('20'), arrivalMs };
  const rows = async () => {
    await parts.does(parts.projections.runner.flush());
    const found = await parts.does(
      parts.store.query('SELECT event_ms AS ms FROM readings JOIN streams USING (stream)'),
    );
    return (found as { ms: bigint }[]).map(({ ms }) => Number(ms));
  };
  await parts.does(plainOf(parts).take(took));
  // Another start of the node.
  const plain = plainOf(parts);
  await parts.does(plain.take({ ...took, isAgain: true }));
  assert.deepEqual(await rows(), [arrivalMs]);
  await parts.does(plain.take({ ...took, arrivalMs: arrivalMs + 1, isAgain: true }));
  assert.deepEqual(await rows(), [arrivalMs, arrivalMs + 1]);
});

test('what a broker had kept and could not be sealed is taken when it comes again', async () => {
  let tries = 0;
  const gateway = {
    measure: async () => {
      tries++;
      if (tries === 1) throw new Error('The log is full.');
    },
  } as unknown as Issuer;
  const plain = new PlainMessages({ ...ruled(rules, () => 1_763_884_800_000), gateway, isSaid: async () => false });
  const kept = { topic: 'dated/1', payload: utf8('{"v":1,"t":1763884000}'), isRetained: true };
  await assert.rejects(plain.take(kept), /full/);
  await plain.take(kept);
  await plain.take(kept);
  assert.equal(tries, 2);
});

test('what is refused later is counted then; beyond so many that wait, no more are taken', async () => {
  const waiting: ((error: Error) => void)[] = [];
  const gateway = { measure: () => new Promise((_, reject) => waiting.push(reject)) } as unknown as Issuer;
  const plain = new PlainMessages({ ...ruled(rules, () => 0), gateway, isSaid: async () => false });
  const kept: Promise<void>[] = [];
  for (let i = 0; i < 10_000; i++) kept.push(plain.take({ topic: 'home/a/temp', payload: utf8('1') }));
  await setImmediate();
  const lost = assert.rejects(kept[0] as Promise<void>, /The log is full/);
  const refused = kept[1] as Promise<void>;
  assert.equal(plain.refused, 0);
  await assert.rejects(plain.take({ topic: 'home/a/temp', payload: utf8('1') }), { code: 'overloaded' });
  assert.deepEqual([plain.refused, waiting.length], [1, 10_000]);
  assert.match(plain.last ?? '', /too much waits/);
  waiting[0]?.(new Error('The log is full.'));
  await lost;
  assert.deepEqual([plain.refused, plain.last], [2, 'The log is full.']);
  waiting[1]?.(new TrineError('wrong-unit', 'It was refused.'));
  await refused;
  assert.equal(plain.refused, 3, 'refused for good: counted, and its sender may forget it');
  kept.push(plain.take({ topic: 'home/a/temp', payload: utf8('1') }));
  await setImmediate();
  assert.equal(waiting.length, 10_001, 'there is room for one again');
});

test('an error that is none of the rules’ is not swallowed', async () => {
  const now = () => {
    throw new TypeError('no clock');
  };
  const plain = new PlainMessages({ ...ruled(rules, now), gateway: {} as Issuer, isSaid: async () => false });
  await assert.rejects(plain.take({ topic: 'home/a/temp', payload: utf8('1') }), /no clock/);
});
