import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemRandom } from '@trine/system/random.ts';
import { MemoryDisk } from '@trine/system/testing/memory-disk.ts';
import fc from 'fast-check';
import { Bodies } from './bodies.ts';

const fresh = (t: { after(fn: () => void): void }) => {
  const directory = mkdtempSync(join(tmpdir(), 'trine-bodies-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};
const text = (body: Uint8Array | undefined) => body && Buffer.from(body).toString();

test('bodies are kept over restarts, also where the index is lost', async (t) => {
  const directory = fresh(t);
  const bodies = new Bodies(directory);
  await bodies.append([
    { index: 3, subject: 'a', disclosure: Buffer.from('three') },
    { index: 9, subject: 'b', disclosure: Buffer.from('nine') },
  ]);
  assert.deepEqual(
    [text(bodies.read(3)), text(bodies.read(9)), bodies.read(4), bodies.read(100)],
    ['three', 'nine', undefined, undefined],
  );
  await bodies.close();
  writeFileSync(join(directory, 'bodies.index'), '');
  const again = new Bodies(directory);
  assert.deepEqual([text(again.read(3)), text(again.read(9))], ['three', 'nine']);
  await again.close();
});

test('a body written again for the same leaf replaces the first', async (t) => {
  const directory = fresh(t);
  const bodies = new Bodies(directory);
  await bodies.append([{ index: 0, subject: 'a', disclosure: Buffer.from('lost before it was acknowledged') }]);
  await bodies.append([{ index: 0, subject: 'a', disclosure: Buffer.from('kept') }]);
  await bodies.close();
  const again = new Bodies(directory);
  assert.equal(text(again.read(0)), 'kept');
  await again.close();
});

test('a torn tail of any length is cut, whole records stay', async (t) => {
  const directory = fresh(t);
  let bodies = new Bodies(directory);
  await bodies.append([{ index: 0, subject: 'a', disclosure: Buffer.from('first') }]);
  const whole = statSync(join(directory, 'bodies')).size;
  await bodies.append([{ index: 1, subject: 'a', disclosure: Buffer.from('second') }]);
  const end = statSync(join(directory, 'bodies')).size;
  await bodies.close();
  for (let size = end - 1; size >= whole; size--) {
    truncateSync(join(directory, 'bodies'), size);
    bodies = new Bodies(directory);
    assert.equal(text(bodies.read(0)), 'first');
    assert.equal(bodies.read(1), undefined, `cut at ${size}`);
    await bodies.append([{ index: 1, subject: 'a', disclosure: Buffer.from('second') }]);
    assert.equal(text(bodies.read(1)), 'second');
    await bodies.close();
  }
});

test('nothing of a body can be read in the file, and a changed byte is found', async (t) => {
  const directory = fresh(t);
  const bodies = new Bodies(directory);
  await bodies.append([{ index: 0, subject: 'a', disclosure: Buffer.from('a very private reading') }]);
  await bodies.close();
  const { readFileSync } = await import('node:fs');
  const file = readFileSync(join(directory, 'bodies'));
  assert.equal(file.includes('private'), false);
  file[file.length - 20]! ^= 1;
  writeFileSync(join(directory, 'bodies'), file);
  const again = new Bodies(directory);
  assert.throws(() => again.read(0));
  await again.close();
});

test('a forgotten subject stays forgotten, others stay readable', async (t) => {
  const directory = fresh(t);
  let bodies = new Bodies(directory);
  await bodies.append([
    { index: 0, subject: 'a', disclosure: Buffer.from('A') },
    { index: 1, subject: 'b', disclosure: Buffer.from('B') },
  ]);
  assert.deepEqual(
    [0, 1, 2].map((index) => bodies.standing(index)),
    ['kept', 'kept', 'none'],
  );
  bodies.forget('a', 1, 2);
  for (let i = 0; i < 2; i++) {
    assert.deepEqual([bodies.read(0), text(bodies.read(1))], [undefined, 'B']);
    assert.deepEqual([bodies.standing(0), bodies.standing(1)], ['erased', 'kept']);
    assert.deepEqual([bodies.uncertified('a'), bodies.uncertified('b')], [{ bodies: 1, size: 2 }, undefined]);
    await bodies.close();
    bodies = new Bodies(directory);
  }
  await bodies.append([{ index: 2, subject: 'a', disclosure: Buffer.from('new') }]);
  assert.deepEqual([bodies.read(0), text(bodies.read(2))], [undefined, 'new']);
  bodies.forget('a', 1, 3);
  assert.deepEqual(bodies.uncertified('a'), { bodies: 2, size: 3 }, 'what no certificate speaks of yet adds up');
  bodies.certified('a');
  assert.equal(bodies.uncertified('a'), undefined);
  await bodies.close();
});

test('property: any bodies in any order come back as they were', async (t) => {
  const directory = fresh(t);
  const bodies = new Bodies(directory);
  const kept = new Map<number, Uint8Array>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(500), fc.constantFrom('a', 'b', 'c'), fc.uint8Array({ maxLength: 300 })), {
        maxLength: 8,
      }),
      async (given) => {
        await bodies.append(given.map(([index, subject, disclosure]) => ({ index, subject, disclosure })));
        for (const [index, , disclosure] of given) kept.set(index, disclosure);
        for (const [index, disclosure] of kept)
          assert.deepEqual(Uint8Array.from(bodies.read(index) as Uint8Array), disclosure);
      },
    ),
    { numRuns: 40 },
  );
  await bodies.close();
  appendFileSync(join(directory, 'bodies'), Buffer.from([0, 0, 0]));
  const again = new Bodies(directory);
  for (const [index, disclosure] of kept)
    assert.deepEqual(Uint8Array.from(again.read(index) as Uint8Array), disclosure);
  await again.close();
});

test('property: what was stored is there after any number of power failures, whatever else they take', async () => {
  // Chances of what a crash keeps; bodies stored one after the other between two crashes, and begun before the crash.
  const life = fc.record({
    chances: fc.array(
      fc.nat(99).map((n) => n / 100),
      { minLength: 1, maxLength: 40 },
    ),
    stored: fc.nat(6),
    begun: fc.nat(3),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 5 }), async (lives) => {
      let chances: number[] = [];
      let drawn = 0;
      const disk = new MemoryDisk({ random: () => chances[drawn++ % chances.length] as number });
      const promised = new Map<number, string>();
      let next = 0;
      for (const { chances: given, stored, begun } of lives) {
        const bodies = new Bodies('/node/bodies', { disk, random: systemRandom });
        for (const [index, body] of promised) assert.equal(text(bodies.read(index)), body, `leaf ${index}`);
        for (let i = 0; i < next; i++)
          assert.equal(bodies.standing(i) === 'kept', bodies.read(i) !== undefined, 'what is kept can be read');
        for (let i = 0; i < stored + begun; i++, next++) {
          const body = `body of leaf ${next} `.repeat(1 + (next % 9));
          const done = bodies.append([{ index: next, subject: `s${next % 3}`, disclosure: Buffer.from(body) }]);
          done.catch(() => undefined);
          if (i >= stored) continue;
          await done;
          promised.set(next, body);
        }
        chances = given;
        disk.restart();
      }
    }),
  );
});
