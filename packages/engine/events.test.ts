import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { jsonEvent } from './events.ts';
import { toyEvent } from './testing/toy.ts';

const read = jsonEvent('text/plain', z.strictObject({ n: z.int() }));
const event = (text: string) => toyEvent(1, 'person/1', 0, text);

test('an event of the media type whose body is as the schema says', () => {
  assert.deepEqual(read(event('{"n":3}')), { n: 3 });
  for (const text of ['{"n":3.5}', '{"n":3,"m":1}', '{"n":"3"}', '[]', 'null', '', '{"n":3', '{"n":9007199254740993}'])
    assert.equal(read(event(text)), undefined, text);
  assert.equal(read({ ...event('{"n":3}'), mediaType: 'application/json' }), undefined);
  assert.equal(read(event(`{"n":3${' '.repeat(5_000)}}`)), undefined, 'too long');
});

test('property: whatever bytes, nothing is thrown', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
      read({ ...event(''), body });
    }),
  );
  const deep = `${'['.repeat(2_000)}${']'.repeat(2_000)}`;
  assert.equal(read(event(deep)), undefined);
});
