// Admission: where each reading goes, what a kind of thing cannot send, and what a refused statement leaves behind.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { testIdentity } from '@trine/engine/testing/scene.ts';
import { toyDomain } from '@trine/engine/testing/toy.ts';
import { type Answer, contentTypes, didKey, encodePack, type Reading, signStatement } from '@trine/protocol';
import { Parts } from '../testing/parts.ts';
import { T0 } from '../testing/world.ts';
import { limitRefusal, ThingLimits } from './limits.ts';

const toy = toyDomain();
const domain = toyDomain({
  manifest: {
    ...toy.manifest,
    things: {
      tank: {
        title: 'Tank',
        properties: {
          level: { title: 'Level', unit: 'm', minimum: 0, maximum: 5 },
          flow: { title: 'Flow', unit: 'm3/s' },
        },
      },
    },
  },
});

let parts: Parts;
before(async () => {
  parts = await Parts.open({ installed: [{ domain, identity: testIdentity('toy') }] });
});
after(() => parts.close());

/** Says readings as one pack of a thing that was let in as a kind of thing. */
async function pack(
  thing: string,
  kind: string | undefined,
  readings: readonly Omit<Reading, 'timeMs'>[],
): Promise<Answer> {
  const signer = parts.signerOf(thing);
  const enrolment = { key: didKey(signer.publicKey), name: thing, class: 'software', subjects: [thing] } as const;
  await parts.does(parts.identities.enrol(thing, { ...enrolment, subjects: [thing], ...(kind && { thing: kind }) }));
  const known = parts.projections.sequences.get(thing, thing);
  const statement = await signStatement(signer, {
    ...{ kind: 'pack', subject: thing, network: parts.genesis.network.id, epoch: 0, clock: 'synchronised' },
    ...{ seq: known ? known.headSeq + 1 : 0, class: 'software', contentType: contentTypes.senmlCbor, sealed: false },
    ...(known && { prev: Uint8Array.from(known.headId, (char) => char.charCodeAt(0)) }),
    payload: encodePack(readings.map((one) => ({ ...one, timeMs: T0 }))),
  });
  const { answers } = await parts.does(parts.ingest.submit([{ statement: statement.bytes }], 'test'));
  return answers[0] as Answer;
}

test('each reading goes to the stream of its quantity, whatever comes with it and in whatever order', async () => {
  const level = { quantity: 'level', unit: 'm', value: 1 };
  const flow = { quantity: 'flow', unit: 'm3/s', value: 2 };
  for (const readings of [[level, flow], [flow, level], [{ ...flow, value: 3 }]])
    assert.equal((await pack('tank/1', 'toy/tank', readings)).verdict, 'sealed');
  assert.equal((await pack('tank/2', 'toy/tank', [{ ...flow, value: 4 }])).verdict, 'sealed');
  await parts.does(parts.projections.runner.flush());
  const rows = await parts.does(
    parts.store.query(
      `SELECT subject, quantity, list(value ORDER BY leaf)::VARCHAR AS "values" FROM readings JOIN streams USING (stream)
       WHERE subject LIKE 'tank/%' GROUP BY subject, quantity ORDER BY subject, quantity`,
    ),
  );
  assert.deepEqual(rows, [
    { subject: 'tank/1', quantity: 'flow', values: '[2.0, 2.0, 3.0]' },
    { subject: 'tank/1', quantity: 'level', values: '[1.0, 1.0]' },
    { subject: 'tank/2', quantity: 'flow', values: '[4.0]' },
  ]);
});

test('what its kind of thing cannot send is refused, to the bound; of other kinds and quantities nothing is known', async () => {
  const level = (value: number, unit = 'm') => [{ quantity: 'level', unit, value }];
  const { size } = parts.log;
  const reason = async (kind: string | undefined, thing: string, readings: Parameters<typeof pack>[2]) =>
    (await pack(thing, kind, readings)).reason;
  assert.equal(await reason('toy/tank', 'tank/3', level(5.001)), 'out-of-limits');
  assert.equal(await reason('toy/tank', 'tank/3', level(-0.001)), 'out-of-limits');
  assert.equal(
    await reason('toy/tank', 'tank/3', [{ quantity: 'colour', unit: '', value: 'red' }, ...level(6)]),
    'out-of-limits',
  );
  assert.equal(parts.log.size, size + 1, 'its enrolment alone');
  for (const value of [0, 5]) assert.equal(await reason('toy/tank', 'tank/3', level(value)), undefined);
  assert.equal(await reason('toy/tank', 'tank/3', level(1, 'cm')), 'wrong-unit');
  assert.equal(await reason(undefined, 'other/1', level(99)), undefined);
  assert.equal(await reason('elsewhere/tank', 'other/2', level(99)), undefined);
});

test('what was refused left no stream behind: its number goes to the next', async () => {
  const before = parts.projections.streams.snapshot().length;
  const odd = { quantity: 'odd', unit: '', value: 1 };
  assert.equal(
    (await pack('tank/4', 'toy/tank', [odd, { quantity: 'level', unit: 'm', value: 9 }])).reason,
    'out-of-limits',
  );
  assert.equal(parts.projections.streams.snapshot().length, before);
  assert.equal((await pack('tank/4', 'toy/tank', [{ ...odd, quantity: 'even' }])).verdict, 'sealed');
  const made = parts.projections.streams.snapshot().at(-1);
  assert.deepEqual([made?.subject, made?.quantity, made?.stream], ['tank/4', 'even', before]);
});

test('the limits of a quantity: unit, bounds that are in, what has none, and texts', () => {
  const limits = new ThingLimits([domain]);
  assert.deepEqual(limits.names(), ['toy/tank']);
  assert.equal(limits.of('toy/tank', 'constructor'), undefined);
  assert.equal(limits.of(undefined, 'level'), undefined);
  const flow = limits.of('toy/tank', 'flow') ?? assert.fail();
  assert.equal(limitRefusal(flow, 'm3/s', -1e300), undefined);
  assert.equal(limitRefusal(flow, 'l/s', 1), 'wrong-unit');
  const level = limits.of('toy/tank', 'level') ?? assert.fail();
  assert.deepEqual(
    [0, 5, -1, 6, Number.NaN].map((value) => limitRefusal(level, 'm', value)),
    [undefined, undefined, 'out-of-limits', 'out-of-limits', undefined],
  );
});
