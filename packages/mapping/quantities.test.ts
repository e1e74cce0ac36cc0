import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSubject, isUnit, limits } from '@trine/protocol';
import { canonicalNames, canonicalQuantity, sources } from './quantities.ts';
import { quantities } from './quantity-table.ts';

const nameOf = (name: string, hints: Parameters<typeof canonicalQuantity>[1] = {}) =>
  canonicalQuantity(name, hints)?.quantity;

test('one power across makers', () => {
  for (const [source, name] of [
    ['zigbee2mqtt', 'power'],
    ['homeassistant', 'power'],
    ['tasmota', 'ENERGY.Power'],
    ['shelly', 'apower'],
    ['shelly', 'switch:0.apower'],
    ['esphome', 'power'],
    ['obis', '16.7.0'],
    ['obis', '1-0:16.7.0*255'],
    ['sunspec', 'W'],
    ['ngsi', 'activePower'],
  ] as const)
    assert.equal(nameOf(name, { source }), 'active-power', `${source} ${name}`);
  for (const name of [
    'power',
    'Power',
    'Wirkleistung',
    'active_power',
    'Puissance active',
    'ENERGY.Power',
    '1-0:16.7.0',
  ])
    assert.equal(nameOf(name), 'active-power', name);
});

test('import and export of a meter are never one', () => {
  for (const [bought, sold] of [
    ['1.8.0', '2.8.0'],
    ['1-0:1.8.0*255', '1-0:2.8.0*255'],
    ['A+', 'A-'],
    ['TotWhImp', 'TotWhExp'],
    ['totalActiveEnergyImport', 'totalActiveEnergyExport'],
    ['Bezug', 'Einspeisung'],
  ] as const)
    assert.deepEqual([nameOf(bought), nameOf(sold)], ['active-energy-import', 'active-energy-export'], bought);
  assert.deepEqual(
    [nameOf('1.8.1'), nameOf('1.8.2')],
    ['active-energy-import-tariff-1', 'active-energy-import-tariff-2'],
  );
});

test('a name that means two things is told by its source or its unit, or not at all', () => {
  assert.equal(nameOf('A', { source: 'sunspec' }), 'current');
  assert.equal(nameOf('voc', { unit: 'ppb' }), 'voc-ratio');
  assert.equal(nameOf('voc', { unit: 'ug/m3' }), 'voc');
  assert.equal(nameOf('voc'), undefined);
  assert.equal(nameOf('1.8.0', { source: 'zigbee2mqtt' }), undefined);
});

test('what nobody knows stays as it is, and is listed', () => {
  const { known, unknown } = canonicalNames(['temperature', 'ElecUsine', 'humidity', 'toString', '']);
  assert.deepEqual(
    [...known].map(([name, { quantity }]) => [name, quantity]),
    [
      ['temperature', 'temperature'],
      ['humidity', 'relative-humidity'],
    ],
  );
  assert.deepEqual(unknown, ['ElecUsine', 'toString', '']);
});

test('the table: names are quantities, units SenML, meanings have an address, no name of a source stands twice', () => {
  assert.ok(quantities.length >= 60, `${quantities.length}`);
  const names = new Set<string>();
  let aliases = 0;
  let meant = 0;
  for (const { name, unit, iri, known } of quantities) {
    assert.ok(isSubject(name) && name.length <= limits.quantityCharsMax && !names.has(name), name);
    names.add(name);
    assert.ok(isUnit(unit), `${name} ${unit}`);
    if (iri !== undefined) meant++;
    assert.ok(iri === undefined || /^https?:\/\/\S+$/.test(iri), name);
    for (const [source, of] of Object.entries(known)) {
      assert.ok((sources as readonly string[]).includes(source), source);
      for (const alias of of) {
        aliases++;
        const found = canonicalQuantity(alias, { source: source as (typeof sources)[number], unit });
        assert.equal(found?.quantity, name, `${source} ${alias}`);
      }
    }
  }
  assert.ok(aliases >= 300, `${aliases} names`);
  assert.ok(meant >= 0.9 * quantities.length, `${meant} of ${quantities.length} have a meaning`);
});
