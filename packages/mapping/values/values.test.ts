import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { memberAt, parseJson } from './json.ts';
import { allSigns, type NumberSigns, plainSigns, readHex, readNumber, signsOfOne } from './numbers.ts';
import { proposeSentinels } from './sentinels.ts';
import { signsOfColumn } from './signs.ts';
import { readMember, readText, type Said, splitUnit } from './values.ts';

const number = { expects: 'number' } as const;
const any = { expects: 'any' } as const;
const value = (said: Said) => (said.is === 'value' ? said.value : said.is);

test('numbers are read as their signs say, and in no other way', () => {
  for (const [text, decimal, thousands, expected] of [
    ['21.5', '.', undefined, 21.5],
    ['-0', '.', undefined, 0],
    ['+1', '.', undefined, 1],
    ['.5', '.', undefined, 0.5],
    ['5.', '.', undefined, 5],
    ['0021.50', '.', undefined, 21.5],
    ['\u22125', '.', undefined, -5],
    ['5-', '.', undefined, -5],
    ['1.5E5', '.', undefined, 150_000],
    ['1e-7', '.', undefined, 1e-7],
    ['1e+21', '.', undefined, 1e21],
    ['1.234,5', ',', '.', 1234.5],
    ['998,000', '.', ',', 998_000],
    ['998,000', ',', undefined, 998],
    ['1\u202f234,5', ',', ' ', 1234.5],
    ['1\u00a0234', '.', ' ', 1234],
    ['1’234.5', '.', "'", 1234.5],
    ["1'234", '.', "'", 1234],
    ['9007199254740991', '.', undefined, 9_007_199_254_740_991],
  ] as const)
    assert.equal(readNumber(text, { decimal, ...(thousands && { thousands }) }), expected, text);
});

test('what is no number is said to be none, with the reason', () => {
  for (const text of [
    '',
    'x',
    '1x',
    '.',
    '-',
    '--1',
    '1,5',
    '1 5',
    '0x1F',
    '1E5A',
    '1F',
    '1.2.3',
    'Infinity',
    'NaN',
    '١',
  ])
    assert.match(String(readNumber(text, plainSigns)), /no number/, text);
  for (const text of ['1E5', '12e5', '00E1']) assert.match(String(readNumber(text, plainSigns)), /identifier/, text);
  for (const text of ['9007199254740993', '12345678901234567890', '-9007199254740992', '9007199254740993.5'])
    assert.match(String(readNumber(text, plainSigns)), /2\^53/, text);
  assert.match(String(readNumber('-5-', plainSigns)), /two signs/);
  assert.match(String(readNumber('1.5e999', plainSigns)), /larger/);
  for (const text of ['48.1000', '1.23', '12.34.567', '1.2345', '.123'])
    assert.equal(typeof readNumber(text, { decimal: ',', thousands: '.' }), 'string', text);
});

test('property: what programs print is read to the last bit', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (double) => {
      const read = readNumber(String(double), plainSigns);
      if (!String(double).includes('e') && Math.abs(double) > Number.MAX_SAFE_INTEGER)
        assert.equal(typeof read, 'string');
      else assert.ok(Object.is(read, double + 0));
    }),
    { numRuns: 2_000 },
  );
});

/** Writes a number in a way. */
function write(given: number, { decimal, thousands }: NumberSigns): string {
  const [whole = '', fraction] = Math.abs(given).toFixed(3).split('.');
  const grouped = thousands === undefined ? whole : whole.replace(/\B(?=(?:\d{3})+$)/g, thousands);
  return `${given < 0 ? '-' : ''}${grouped}${decimal}${fraction}`;
}

test('property: a column that is written in one way is found to be, or to be ambiguous, and never another', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...allSigns),
      fc.array(
        fc.integer({ min: -9_999_999, max: 9_999_999 }).map((n) => n / 1000),
        { minLength: 1, maxLength: 30 },
      ),
      (signs, numbers) => {
        const cells = numbers.map((n) => write(n, signs));
        const found = signsOfColumn(cells);
        assert.notEqual(found.is, 'mixed');
        if (found.is === 'certain')
          assert.deepEqual(
            cells.map((cell) => readNumber(cell, found.signs)),
            numbers.map((n) => n + 0),
          );
        else if (found.is === 'ambiguous')
          assert.ok(
            found.readings.some((one) =>
              cells.every((cell, i) => readNumber(cell, one) === (numbers[i] as number) + 0),
            ),
          );
      },
    ),
    { numRuns: 1_000 },
  );
});

