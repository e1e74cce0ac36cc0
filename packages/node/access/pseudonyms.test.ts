// Pseudonyms: how many a person may have, when they are over, and that each is used once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didKey } from '@trine/protocol';
import { Parts } from '../testing/parts.ts';
import { Pseudonyms } from './pseudonyms.ts';

const limits = { perPersonMax: 2, unusedMs: 10_000, idleMs: 1_000 };

async function opened(): Promise<{
  parts: Parts;
  pseudonyms: Pseudonyms;
  open: (person: string, name: string) => Promise<void>;
}> {
  const parts = await Parts.open();
  const { identities, projections, store, world } = parts;
  const { member, enrol, revoke } = identities;
  const { random, now } = world;
  const pseudonyms = new Pseudonyms({ ...projections, store, member, enrol, revoke, random, now, limits });
  const open = (person: string, name: string) =>
    parts.does(pseudonyms.open({ person, subject: name, key: didKey(parts.signerOf(name).publicKey) }));
  return { parts, pseudonyms, open };
}

test('a person has so many at once; one that is shut out makes room', async (t) => {
  const { parts, pseudonyms, open } = await opened();
  t.after(() => parts.close());
  await open('ada', 'p/1');
  await open('ada', 'p/2');
  await assert.rejects(open('ada', 'p/3'), { code: 'conflict' });
  await open('bob', 'p/4');
  const of = await parts.does(pseudonyms.of('ada'));
  assert.deepEqual(
    of.map(({ subject, isLive, key }) => [subject, isLive, key !== undefined]),
    [
      ['p/1', true, true],
      ['p/2', true, true],
    ],
  );
  await parts.does(parts.identities.revoke(of[0]?.key as string, 'over'));
  await open('ada', 'p/3');
  assert.deepEqual(await parts.does(pseudonyms.of('eve')), []);
});

test('neither a key nor a name is used again, and two who ask at once are one after the other', async (t) => {
  const { parts, pseudonyms, open } = await opened();
  t.after(() => parts.close());
  await open('ada', 'p/1');
  const key = didKey(parts.signerOf('p/1').publicKey);
  await assert.rejects(parts.does(pseudonyms.open({ person: 'ada', key, subject: 'p/9' })), { code: 'conflict' });
  await assert.rejects(
    parts.does(pseudonyms.open({ person: 'ada', key: didKey(parts.signerOf('q').publicKey), subject: 'p/1' })),
    { code: 'conflict' },
  );
  const both = ['p/5', 'p/5'].map((subject, i) =>
    pseudonyms.open({ person: 'ada', subject, key: didKey(parts.signerOf(`k${i}`).publicKey) }).then(
      () => 'in',
      ({ code }) => code as string,
    ),
  );
  assert.deepEqual(await parts.does(Promise.all(both)), ['in', 'conflict']);
});

test('one that was never used is shut out in time, one that spoke after its last word, at the millisecond', async (t) => {
  const { parts, pseudonyms, open } = await opened();
  t.after(() => parts.close());
  await parts.world.reaches(1_000);
  await open('ada', 'p/1');
  await open('bob', 'p/2');
  await parts.say([{ thing: 'p/2', atMs: 5_000 }]);
  const live = async () =>
    [...(await parts.does(pseudonyms.of('ada'))), ...(await parts.does(pseudonyms.of('bob')))].map(
      ({ isLive }) => isLive,
    );
  await parts.world.reaches(5_999);
  await parts.does(pseudonyms.round());
  assert.deepEqual(await live(), [true, true]);
  await parts.world.reaches(6_000);
  await parts.does(pseudonyms.round());
  assert.deepEqual(await live(), [true, false]);
  await parts.world.reaches(11_200);
  await parts.does(pseudonyms.round());
  assert.deepEqual(await live(), [false, false]);
});

test('a thing that somebody gave such a name is none: it is not shut out', async (t) => {
  const { parts, pseudonyms } = await opened();
  t.after(() => parts.close());
  const key = didKey(parts.signerOf('pump/1').publicKey);
  await parts.does(
    parts.identities.enrol('pump/1', { key, name: 'Pseudonym', class: 'software', subjects: ['pump/1'] }),
  );
  await parts.world.reaches(3_600_000);
  await parts.does(pseudonyms.round());
  assert.equal(parts.projections.keyDirectory.get(key)?.revokedAt, undefined);
});
