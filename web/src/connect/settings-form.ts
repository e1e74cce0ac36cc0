// Settings of a connector as a form: each property of their JSON Schema as text that people enter, and back.
import { readable } from '../domains/words.ts';

/** What of a JSON Schema a form looks at. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly items?: Schema;
  readonly additionalProperties?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
}

export interface SettingField {
  readonly name: string;
  readonly label: string;
  readonly help: string | undefined;
  /** One line, one line each, long texts by name, or JSON as it is. */
  readonly form: 'text' | 'list' | 'record' | 'json';
}

/** A text of a record and what it is called. */
export interface Named {
  readonly name: string;
  readonly text: string;
}
/** What is entered, by setting. */
export type Entered = Readonly<Record<string, string | readonly Named[]>>;

export function settingFields(given: Readonly<Record<string, unknown>>): SettingField[] {
  return Object.entries((given as Schema).properties ?? {}).map(([name, schema]) => ({
    name,
    label: readable(name),
    help: schema.description?.replaceAll('`', ''),
    form: formOf(schema),
  }));
}

function formOf({ type, items, additionalProperties }: Schema): SettingField['form'] {
  if (type === 'string') return 'text';
  if (type === 'array' && items?.type === 'string') return 'list';
  const each = additionalProperties as Schema | undefined;
  return type === 'object' && typeof each === 'object' && each.type === 'string' ? 'record' : 'json';
}

/** As it is entered. */
export function enteredOf(
  fields: readonly SettingField[],
  settings: Readonly<Record<string, unknown>>,
): Record<string, string | readonly Named[]> {
  const enter = ({ name, form }: SettingField): string | readonly Named[] => {
    const value = settings[name];
    if (form === 'record')
      return Object.entries((value ?? {}) as Record<string, string>).map(([of, text]) => ({ name: of, text }));
    if (value === undefined) return '';
    if (form === 'list') return (value as readonly string[]).join('\n');
    return form === 'text' ? String(value) : JSON.stringify(value);
  };
  return Object.fromEntries(fields.map((field) => [field.name, enter(field)]));
}

/**
 * What was entered, as the connector takes it: what is empty is left to its default.
 * @throws SyntaxError where JSON is asked for and is none
 */
export function settingsFrom(fields: readonly SettingField[], entered: Entered): Record<string, unknown> {
  const read = ({ name, form }: SettingField): unknown => {
    const given = entered[name] ?? '';
    if (typeof given !== 'string')
      return Object.fromEntries(
        given.filter((one) => one.name.trim() !== '').map((one) => [one.name.trim(), one.text]),
      );
    if (given.trim() === '') return undefined;
    if (form === 'json') return JSON.parse(given);
    if (form === 'text') return given.trim();
    return given
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  };
  const settings = fields.map((field) => [field.name, read(field)] as const);
  return Object.fromEntries(settings.filter(([, value]) => value !== undefined));
}
