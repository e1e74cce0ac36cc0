// Hostile bundles: whatever they do, the question ends within its bounds with an error in words, the machine answers the next
// one as if nothing had been, and nothing of ours was touched.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrineError } from '@trine/protocol';
import { readQuickjs } from '../checks/quickjs.ts';
import { SandboxError } from './errors.ts';
import { Machine, sandboxLimits } from './machine.ts';
import { sandboxedDeciding } from './sandboxed.ts';

const quickjs = readQuickjs();
/** So that each machine can be asked again. */
const roomy = { capacity: 10n ** 18n, perSecond: 0n, now: () => 0 };
const limits = { ...sandboxLimits, fuel: 100_000_000n };

/** A bundle whose terms are read by what is given here. */
const bundle = (parse: string, before = '') => `${before};
export default { abi: 1, terms: { parse(given) { if (given.ok) return { ok: true }; ${parse} } },
  triggers: () => [], inputs: () => [], open: async () => ({ decide: () => ({}) }) };`;

const stopped =
  /^The bundle was stopped: it took more|^The bundle failed: |^The bundle cannot be run: |^The bundle answered|^It threw what is no error/;

const attacks: Readonly<Record<string, string>> = {
  'an endless loop': 'for (;;);',
  'an endless loop that catches what stops it': 'for (;;) try { for (;;); } catch {}',
  'an endless loop in finally': 'try { throw 1 } finally { for (;;); }',
  'a memory bomb of arrays': 'const all = []; for (;;) all.push(new Array(1e5).fill(7));',
  'a memory bomb of buffers': 'const all = []; for (;;) all.push(new Uint8Array(1e6));',
  'one huge buffer': 'return new Uint8Array(2 ** 31 - 1);',
  'a text that doubles': 'let text = "ab"; for (;;) text += text;',
  'a text that is copied for ever':
    'let text = "a".repeat(1e7); for (;;) { const t = text + Math.abs(text.length); text = t.slice(0, 1e7); }',
  'a repeated text': 'return { text: "x".repeat(2 ** 30) };',
  'a padded text': 'return { text: "x".padEnd(2 ** 29, "yz") };',
  'deep recursion': 'const f = (n) => f(n + 1) + 1; return { n: f(0) };',
  'deep recursion by JSON': 'let text = "["; while (text.length < 1e6) text += text; return JSON.parse(text);',
  'deep recursion by getters': 'const o = { get a() { return this.a; } }; return { a: o.a };',
  'deep recursion by proxies': 'let p = {}; for (let i = 0; i < 1e6; i++) p = new Proxy(p, {}); return { a: p.a };',
  'data that nests without end': 'const a = {}; a.a = a; return a;',
  'data that nests deep': 'let a = {}; for (let i = 0; i < 1e5; i++) a = { a }; return a;',
  'data that is large by sharing': 'let a = { x: 1 }; for (let i = 0; i < 40; i++) a = { a, b: a }; return a;',
  'a regular expression that never ends': 'return { m: /^(a+)+$/.test("a".repeat(40) + "b") };',
  'a regular expression that nests': 'return { m: new RegExp("(".repeat(5e4) + ")".repeat(5e4)).test("") };',
  'a search in a text of a text': 'const a = "a".repeat(1e7); return { i: a.indexOf("a".repeat(5e6) + "b") };',
  'a replacement without end': 'return { t: "a".repeat(1e6).replaceAll("", "b".repeat(1e6)) };',
  'a search in what is no array': 'return { i: Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1) };',
  'an array that is all holes':
    'const a = []; a.length = 2 ** 32 - 1; return { i: a.includes(1), j: a.join("").length };',
  'a sort that never agrees':
    'return { s: Array.from({ length: 1e6 }, (_, i) => i).sort(() => 1).length && (() => { for (;;); })() };',
  'a number of a million digits': 'let n = 3n; for (;;) n = n ** 3n;',
  'an iterator without end': 'return { n: [...(function* () { for (;;) yield 1; })()].length };',
  'a storm of promises':
    'const go = () => { Promise.resolve().then(go); Promise.resolve().then(go); }; go(); return {};',
  'a map without end': 'const m = new Map(); for (let i = 0; ; i++) m.set(i, { i });',
  'an answer that is too large': 'return { text: Array.from({ length: 9 }, () => "x".repeat(1e6)) };',
  'throwing nothing': 'throw undefined;',
  'throwing null': 'throw null;',
  'throwing a symbol': 'throw Symbol("x");',
  'throwing what throws': 'throw { get name() { throw 1 }, get message() { throw 2 } };',
  'throwing a proxy': 'throw new Proxy({}, { get() { for (;;); } });',
  'throwing a huge message': 'throw new Error("x".repeat(1e6));',
  'an error that says it is ours': 'throw { name: "SandboxError", code: "constructor", message: "x" };',
  'a message that is no text':
    'throw { name: "FormatError", code: "malformed", message: { toString() { for (;;); } } };',
  'a function as an answer': 'return () => 1;',
  'a text as an answer': 'return "terms";',
  'a number as an answer': 'return 1e999;',
  'a symbol within': 'return { a: Symbol("x") };',
  'a getter within that never ends': 'return { get a() { for (;;); } };',
  'a proxy as an answer': 'return new Proxy({}, { ownKeys() { for (;;); } });',
  'toJSON that never ends':
    'return { toJSON() { for (;;); }, a: [{ toJSON() { for (;;); } }] , get b() { for (;;); } };',
  fetch: 'return fetch("http://127.0.0.1/");',
  process: 'return process.env;',
  require: 'return require("node:fs").readFileSync("/etc/passwd");',
  'a dynamic import': 'return import("node:fs");',
  'an import of a file': 'return import("file:///etc/passwd");',
  eval: 'return eval("({})");',
  'an eval by another name': 'return (0, eval)("({})");',
  'a constructor of functions': 'return new (function () {}).constructor("return this")();',
  'a constructor of generators': 'return (function* () {}).constructor("yield 1")().next();',
  'a constructor of async functions': 'return (async function () {}).constructor("return 1")();',
  'the constructor by a class': 'return class extends Function {}.constructor("return 1")();',
  'the clock': 'return { now: Date.now() };',
  chance: 'return { random: Math["random"]() };',
  'a timer': 'return { id: setTimeout(() => 1, 0) };',
  'a locale': 'return { text: (1.5).toLocaleString("de") };',
  'an order by locale': 'return { o: "a".localeCompare("b") };',
  'the sine': 'return { o: Math.sin(1) };',
  'a weak reference': 'return { o: new WeakRef({}).deref() };',
  'shared memory': 'return { o: new SharedArrayBuffer(8).byteLength };',
  WebAssembly: 'return { o: new WebAssembly.Memory({ initial: 1 }) };',
};

