import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { toHex } from '../protocol/bytes.ts';
import { Bodies, type Body } from './bodies.ts';

function folder(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'trine-bodies-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const body = (index: number, subject: string, text: string): Body => ({
  index,
  subject,
  disclosure: new TextEncoder().encode(text),
});
const read = (bodies: Bodies, index: number): string | undefined => {
  const bytes = bodies.read(index);
  return bytes && new TextDecoder().decode(bytes);
};

test('bodies are read back, in one batch or several, with gaps between their leaves', async (context) => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat({ max: 300 }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 60, maxLength: 60 }),
      async (leaves, perBatch, disclosures) => {
        const indices = leaves.sort((a, b) => a - b);
        const directory = folder(context);
        const bodies = new Bodies(directory);
        const given = indices.map((index, i) => ({
          index,
          subject: `s/${index % 3}`,
          disclosure: disclosures[i] as Uint8Array,
        }));
        for (let at = 0; at < given.length; at += perBatch) await bodies.append(given.slice(at, at + perBatch));
        await bodies.close();
        const again = new Bodies(directory);
        for (const { index, disclosure } of given)
          assert.equal(toHex(again.read(index) as Uint8Array), toHex(disclosure));
        for (let index = 0; index < 310; index++)
          if (!indices.includes(index)) assert.equal(again.read(index), undefined);
        await again.close();
      },
    ),
    { numRuns: 25 },
  );
});

test('a forgotten subject cannot be read any more, nor after opening again; others can', async (context) => {
  const directory = folder(context);
  const bodies = new Bodies(directory);
  await bodies.append([body(0, 'a', 'one'), body(1, 'b', 'two'), body(2, 'a', 'three')]);
  bodies.forget('a');
  assert.deepEqual(
    [0, 1, 2].map((index) => read(bodies, index)),
    [undefined, 'two', undefined],
  );
  await bodies.append([body(3, 'a', 'a new key')]);
  await bodies.close();
  const again = new Bodies(directory);
  assert.deepEqual(
    [0, 1, 2, 3].map((index) => read(again, index)),
    [undefined, 'two', undefined, 'a new key'],
  );
  await again.close();
});

test('a record torn at any byte is cut off, the ones before it stay, and appending goes on', async (context) => {
  const directory = folder(context);
  const path = join(directory, 'bodies');
  const bodies = new Bodies(directory);
  await bodies.append([body(0, 'a', 'whole')]);
  const whole = statSync(path).size;
  await bodies.append([body(1, 'a', 'torn')]);
  await bodies.close();
  for (let length = statSync(path).size - 1; length >= whole; length--) {
    truncateSync(path, length);
    const opened = new Bodies(directory);
    assert.deepEqual([read(opened, 0), read(opened, 1)], ['whole', undefined]);
    await opened.close();
    assert.equal(statSync(path).size, whole);
    if (length > whole) truncateSync(path, length);
  }
  const opened = new Bodies(directory);
  await opened.append([body(1, 'a', 'again')]);
  assert.deepEqual([read(opened, 0), read(opened, 1)], ['whole', 'again']);
  await opened.close();
});
