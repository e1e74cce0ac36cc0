// The settings of a connector, from their JSON Schema.
import { type FormEvent, type ReactNode, useState } from 'react';
import type { ConnectorView } from '../api/types.ts';
import { Field } from '../ui/field.tsx';
import {
  type Entered,
  enteredOf,
  type Named,
  type SettingField,
  settingFields,
  settingsFrom,
} from './settings-form.ts';

export interface SettingsFormProps {
  readonly connector: ConnectorView;
  readonly isPending: boolean;
  readonly isSet: boolean;
  readonly onSet: (settings: Record<string, unknown>) => void;
}

export function SettingsForm({ connector, isPending, isSet, onSet }: SettingsFormProps): ReactNode {
  const fields = settingFields(connector.schema);
  const [entered, setEntered] = useState<Entered>(() => enteredOf(fields, connector.settings));
  const [wrong, setWrong] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    try {
      setWrong('');
      onSet(settingsFrom(fields, entered));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      setWrong('One of the settings is no JSON.');
    }
  };
  return (
    <form className="thing-form" aria-label={`Settings of ${connector.title}`} onSubmit={submit}>
      {fields.map((field) => (
        <Setting
          key={field.name}
          field={field}
          value={entered[field.name] ?? ''}
          onChange={(value) => setEntered({ ...entered, [field.name]: value })}
        />
      ))}
      <div className="row">
        <button type="submit" className="button small primary" disabled={isPending}>
          Set
        </button>
        <span className="dim small" role="status">
          {wrong || (isSet ? 'Set: from the next message on.' : '')}
        </span>
      </div>
    </form>
  );
}

interface SettingProps {
  readonly field: SettingField;
  readonly value: string | readonly Named[];
  readonly onChange: (value: string | readonly Named[]) => void;
}

function Setting({ field: { label, help, form }, value, onChange }: SettingProps): ReactNode {
  if (typeof value !== 'string') return <RecordSetting label={label} help={help} value={value} onChange={onChange} />;
  return (
    <div className="fields">
      <Field label={form === 'list' ? `${label}, one a line` : label} help={help} wide>
        {form === 'text' ? (
          <input value={value} onChange={({ target }) => onChange(target.value)} />
        ) : (
          <textarea rows={3} value={value} onChange={({ target }) => onChange(target.value)} />
        )}
      </Field>
    </div>
  );
}

interface RecordSettingProps {
  readonly label: string;
  readonly help: string | undefined;
  readonly value: readonly Named[];
  readonly onChange: (value: readonly Named[]) => void;
}

/** Long texts, each under a name, such as payload codecs. */
function RecordSetting({ label, help, value, onChange }: RecordSettingProps): ReactNode {
  const change = (i: number, part: Partial<Named>) =>
    onChange(value.map((one, j) => (i === j ? { ...one, ...part } : one)));
  return (
    <fieldset className="record">
      <legend>{label}</legend>
      {help !== undefined && <small className="dim">{help}</small>}
      {value.map(({ name, text }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the name is what is being typed
        <div key={i} className="record-item">
          <div className="fields">
            <Field label="For" wide>
              <input value={name} onChange={({ target }) => change(i, { name: target.value })} />
            </Field>
          </div>
          <textarea
            aria-label={`${label}: text for ${name || 'a new one'}`}
            className="mono"
            rows={6}
            spellCheck={false}
            value={text}
            onChange={({ target }) => change(i, { text: target.value })}
          />
          <button
            type="button"
            className="button small"
            aria-label={`Remove ${name || 'the new one'}`}
            onClick={() => onChange(value.filter((_, j) => j !== i))}
          >
            Remove
          </button>
        </div>
      ))}
      <div>
        <button type="button" className="button small" onClick={() => onChange([...value, { name: '', text: '' }])}>
          Add one
        </button>
      </div>
    </fieldset>
  );
}
