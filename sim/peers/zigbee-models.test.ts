// Every model that zigbee-herdsman-converters knows, as Zigbee2MQTT announces it: a radio is needed for the program itself, so its
// messages are built from the definitions that it builds them from.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { zigbee2mqtt } from '@trine/connectors/zigbee2mqtt/index.ts';
import { mapMessage } from '@trine/mapping/message/map.ts';
import { mappingSchema, plainMapping } from '@trine/mapping/message/mapping.ts';
import { isSubject, isUnit, toUtf8 } from '@trine/protocol';
import { hasPeer, peersFolder } from '../../scripts/peer-packages.ts';

interface Expose {
  readonly type: string;
  readonly name?: string;
  readonly property?: string;
  readonly access?: number;
  readonly unit?: string;
  readonly value_on?: unknown;
  readonly value_min?: number;
  readonly values?: readonly unknown[];
  readonly features?: readonly Expose[];
}
interface Definition {
  readonly model: string;
  readonly vendor: string;
  readonly description: string;
  readonly exposes: readonly Expose[] | ((device: object, options: object) => readonly Expose[]);
}

const FOLDER = `${peersFolder}node_modules/zigbee-herdsman-converters/dist/`;

function definitions(): Definition[] {
  const require = createRequire(FOLDER);
  const { prepareDefinition } = require(`${FOLDER}index.js`) as { prepareDefinition: (one: object) => Definition };
  return readdirSync(`${FOLDER}devices`)
    .filter((name) => /^(?!index).*\.js$/.test(name))
    .flatMap((name) => (require(`${FOLDER}devices/${name}`) as { definitions?: object[] }).definitions ?? [])
    .flatMap((one) => {
      try {
        return [prepareDefinition(one)];
      } catch {
        // A definition that needs the device itself.
        return [];
      }
    });
}

/** As it is exposed where no device says otherwise. */
function exposesOf({ exposes }: Definition): readonly Expose[] {
  if (typeof exposes !== 'function') return exposes;
  try {
    return exposes({ isDummyDevice: true }, {});
  } catch {
    return [];
  }
}

interface Member {
  readonly path: string;
  readonly expose: Expose;
  readonly value: unknown;
}

/** Everything of a state message, with a value that the definition allows. */
function membersOf(exposes: readonly Expose[], under = ''): Member[] {
  return exposes.flatMap((expose, i): Member[] => {
    const { type, property, features, access = 1 } = expose;
    const path = property === undefined ? under : `${under}${property}`;
    if (features !== undefined)
      return membersOf(features, type === 'composite' && property !== undefined ? `${path}.` : under);
    if (property === undefined || (access & 1) === 0 || type === 'list') return [];
    const values: Record<string, unknown> = {
      numeric: Math.max(expose.value_min ?? 0, 0) + 1 + i,
      binary: expose.value_on,
      enum: expose.values?.[0],
      text: 'text',
    };
    return values[type] === undefined ? [] : [{ path, expose, value: values[type] }];
  });
}

function put(state: Record<string, unknown>, path: string, value: unknown): void {
  const [first = '', ...rest] = path.split('.');
  if (rest.length === 0) {
    state[first] = value;
    return;
  }
  state[first] ??= {};
  put(state[first] as Record<string, unknown>, rest.join('.'), value);
}

test('every model is read: each member once, numbers in the unit that it announces', {
  skip: hasPeer('zigbee-herdsman-converters')
    ? false
    : 'zigbee-herdsman-converters is not installed: node scripts/peer-packages.ts',
}, (t) => {
  const models = definitions().map((definition) => ({ definition, exposes: exposesOf(definition) }));
  const running = zigbee2mqtt.start(zigbee2mqtt.settings.parse({}));
  const devices = models.map(({ definition: { model, vendor, description }, exposes }, i) => ({
    ...{ ieee_address: `0x${i.toString(16).padStart(16, '0')}`, friendly_name: `thing ${i}`, type: 'EndDevice' },
    definition: { model, vendor, description, exposes },
  }));
  const counts = { models: 0, members: 0, numbers: 0, withUnit: 0, known: 0, unitsUnknown: new Set<string>() };
  for (const [i, { exposes }] of models.entries()) {
    const announced = toUtf8(JSON.stringify([devices[i]]));
    const { found } = running.discover({ topic: 'zigbee2mqtt/bridge/devices', payload: announced });
    const [thing] = found;
    assert.equal(thing?.name, `thing ${i}`);
    const members = new Map(membersOf(exposes).map((member) => [member.path, member]));
    const [mapping] = thing.mappings;
    if (members.size === 0) continue;
    assert.ok(mapping, JSON.stringify(exposes));
    assert.deepEqual(mappingSchema.parse(plainMapping(mapping)), mapping);
    assert.ok(isSubject(mapping.subject));
    const state: Record<string, unknown> = {};
    for (const { path, value } of members.values()) put(state, path, value);
    const payload = toUtf8(JSON.stringify(state));
    const mapped = mapMessage(mapping, { topic: `zigbee2mqtt/thing ${i}`, payload }, 1_763_884_800_000);
    const readings = mapped?.packs[0]?.readings ?? [];
    const name = `${devices[i]?.definition.vendor} ${devices[i]?.definition.model}`;
    // Words of an enumeration may say that there is none, such as "unknown"; a number or a truth never does.
    const words = [...members.values()].filter(({ expose }) => expose.type === 'enum').length;
    const none = mapped?.noValue ?? 0;
    assert.deepEqual(mapped?.refused, [], name);
    assert.ok(none <= words, `${name}: ${none} without a value`);
    assert.equal(readings.length + none, Math.min(members.size, 200), name);
    for (const { unit } of readings) assert.ok(unit === '' || isUnit(unit), `${name}: ${unit}`);
    counts.models++;
    counts.members += members.size;
    counts.known += members.size - (thing.unknown?.length ?? 0);
    for (const { expose, path } of members.values()) {
      if (expose.type !== 'numeric') continue;
      counts.numbers++;
      if (expose.unit === undefined || expose.unit === '') continue;
      const field = mapping.fields.find((one) => one.path === path);
      if (field?.unit === '') counts.unitsUnknown.add(expose.unit);
      else counts.withUnit++;
    }
  }
  assert.ok(counts.models >= 500, `${counts.models} models`);
  const { unitsUnknown, ...sums } = counts;
  t.diagnostic(`${JSON.stringify(sums)}; units without a symbol here: ${[...unitsUnknown].sort().join(' | ')}`);
});
