// Code in mappings runs within bounds, the same each time, and can do nothing but answer.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { MappingError } from '@trine/mapping/message/error.ts';
import { mapMessage } from '@trine/mapping/message/map.ts';
import { mappingSchema } from '@trine/mapping/message/mapping.ts';
import { toUtf8 } from '@trine/protocol';
import { sandboxFiles } from '../dependencies.ts';
import { SandboxedCode } from './code.ts';

let nowMs = 0;
const code = new SandboxedCode(sandboxFiles, () => nowMs);
const codecOf = (source: string) => ({ source, bytes: 'data', encoding: 'base64' as const, port: 'fPort' });

before(() => code.prepare({ transform: '1' }));

test('JSONata makes of a message what the mapping reads', () => {
  const mapping = mappingSchema.parse({
    topic: 'plant/#',
    transform: "tags.{ 'thing': name, 'when': $$.at, 'kW': $number(value) / 1000 }",
    each: '*',
    subject: 'plant/{json:thing}',
    time: 'when',
    fields: [{ path: 'kW', quantity: 'active-power', unit: 'kW' }],
  });
  const message = {
    at: 1_763_880_000,
    tags: [
      { name: 'a', value: '1500' },
      { name: 'b', value: '250.5' },
    ],
  };
  const mapped = mapMessage(
    mapping,
    { topic: 'plant/x', payload: toUtf8(JSON.stringify(message)) },
    1_763_884_800_000,
    code,
  );
  assert.deepEqual(
    mapped?.packs.map(({ subject, readings }) => [subject, readings[0]?.value, readings[0]?.timeMs]),
    [
      ['plant/a', 1.5, 1_763_880_000_000],
      ['plant/b', 0.2505, 1_763_880_000_000],
    ],
  );
});

test('an expression that never ends, asks for time or chance, or is none, is refused in words', () => {
  for (const [expression, words] of [
    ['($f := function($x) { $f($x + 1) }; $f(0))', /stopped/],
    ['$map([1..100000], function($i) { $map([1..100000], function($j) { $i * $j }) })', /stopped|failed/],
    ['$now()', /\$now does not give the same/],
    ['$random()', /\$random does not give the same/],
    ['$millis()', /\$millis does not give/],
    ['$eval("1")', /\$eval does not give/],
    ['a.(', /failed/],
    ['$error("no")', /failed: no/],
  ] as const) {
    assert.throws(
      () => code.transform(expression, { a: 1 }),
      (error: Error) => error instanceof MappingError && words.test(error.message),
      expression,
    );
    nowMs += 100_000;
  }
  assert.deepEqual(code.transform('{"b": a}', { a: 1 }), { b: 1 }, 'the next one is answered');
  assert.equal(code.transform('$toMillis(a)', { a: '2026-11-26T11:00:00.000Z' }), Date.parse('2026-11-26T11:00:00Z'));
  assert.equal(code.transform('$fromMillis(0)', {}), '1970-01-01T00:00:00.000Z');
});

test('what nests too deep for the sandbox is refused in words, whichever way it goes', () => {
  let deep: unknown = 1;
  for (let i = 0; i < 5_000; i++) deep = { a: deep };
  const isRefused = (error: Error) => error instanceof MappingError && error.code === 'malformed';
  assert.throws(() => code.transform('a', deep), isRefused);
  assert.throws(
    () => code.transform('($f := function($n) { $n = 0 ? 1 : {"a": $f($n - 1)} }; $f(150))', {}),
    isRefused,
  );
  nowMs += 100_000;
});

test('payload formatters in the forms of The Things Network and ChirpStack, careless ones too', async () => {
  const sources = [
    'function decodeUplink(input) { return { data: { t: ((input.bytes[0] << 8) | input.bytes[1]) / 100, port: input.fPort } }; }',
    'function Decoder(bytes, port) { decoded = {}; for (i = 0; i < 1; i++) decoded.t = (bytes[0] * 256 + bytes[1]) / 100; decoded.port = port; return decoded; }',
    'function Decode(fPort, bytes, variables) { return { t: (bytes[0] * 256 + bytes[1]) / 100, port: fPort }; }',
  ];
  for (const source of sources) {
    await code.prepare({ codec: codecOf(source) });
    assert.deepEqual(code.decode(source, { bytes: Uint8Array.of(8, 102), port: 2 }), { t: 21.5, port: 2 });
    // Nothing of one message is left for the next.
    assert.deepEqual(code.decode(source, { bytes: Uint8Array.of(0, 100), port: 3 }), { t: 1, port: 3 });
  }
  code.release(new Set(sources.slice(0, 1)));
  assert.throws(() => code.decode(sources[1] as string, { bytes: new Uint8Array(), port: 1 }), { code: 'overloaded' });
});

test('a hostile formatter is stopped, and reaches nothing', async () => {
  for (const [source, words] of [
    ['function decodeUplink() { for (;;); }', /stopped/],
    ['function decodeUplink() { const all = []; for (;;) all.push(new Array(1e5).fill(7)); }', /stopped|out of memory/],
    ['function decodeUplink() { return fetch("http://127.0.0.1/"); }', /fetch/],
    ['function decodeUplink() { return process.env; }', /process/],
    ['function decodeUplink() { return { data: new Date() }; }', /present time/],
    ['function decodeUplink() { return { data: { r: Math["random"]() } }; }', /not a function/],
    ['function decodeUplink() { return { errors: ["too short"] }; }', /says: too short/],
    ['function decodeUplink() { return 7; }', /gives no data/],
    ['const a = 1;', /no function decodeUplink/],
  ] as const) {
    await code.prepare({ codec: codecOf(source) });
    assert.throws(
      () => code.decode(source, { bytes: new Uint8Array(3), port: 1 }),
      (error: Error) => error instanceof MappingError && words.test(error.message),
      source,
    );
    code.release(new Set());
    nowMs += 100_000;
  }
  for (const source of ['for (;;);', 'function (', 'throw new Error("no")'])
    await assert.rejects(code.prepare({ codec: codecOf(source) }), /cannot be loaded/);
  for (let i = 0; i < 16; i++)
    await code.prepare({ codec: codecOf(`function decodeUplink() { return { data: { i: ${i} } }; }`) });
  await assert.rejects(code.prepare({ codec: codecOf('function decodeUplink() {}') }), { code: 'overloaded' });
});

test('code that takes all it may, message after message, is told to come again', async () => {
  code.release(new Set());
  const source = 'function decodeUplink() { for (let i = 0; i < 1500000; i++); return { data: {} }; }';
  await code.prepare({ codec: codecOf(source) });
  const outcomes = new Set<string>();
  for (let i = 0; i < 200 && outcomes.size < 2; i++)
    try {
      code.decode(source, { bytes: new Uint8Array(), port: 1 });
      outcomes.add('ok');
    } catch (error) {
      outcomes.add((error as MappingError).code);
    }
  assert.ok(outcomes.has('overloaded'), [...outcomes].join());
});