for (const [what, parse] of Object.entries(attacks))
  test(`${what} is an error in words, and harms nothing`, async () => {
    const { terms } = await sandboxedDeciding(bundle(parse), [], { quickjs, limits, budget: roomy });
    assert.throws(
      () => terms.parse({}),
      (error: Error) => {
        assert.ok(error instanceof TrineError, `${error.name}: ${error.message}`);
        assert.match(error.message, stopped);
        assert.ok(error.message.length < 700);
        return true;
      },
    );
    assert.deepEqual(terms.parse({ ok: true }), { ok: true }, 'it answers the next one');
  });

const hostileAtLoad: Readonly<Record<string, string>> = {
  'an endless loop': 'for (;;);',
  'a memory bomb': 'const all = []; for (;;) all.push(new Uint8Array(1e6));',
  'a bundle that imports': 'import fs from "node:fs"; fs.readFileSync("/etc/passwd");',
  'a bundle that waits for ever': 'await new Promise(() => {});',
  'a storm of promises': 'const go = () => { Promise.resolve().then(go); Promise.resolve().then(go); }; go();',
  'no JavaScript': 'const = ;',
  'an error': 'throw new Error("no");',
};

for (const [what, before] of Object.entries(hostileAtLoad))
  test(`${what} where it is loaded: it is refused in words`, async () => {
    await assert.rejects(sandboxedDeciding(bundle('', before), [], { quickjs, limits, budget: roomy }), SandboxError);
  });

