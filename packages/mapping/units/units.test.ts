import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUnit } from '@trine/protocol';
import fc from 'fast-check';
import { headingOf } from './headings.ts';
import { rational, toNumber } from './rational.ts';
import { rows } from './table.ts';
import { fromSenml, ruleUnit, toSenml, type WrittenUnit, writtenUnit } from './units.ts';

const unitOf = (text: string, about = '') => writtenUnit(text, about)?.unit;
const converted = (value: number, text: string) => toSenml(value, writtenUnit(text) as WrittenUnit);

test('the field’s spellings', () => {
  for (const [unit, ...texts] of [
    ['Cel', '°C', '℃', 'º C', '˚C', 'C', 'degC', 'Deg C', 'Celsius', 'CELSIUS', 'Grad Celsius', '°F', '℉', 'F'],
    ['kWh', 'kWh', 'kwh', 'KWH', 'kW·h', 'MWh', 'MWH', 'GWh'],
    ['ug/m3', 'µg/m³', 'μg/m3', 'ug / m3', 'µg/m^3', 'mg/m³', 'µg/㎥'],
    ['V', 'Volts', 'v', 'kV'],
    ['A', 'Amps', 'ampere'],
    ['Pa', 'kPa', 'bar', 'psi', 'PSI', 'mmHg', 'Pa'],
    ['hPa', 'mbar', 'hPa', 'mb'],
    ['%RH', '%RH', '% rH', '% r.F.'],
    ['%', '%', 'percent', 'Prozent', '％'],
    ['m/s', 'm/s', 'mph', 'kn', 'm s⁻¹', 'm·s⁻¹', 'm/s'],
    ['l/s', 'l/min', 'L/h'],
    ['m3/s', 'm³/h', 'm3/h'],
    ['m3', 'm³', 'm3'],
    ['l', 'L', 'l', 'US gal'],
    ['dB', 'dB', 'dB(A)', 'dBA'],
    ['1/min', 'rpm', 'U/min'],
    ['beat/min', 'bpm'],
    ['h', 'h', 'days', 'Stunden'],
    ['mm', 'mm', 'in', 'l/m²'],
    ['kW', 'kW', 'MW'],
    ['W', 'W', 'mW', 'watts'],
    ['kg', 'kg', 't', 'lb'],
    ['Ohm', 'Ω', 'kΩ'],
    ['%EL', '%EL'],
    ['Wh/km', 'Wh/km'],
  ] as const)
    for (const text of texts) assert.equal(unitOf(text), unit, text);
  for (const text of ['furlong', 'x', 'mw', 'mwh', 'UV', 'S', 'lat', '', 'north'])
    assert.equal(writtenUnit(text), undefined, text);
  for (const text of ['mmol/L', 'mg/dL', 'gal', '€/kWh', '°']) {
    const found = writtenUnit(text);
    assert.ok(found?.unit === '' && (found.why ?? '').length > 5, text);
  }
});

test('in a rule a SenML symbol means what SenML says; beside a heading it means what people mean', () => {
  assert.deepEqual(
    ['C', 'F', 'Cel', '°C', '°F', 'degC', ''].map((text) => ruleUnit(text)?.unit),
    ['C', 'F', 'Cel', 'Cel', 'Cel', 'Cel', ''],
  );
  for (const text of ['furlong', 'mmol/L', 'celcius', 'W h h']) assert.equal(ruleUnit(text), undefined, text);
  assert.deepEqual(
    ['C', 'F'].map((text) => unitOf(text)),
    ['Cel', 'Cel'],
  );
});

test('a degree is of what is measured', () => {
  assert.equal(unitOf('Grad', 'Windrichtung'), 'deg');
  assert.equal(unitOf('Grad', 'Außentemperatur'), 'Cel');
  assert.equal(unitOf('°', 'Dew point'), 'Cel');
  assert.equal(unitOf('°', 'x'), '');
});

test('conversions are exact', () => {
  for (const [value, text, expected] of [
    [70.7, '°F', 21.5],
    [32, 'F', 0],
    [-40, '°F', -40],
    [38, '°F', 3.3333333333333335],
    [0.6919946, 'MWH', 691.9946],
    [1.1, 'bar', 110_000],
    [0.1, 'MW', 100],
    [1013.25, 'mbar', 1013.25],
    [29.92, 'inHg', 101_320.74811900272],
    [1, 'psi', 6894.757293168362],
    [60, 'l/min', 1],
    [3.6, 'm3/h', 0.001],
    [1, 'kn', 0.5144444444444445],
    [1.1, 'in', 27.94],
    [7, 'days', 168],
    [1e-7, 'kV', 0.0001],
    [1.2e21, 'kPa', 1.2e24],
  ] as const)
    assert.equal(converted(value, text), expected, text);
});

