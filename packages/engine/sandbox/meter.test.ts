// Modules written out byte by byte, each instruction with operands that look like the start of a loop: whatever is passed
// over wrongly puts fuel where none belongs, or leaves a loop without.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FUEL, metered, VARIABLE } from './meter.ts';

const vector = (parts: readonly number[][]): number[] => [parts.length, ...parts.flat()];
const section = (id: number, payload: number[]): number[] => [id, ...leb(payload.length), ...payload];
const leb = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)]);
const text = (name: string): number[] => [name.length, ...Buffer.from(name)];
const four = (part: number[]): number[][] => [part, part, part, part];

const FUNCTION = [0x60, 0, 0];
const LOOP = [0x03, 0x40, 0x0b];
const DEAD = 0x00;

interface Parts {
  readonly imports?: readonly number[][];
  readonly params?: number;
  readonly body: number[];
  readonly locals?: readonly number[][];
}

/** A module with four of everything, so that 3 is a place of each; its last function is exported as `run`. */
function moduleOf({ imports = [], params = 0, body, locals = [[4, 0x7f]] }: Parts): Uint8Array<ArrayBuffer> {
  const type = [0x60, params, ...Array(params).fill(0x7f), 0];
  const code = [...vector(locals), ...body, 0x0b];
  const empty = [2, 0, 0x0b];
  // Imported functions come first, in their numbers.
  const own = imports.filter((one) => one.at(-2) === 0).length;
  const bytes = [
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector([...four(FUNCTION), type])),
    ...section(2, vector(imports)),
    ...section(3, vector([[0], [0], [0], [0], [4]])),
    ...section(4, vector(four([0x70, 0, 9]))),
    ...(imports.some((one) => one.includes(MEMORY)) ? [] : section(5, vector([[0, 1]]))),
    ...section(6, vector(four([0x7f, 1, 0x41, 7, 0x0b]))),
    ...section(7, vector([[...text('run'), 0, 4 + own]])),
    ...section(9, vector(four([1, 0, 1, 0]))),
    ...section(12, [4]),
    ...section(10, vector([...four(empty), [...leb(code.length), ...code]])),
    ...section(11, vector(four([1, 1, 0x2a]))),
  ];
  return Uint8Array.from(bytes);
}
/** Kinds of imports. */
const MEMORY = 0x02;

const GLOBAL = 4;
const TAKE = [0x23, GLOBAL, 0x42, 1, 0x7d, 0x24, GLOBAL];
const CHECK = [0x23, GLOBAL, 0x42, 0, 0x53, 0x04, 0x40, 0x00, 0x0b];
const METER = [...TAKE, ...CHECK];
const hex = (bytes: ArrayLike<number>) => Buffer.from(Uint8Array.from(bytes)).toString('hex');

/** Instructions, with 3 wherever a number may stand. */
const instructions: Readonly<Record<string, number[]>> = {
  nop: [0x01],
  block: [0x02, 0x40, 0x0b],
  if: [0x04, 0x40, 0x05, 0x0b],
  br: [0x0c, 0],
  br_if: [0x0d, 0x80, 0],
  'br_table to 4': [0x0e, 3, 0, 0, 0, 0],
  'br_table to 1': [0x0e, 0, 0],
  return: [0x0f],
  call: [0x10, 3],
  call_indirect: [0x11, 3, 3],
  drop: [0x1a],
  select: [0x1b, 0x1a],
  'select of a type': [0x1c, 1, 0x7f, 0x1a],
  'local.get': [0x20, 3, 0x1a],
  'local.set': [0x21, 3],
  'local.tee': [0x22, 3, 0x1a],
  'global.get': [0x23, 3, 0x1a],
  'global.set': [0x24, 3],
  'table.get': [0x25, 3, 0x1a],
  'table.set': [0x26, 3],
  'i32.load': [0x28, 2, 3, 0x1a],
  'i64.load32_u': [0x35, 2, 3, 0x1a],
  'i32.store': [0x36, 2, 3],
  'i64.store32': [0x3e, 2, 3],
  'memory.size': [0x3f, 0, 0x1a],
  'memory.grow': [0x40, 0, 0x1a],
  'i32.const': [0x41, 0x83, 0, 0x1a],
  'i64.const': [0x42, 3, 0x1a],
  'f32.const': [0x43, 3, 3, 3, 3, 0x1a],
  'f64.const': [0x44, 3, 3, 3, 3, 3, 3, 3, 3, 0x1a],
  'i32.eqz': [0x45, 0x1a],
  'i64.extend32_s': [0xc4, 0x1a],
  'ref.null': [0xd0, 0x70, 0x1a],
  'ref.is_null': [0xd1, 0x1a],
  'ref.func': [0xd2, 0, 0x1a],
  'i32.trunc_sat_f32_s': [0xfc, 0, 0x1a],
  'i64.trunc_sat_f64_u': [0xfc, 7, 0x1a],
  'memory.init': [0xfc, 8, 3, 0],
  'data.drop': [0xfc, 9, 3],
  'table.init': [0xfc, 12, 3, 3],
  'elem.drop': [0xfc, 13, 3],
  'table.copy': [0xfc, 14, 3, 3],
  'table.grow': [0xfc, 15, 3, 0x1a],
  'table.size': [0xfc, 16, 3, 0x1a],
  'table.fill': [0xfc, 17, 3],
};