test('what is no domain is refused: no default, no functions, another version', async () => {
  const refused = (code: string) =>
    assert.rejects(sandboxedDeciding(code, [], { quickjs, limits, budget: roomy }), TrineError);
  await refused('export const a = 1;');
  await refused('export default null;');
  await refused('export default { abi: 2 };');
  await refused('export default { get abi() { for (;;); } };');
  await refused('');
});

test('tampering with prototypes changes nothing outside, and nothing for the next question', async () => {
  const tamper = `Object.prototype.polluted = 1; Array.prototype.map = () => ["x"]; JSON.stringify = () => '{"value":{"a":1}}';
    JSON.parse = () => { throw 1 }; Map.prototype.get = () => 7; String.prototype.replace = () => "y"; Object.entries = () => [];
    globalThis.Object = undefined; Reflect.ownKeys = () => []; return { a: 1 };`;
  const { terms } = await sandboxedDeciding(bundle(tamper), [], { quickjs, limits, budget: roomy });
  for (let i = 0; i < 3; i++) {
    try {
      terms.parse({});
    } catch (error) {
      assert.ok(error instanceof TrineError);
    }
    assert.deepEqual(terms.parse({ ok: true }), { ok: true });
  }
  assert.equal(({} as { polluted?: number }).polluted, undefined);
  assert.deepEqual([1].map(String), ['1']);
});

test('names that a prototype has come out as names, and no prototype is set by them', async () => {
  const parse = 'return JSON.parse(\'{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}\');';
  const { terms } = await sandboxedDeciding(bundle(parse), [], { quickjs, limits, budget: roomy });
  const answer = terms.parse({}) as { admin?: boolean };
  assert.equal(answer.admin, undefined);
  assert.equal(({} as { admin?: boolean }).admin, undefined);
  assert.equal(Object.getPrototypeOf(answer), Object.prototype);
});

test('nothing is remembered from one question to the next', async () => {
  const code = bundle(
    'globalThis.count = (globalThis.count ?? 0) + 1; own++; return { count: globalThis.count, own };',
    'let own = 0',
  );
  const { terms } = await sandboxedDeciding(code, [], { quickjs, limits, budget: roomy });
  for (let i = 0; i < 3; i++) assert.deepEqual(terms.parse({}), { count: 1, own: 1 });
});

test('what can be named is a fixed list', async () => {
  const names = `const all = (o) => Reflect.ownKeys(o).map(String).sort();
    return { globals: all(globalThis), math: all(Math), up: all(Object.getPrototypeOf(globalThis)) };`;
  const { terms } = await sandboxedDeciding(bundle(names), [], { quickjs, limits, budget: roomy });
  const { globals, math } = terms.parse({}) as unknown as { globals: string[]; math: string[] };
  assert.deepEqual(
    globals.join(' '),
    'AggregateError Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Error EvalError Float32Array Float64Array Function Infinity Int16Array Int32Array Int8Array JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set String Symbol Symbol(Symbol.toStringTag) SyntaxError TextDecoder TextEncoder TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakSet decodeURI decodeURIComponent encodeURI encodeURIComponent globalThis isFinite isNaN parseFloat parseInt undefined',
  );
  assert.deepEqual(
    math.join(' '),
    'E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2 Symbol(Symbol.toStringTag) abs ceil clz32 floor fround imul max min round sign sqrt trunc',
  );
});