test('property: a value converted and converted back is what was written', () => {
  const all = rows.filter(({ unit }) => unit !== undefined).map(({ written }) => written.split(' | ')[0] as string);
  assert.ok(all.length > 100);
  fc.assert(
    fc.property(fc.constantFrom(...all), fc.integer({ min: -9_999_999, max: 9_999_999 }), (written, n) => {
      const unit = writtenUnit(written) as WrittenUnit;
      const value = n / 1000;
      assert.equal(Number(fromSenml(toSenml(value, unit), unit).toFixed(6)) + 0, value + 0);
    }),
    { numRuns: 2_000 },
  );
});

test('property: a fraction is the double nearest to it', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (double) => {
      const value = double + 0;
      assert.equal(toNumber(rational(String(value).replace('e+', 'e'))), value);
    }),
    { numRuns: 2_000 },
  );
  assert.equal(toNumber(rational('1/3')), 1 / 3);
  assert.throws(() => rational('x'), RangeError);
  assert.throws(() => rational('1/0'), RangeError);
  // A short text is no number of a gigabyte.
  for (const text of ['1e99999999', '1e-99999999', '1/1e99999999'])
    assert.throws(() => rational(text), /is no decimal/);
});

test('every row leads to a SenML symbol or says why not, and no spelling stands in two rows', () => {
  const seen = new Map<string, string>();
  for (const { unit, written, why } of rows) {
    assert.ok(unit === undefined ? why : isUnit(unit), written);
    for (const text of written.split(' | ')) {
      assert.equal(seen.get(text), undefined, text);
      seen.set(text, written);
      assert.equal(unitOf(text), unit ?? '', text);
    }
  }
});

test('headings: the unit where only one reading is possible', () => {
  for (const [heading, name, unit] of [
    ['Temp (C)', 'Temp', 'Cel'],
    ['Dew point (F)', 'Dew point', 'Cel'],
    ['Temp [°C]', 'Temp', 'Cel'],
    ['Temp - °C', 'Temp', 'Cel'],
    ['Temp, °C', 'Temp', 'Cel'],
    ['Temp. °C', 'Temp.', 'Cel'],
    ['Temp °F', 'Temp', 'Cel'],
    ['Temp: °C', 'Temp', 'Cel'],
    ['Rain - mm', 'Rain', 'mm'],
    ['Wind Speed - km/h', 'Wind Speed', 'km/h'],
    ['Wind km/h', 'Wind', 'km/h'],
    ['power_kW', 'power', 'kW'],
    ['energy_kwh', 'energy', 'kWh'],
    ['temp_degC', 'temp', 'Cel'],
    ['Leistung in kW', 'Leistung', 'kW'],
    ['Strom in A', 'Strom', 'A'],
    ['Puissance (en W)', 'Puissance', 'W'],
    ['Puissance (en kW)', 'Puissance', 'kW'],
    ['P/kW', 'P', 'kW'],
    ['T/°C', 'T', 'Cel'],
    ['U1/V', 'U1', 'V'],
    ['PM2.5 [µg/m³]', 'PM2.5', 'ug/m3'],
    ['Pressure (mbar)', 'Pressure', 'hPa'],
    ['Energy (Wh)', 'Energy', 'Wh'],
    ['Level dB(A)', 'Level', 'dB'],
    ['Level (dB(A))', 'Level', 'dB'],
    ['Feuchte %', 'Feuchte', '%'],
    ['kWh', 'kWh', 'kWh'],
    ['Windrichtung (°)', 'Windrichtung', 'deg'],
    ['Temperatur (Grad)', 'Temperatur', 'Cel'],
    ['Glucose Value (mmol/L)', 'Glucose Value', ''],
    ['Rain (in)', 'Rain', 'mm'],
    ['Dauer (min)', 'Dauer', 'min'],
    ['Reactive power (var)', 'Reactive power', 'var'],
  ] as const) {
    const found = headingOf(heading);
    assert.deepEqual([found.name, found.unit?.unit], [name, unit], heading);
  }
  for (const heading of [
    ...[
      'Leistung kW',
      'Strom A',
      'Car park (north)',
      'Phase A',
      'Phase - A',
      'Zone (C)',
      'Latitude (N)',
      'Acceleration (g)',
    ],
    ...[
      'temp_c',
      'temp_min',
      'current_in',
      'uptime_ms',
      'Cost/kWh',
      'EUR/kWh',
      'CO2/km',
      'Q/h',
      'g/kg',
      'Volt',
      'C',
      'UV',
    ],
    ...[
      'Timestamp (YYYY-MM-DD)',
      'state',
      'Room, C',
      'Leq (A)x',
      '',
      'Sensor (#1)',
      'A+',
      'data_mb',
      'Temp (min)',
      'Temp - min',
      'Temp, min',
      'Cars (in)',
      'Vehicle(s)',
      'Temp (var)',
      'Temp (Std)',
      'Car park (A)',
    ],
  ])
    assert.deepEqual(headingOf(heading), { name: heading }, heading);
});
