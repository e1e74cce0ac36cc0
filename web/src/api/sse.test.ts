import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { eventParser, type ServerEvent } from './sse.ts';

const stream =
  ': welcome\n\nevent: seal\ndata: {"leaf":1}\n\nevent: decision\r\ndata: {"a":\r\ndata: 2}\r\n\r\ndata:no space\nid: 7\n\nevent: lost\n\n';
const expected: ServerEvent[] = [
  { event: 'seal', data: '{"leaf":1}' },
  { event: 'decision', data: '{"a":\n2}' },
  { event: 'message', data: 'no space' },
];

test('events: comments and events without data are skipped, lines of data joined', () => {
  assert.deepEqual(eventParser()(stream), expected);
});

test('events: the same wherever the network cuts the stream', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), stream.length];
      const parse = eventParser();
      const events = at.slice(1).flatMap((to, i) => parse(stream.slice(at[i], to)));
      assert.deepEqual(events, expected);
    }),
  );
});