test('many questions are bounded in all; what may be taken comes back with time', async () => {
  let nowMs = 0;
  const budget = { capacity: 6_000_000_000n, perSecond: 5_000_000_000n, now: () => nowMs };
  const { terms } = await sandboxedDeciding(bundle('for (;;);'), [], { quickjs, limits, budget });
  const says = (given: unknown, pattern: RegExp) => assert.throws(() => terms.parse(given), pattern);
  says({ a: 1 }, /more steps than one question may take/);
  // The same again ends the same way, and takes nothing.
  for (let i = 0; i < 100; i++) says({ a: 1 }, /more steps than one question may take/);
  says({ a: 2 }, /more steps than one question may take/);
  says({ a: 3 }, /more steps in all than it may/);
  says({ ok: true }, /more steps in all than it may/);
  nowMs += 2_000;
  assert.deepEqual(terms.parse({ ok: true }), { ok: true });
});

test('no bomb takes more memory than a machine may have', async () => {
  for (const what of [
    'a memory bomb of arrays',
    'a memory bomb of buffers',
    'a text that doubles',
    'one huge buffer',
  ]) {
    const machine = await Machine.load(bundle(attacks[what] as string), quickjs, limits);
    try {
      machine.ask('{"ask":"parse","given":[{}]}', () => '');
    } catch (error) {
      assert.ok(error instanceof SandboxError);
    }
    assert.ok(machine.heldBytes <= limits.memoryBytes, `${what}: ${machine.heldBytes}`);
  }
});

test('fuel is counted: the same question takes the same, on every machine that is made', async () => {
  const code = bundle('let n = 0; for (let i = 0; i < 1000; i++) n += /a+b/.test("aab" + i) ? 1 : 0; return { n };');
  const taken: bigint[] = [];
  for (let i = 0; i < 2; i++) {
    const machine = await Machine.load(code, quickjs, limits);
    for (let j = 0; j < 2; j++) {
      machine.ask('{"ask":"parse","given":[{}]}', () => '');
      taken.push(machine.taken);
    }
  }
  assert.equal(new Set(taken).size, 1, taken.join(' '));
});

test('a refusal of a bundle stays what it is: of a form, of another kind that is known, or the bundle failed', async () => {
  const parse = 'throw Object.assign(new Error(given.message), { name: given.name, code: given.code });';
  const { terms } = await sandboxedDeciding(bundle(parse), [], { quickjs, limits, budget: roomy });
  const thrown = (given: Record<string, string>): [string, string | undefined, string] => {
    try {
      terms.parse(given);
    } catch (error) {
      const refused = error as TrineError;
      return [refused.constructor.name, refused.code, refused.message];
    }
    return assert.fail('it threw nothing');
  };
  const said = { code: 'malformed', message: 'terms.fee: too much' };
  assert.deepEqual(thrown({ ...said, name: 'FormatError' }), ['FormatError', 'malformed', 'terms.fee: too much']);
  assert.deepEqual(thrown({ ...said, name: 'TrineError' }), ['TrineError', 'malformed', 'terms.fee: too much']);
  for (const other of [{ name: 'Error' }, { name: 'FormatError', code: 'no-such' }])
    assert.match(thrown({ ...said, ...other }).join(), /^SandboxError,.*The bundle failed: terms.fee: too much$/);
});

test('what is stopped deep within leaves the stack to the next question as it was', async () => {
  const deep = 'const f = (n) => { if (n === 0) for (;;); return f(n - 1) + 1; }; return { n: f(given.depth) };';
  const machine = await Machine.load(bundle(deep), quickjs, { ...limits, fuel: 1_000_000n });
  const ask = (given: string) => machine.ask(`{"ask":"parse","given":[${given}]}`, () => '');
  const before = ask('{"ok":true}');
  for (let i = 0; i < 40; i++) assert.throws(() => ask('{"depth":400}'), /more steps than one question may take/);
  assert.equal(ask('{"ok":true}'), before);
});