for (const [name, bytes] of Object.entries(instructions))
  test(`${name} stays as it is, and the loop after it is metered`, async () => {
    const body = [DEAD, ...bytes, ...LOOP];
    const module = moduleOf({ body });
    await WebAssembly.compile(module);
    const out = metered(module);
    await WebAssembly.compile(out as Uint8Array<ArrayBuffer>);
    const wanted = [...METER, DEAD, ...bytes, 0x03, 0x40, ...METER, 0x0b, 0x0b];
    assert.ok(hex(out).includes(hex(wanted)), hex(out));
    assert.equal(hex(out).split(hex(TAKE)).length - 1, 6, 'once for each of five functions, and once for the loop');
  });

test('what is not known is refused, not passed over', () => {
  for (const bytes of [[0x06], [0x12, 0], [0x1d], [0x27], [0xc5], [0xd3], [0xfb], [0xfd, 0], [0xfc, 18]])
    assert.throws(() => metered(moduleOf({ body: [DEAD, ...bytes] })), {
      name: 'TypeError',
      message: /^The instruction 0x.* cannot be metered\.$/,
    });
  const bare = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  assert.throws(() => metered(Uint8Array.from(bare)), { name: 'TypeError', message: /has no section 2/ });
  assert.throws(() => metered(Uint8Array.of(...bare, ...section(2, [1]))), { name: 'RangeError' });
});

const named = [...text('from'), ...text('it')];
const imported = {
  function: [...named, 0, 3],
  table: [...named, 1, 0x70, 0, 3],
  'table with an end': [...named, 1, 0x70, 1, 3, 0x83, 1],
  memory: [...named, MEMORY, 0, 3],
  'memory with an end': [...named, MEMORY, 1, 3, 0x83, 1],
  variable: [...named, 3, 0x7f, 0],
};

test('imports are passed over by their kind; variables are refused wherever they stand', () => {
  const { variable, ...others } = imported;
  for (const [name, one] of Object.entries(others)) {
    assert.doesNotThrow(() => metered(moduleOf({ imports: [one, others.function], body: [] })), name);
    assert.throws(
      () => metered(moduleOf({ imports: [one, variable], body: [] })),
      { name: 'TypeError', message: 'The module imports variables.' },
      name,
    );
  }
});

/** Runs the exported function. @returns the fuel that was left, and its other variables */
async function run(parts: Parts, fuel: bigint, ...args: number[]) {
  const module = await WebAssembly.compile(metered(moduleOf(parts)) as Uint8Array<ArrayBuffer>);
  const { exports } = new WebAssembly.Instance(module);
  const variable = (name: string) => exports[name] as WebAssembly.Global;
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => variable(`${VARIABLE}${i}`).value),
    [7, 7, 7, 7],
  );
  assert.ok((variable(FUEL).value as bigint) > 10n ** 12n, 'to start with');
  variable(FUEL).value = fuel;
  (exports.run as (...given: number[]) => void)(...args);
  return variable(FUEL).value;
}

/** Counts its parameter down to zero. */
const countdown: Parts = {
  params: 1,
  locals: [],
  body: [0x03, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b],
};

test('a call costs one, each turn of a loop another; below zero it is over', async () => {
  assert.equal(await run(countdown, 100n, 1), 98n);
  assert.equal(await run(countdown, 100n, 10), 89n);
  assert.equal(await run(countdown, 11n, 10), 0n);
  await assert.rejects(run(countdown, 10n, 10), WebAssembly.RuntimeError);
});

test('what is copied or filled costs one for each sixteen bytes', async () => {
  for (const op of [
    [0xfc, 10, 0, 0],
    [0xfc, 11, 0],
  ]) {
    const body = [0x41, 0, 0x41, 0, 0x20, 0, ...op];
    for (const locals of [
      [],
      [[2, 0x7e]],
      [
        [1, 0x7f],
        [3, 0x7d],
      ],
    ]) {
      assert.equal(await run({ params: 1, locals, body }, 100n, 0), 99n);
      assert.equal(await run({ params: 1, locals, body }, 100n, 15), 99n);
      assert.equal(await run({ params: 1, locals, body }, 100n, 160), 89n);
    }
  }
});