test('each column says by itself how its numbers are written', () => {
  const signs = (...cells: string[]) => {
    const found = signsOfColumn(cells);
    return found.is === 'certain' ? found.signs : found.is;
  };
  assert.deepEqual(signs('1', '2', 'x'), { decimal: '.' });
  assert.deepEqual(signs('0,25', '1,234'), { decimal: ',' });
  assert.deepEqual(signs('48.1000', '48.100'), { decimal: '.' });
  assert.deepEqual(signs('1234.567', '1.234'), { decimal: '.' });
  assert.deepEqual(signs('998,000', '1,000,100'), { decimal: '.', thousands: ',' });
  assert.deepEqual(signs('12.345', '1.012.345'), { decimal: ',', thousands: '.' });
  assert.deepEqual(signs('1 234,5'), { decimal: ',', thousands: ' ' });
  assert.equal(signs('1,234', '2,345'), 'ambiguous');
  assert.equal(signs('1.234', '2.345'), 'ambiguous');
  assert.equal(signs('1,25', '1.25'), 'mixed');
  assert.deepEqual(signs('0,250', '1,234'), { decimal: ',' });
  assert.deepEqual(signs('0.000', '1.234'), { decimal: '.' });
  const most = signsOfColumn([...Array.from({ length: 99 }, (_, i) => `${i},25`), '1.25']);
  assert.deepEqual(most, { is: 'certain', signs: { decimal: ',' }, unread: 1 });
});

test('a number that stands alone is read where only one reading is possible', () => {
  assert.deepEqual(signsOfOne('21,5'), { decimal: ',' });
  assert.deepEqual(signsOfOne('1.234'), plainSigns);
  assert.deepEqual(signsOfOne('1.234,5'), { decimal: ',', thousands: '.' });
  assert.equal(signsOfOne('1,234'), undefined);
  const said = readText('1,234', number);
  assert.ok(said.is === 'refused' && /comma/.test(said.why));
});

test('words that say "no value" are none, as the field writes them', () => {
  for (const word of [
    ...[
      '',
      ' ',
      '\0',
      'nan',
      'NaN',
      '-nan',
      'nan(ind)',
      '-1.#IND',
      '1.#QNAN',
      'null',
      'None',
      'unavailable',
      'UNKNOWN',
      'Offline',
    ],
    ...[
      'N/A',
      'n.a.',
      '--',
      '---',
      '–',
      '—',
      '?',
      '#N/A',
      '#NV',
      '#DIV/0!',
      '#WERT!',
      'k.A.',
      'nicht verfügbar',
      'Inconnu',
    ],
    ...['sin datos', 'onbekend', '--.-', '***', 'inf', '-Infinity', '1.#INF', '∞', '不明', 'nessun dato', 'undefined'],
  ])
    for (const expected of [number, any]) assert.equal(readText(word, expected).is, 'none', JSON.stringify(word));
  // A state of its own, where no number is expected.
  assert.equal(value(readText('error', number)), 'none');
  assert.equal(value(readText('error', any)), 'error');
  for (const word of ['<0.5', '> 400', '≤3', 'Low', 'HIGH', '<LOD']) {
    const said = readText(word, number);
    assert.deepEqual(said, { is: 'none', why: 'censored', word });
  }
});

test('a text where a number should be is refused, and why is said', () => {
  for (const text of [
    'on',
    'true',
    'open',
    '0x1F',
    '12E5',
    '1E5A',
    '00E1',
    '1F',
    '21.5 bananas',
    '1.2.3',
    '{"a":1}',
    '\ufffd\0A',
  ]) {
    const said = readText(text, number);
    assert.ok(said.is === 'refused' && said.why.length > 10, text);
  }
  assert.equal(value(readText('0x1F', { expects: 'number', isHex: true })), 31);
  assert.match(String(readHex('xyz')), /hexadecimal/);
});

