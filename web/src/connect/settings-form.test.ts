// The settings of every connector of this installation, through the form and back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectors } from '@trine/connectors/index.ts';
import { z } from 'zod';
import { enteredOf, settingFields, settingsFrom } from './settings-form.ts';

const schemaOf = (settings: z.ZodType) => z.toJSONSchema(settings, { io: 'input' }) as Record<string, unknown>;

test('each connector has a form of texts, lists and records; what it shows is what is set', () => {
  for (const { manifest, settings } of connectors) {
    const fields = settingFields(schemaOf(settings));
    assert.ok(
      fields.every(({ form, help }) => form !== 'json' && help !== undefined),
      manifest.name,
    );
    const set = settings.parse({}) as Record<string, unknown>;
    assert.deepEqual(settings.parse(settingsFrom(fields, enteredOf(fields, set))), set, manifest.name);
  }
});

test('lists are lines, records keep their texts, and what is empty is left to its default', () => {
  const schema = schemaOf(
    z.object({
      bases: z.array(z.string()).default(['a']),
      codecs: z.record(z.string(), z.string()).default({}),
      zone: z.string().optional(),
      other: z.number().optional(),
    }),
  );
  const fields = settingFields(schema);
  assert.deepEqual(
    fields.map(({ form }) => form),
    ['list', 'record', 'text', 'json'],
  );
  const entered = {
    bases: ' a \n\nb',
    codecs: [
      { name: ' p ', text: 'x\n' },
      { name: '', text: 'y' },
    ],
    zone: ' ',
    other: '',
  };
  assert.deepEqual(settingsFrom(fields, entered), { bases: ['a', 'b'], codecs: { p: 'x\n' } });
  assert.throws(() => settingsFrom(fields, { other: '{' }), SyntaxError);
});
