import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FormatError } from './errors.ts';
import { canonicalJson } from './jcs.ts';

function doubleOf(bits: string): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${bits}`));
  return view.getFloat64(0);
}

test('RFC 8785 appendix B: numbers', () => {
  const cases: [string, string][] = [
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ];
  for (const [bits, text] of cases) assert.equal(canonicalJson(doubleOf(bits)), text, bits);
  for (const bits of ['7fffffffffffffff', '7ff0000000000000', 'fff0000000000000'])
    assert.throws(() => canonicalJson(doubleOf(bits)), { name: 'FormatError', refusal: 'malformed' });
});

test('RFC 8785 §3.2.2 and §3.2.3: the sample and the order of names', () => {
  const sample = String.raw`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  }`;
  assert.equal(
    canonicalJson(JSON.parse(sample)),
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  );
  const names = String.raw`{
    "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
    "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"
  }`;
  assert.deepEqual(
    [...canonicalJson(JSON.parse(names)).matchAll(/:"([^"]+)"/g)].map(([, value]) => value),
    [
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ],
  );
});

test('what is no JSON is refused in one way', () => {
  const circle: Record<string, unknown> = {};
  circle.self = [circle];
  const bad = [
    ...['\ud800', 'x\udc00', { '\ud800': 1 }, Number.NaN, Number.POSITIVE_INFINITY, JSON.parse('[1e400]')],
    ...[undefined, [undefined], { a: undefined }, new Array(2), 1n, Symbol('s'), () => 1, new Date(0), new Map()],
    ...[new Uint8Array(1), circle],
  ];
  for (const value of bad) assert.throws(() => canonicalJson(value), { name: 'FormatError', refusal: 'malformed' });
  const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
  assert.throws(() => canonicalJson(deep), { name: 'FormatError', refusal: 'too-deep' });
  const twice = { x: 1 };
  assert.equal(canonicalJson([twice, twice]), '[{"x":1},{"x":1}]');
});

test('property: reading it gives the value again, writing that the same text, whatever the order of names', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      let text: string;
      try {
        text = canonicalJson(value);
      } catch (error) {
        assert.ok(error instanceof FormatError);
        return;
      }
      assert.equal(canonicalJson(JSON.parse(text)), text);
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
      const turned = (given: unknown): unknown => {
        if (Array.isArray(given)) return given.map(turned);
        if (typeof given !== 'object' || given === null) return given;
        return Object.fromEntries(
          Object.entries(given)
            .reverse()
            .map(([name, item]) => [name, turned(item)]),
        );
      };
      assert.equal(canonicalJson(turned(value)), text);
    }),
    { numRuns: 1_000 },
  );
});