test('numbers with signs, units and what C programs leave behind', () => {
  assert.equal(value(readText('21,5', number)), 21.5);
  assert.equal(value(readText('21.5\0\0', number)), 21.5);
  assert.equal(value(readText('\ufeff 21.5 \r\n', number)), 21.5);
  assert.deepEqual(readText('21.5 °C', number), { is: 'value', value: 21.5, unit: '°C' });
  assert.deepEqual(readText('21,5°C', number), { is: 'value', value: 21.5, unit: '°C' });
  assert.deepEqual(readText('-3 %', number), { is: 'value', value: -3, unit: '%' });
  assert.deepEqual(splitUnit('1.5e-3 kW'), { number: '1.5e-3', unit: 'kW' });
  assert.equal(splitUnit('1F'), undefined);
  assert.equal(splitUnit('12 Angry Men'), undefined);
  assert.equal(value(readText('85', { ...number, missing: new Set([85]) })), 'none');
});

test('where any value may stand, numbers, truths and texts are told apart; a text that names something stays one', () => {
  assert.deepEqual(
    ['21.5', 'ON', 'false', 'open', '12 A', '12E5', '9007199254740993'].map((text) => value(readText(text, any))),
    [...[21.5, true, false, 'open', '12 A', '12E5', '9007199254740993']],
  );
  assert.deepEqual(
    ['21.5', 'on', true, 3].map((one) => value(readMember(one, any))),
    ['21.5', 'on', true, 3],
  );
  assert.equal(readText('x'.repeat(2_000), any).is, 'refused');
  assert.deepEqual([readMember('a\ud800', any).is, readMember('a😀', any).is], ['refused', 'value']);
});

test('members of JSON: a text of a number is one where there is a unit; lists and objects are refused', () => {
  assert.deepEqual(
    ['21.5', 40, 'NaN', null, undefined].map((one) => value(readMember(one, number))),
    [21.5, 40, 'none', 'none', 'none'],
  );
  for (const bad of [true, {}, [1], 'open']) assert.equal(readMember(bad, number).is, 'refused');
  for (const empty of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY])
    assert.equal(readMember(empty, any).is, 'none');
});

test('JSON loses nothing: bare NaN, whole numbers beyond 2^53, and the good members beside them', () => {
  assert.deepEqual(parseJson('{"a":NaN,"b":-Infinity,"c":nan,"d":1,"e":"NaN, 12345678901234567890","f":[+inf,2]}'), {
    ...{ a: 'NaN', b: '-Infinity', c: 'nan', d: 1, e: 'NaN, 12345678901234567890', f: ['+inf', 2] },
  });
  assert.deepEqual(parseJson('{"a":9007199254740993,"b":9007199254740991,"c":1e20,"d":-12345678901234567890,"a":2}'), {
    ...{ a: 2, b: 9_007_199_254_740_991, c: 1e20, d: '-12345678901234567890' },
  });
  assert.equal(value(readMember((parseJson('{"a":9007199254740993}') as { a: unknown }).a, number)), 'refused');
  assert.throws(() => parseJson('{"a":'), SyntaxError);
  assert.throws(() => parseJson('"open'), SyntaxError);
});

test('property: JSON without such words is parsed as JSON.parse does', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (text) => {
      fc.pre(!/\d{16}/.test(text));
      assert.deepEqual(parseJson(text), JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});

test('paths reach into members, also where a name has dots', () => {
  const json = { a: { b: [{ c: 1 }] }, 'x.y': 2, 'x.y.z': { w: 3 }, __proto__: { q: 4 } };
  assert.deepEqual(
    ['a.b.0.c', 'x.y', 'x.y.z.w', 'a.q', 'q', 'toString', 'a.b.c'].map((path) => memberAt(json, path)),
    [...[1, 2, 3, undefined, undefined, undefined, undefined]],
  );
});

test('numbers that stand for "no value" are proposed with a reason where they lie apart, and only then', () => {
  const temperatures = Array.from({ length: 20 }, (_, i) => 18 + i / 4);
  const proposed = (more: number[], of = temperatures) =>
    proposeSentinels([...of, ...more], true).map(({ value: one }) => one);
  assert.deepEqual(proposed([-999, -999, 85, -127, 65535]), [-999, 85, -127, 65535]);
  assert.deepEqual(proposed([-50]), [], 'not a usual one');
  assert.deepEqual(proposeSentinels([...temperatures, 85]), [], 'no temperatures');
  assert.deepEqual(
    proposed(
      [85],
      Array.from({ length: 20 }, (_, i) => 40 + 3 * i),
    ),
    [],
    'a tank may have 85 °C',
  );
  assert.deepEqual(proposed([-999], [1, 2]), [], 'too few to tell');
  assert.match(proposeSentinels([...temperatures, -999])[0]?.why ?? '', /between 18 and 22.75/);
});
