// The fields of a domain's terms, to be filled in.
import type { ReactNode } from 'react';
import { Field } from '../ui/field.tsx';
import { type FormField, fromText } from './form.ts';

export interface TermsFieldsProps {
  readonly fields: readonly FormField[];
  /** What is entered, by name. */
  readonly texts: Readonly<Record<string, string>>;
  readonly currency: string;
  readonly onChange: (name: string, text: string) => void;
}

export function TermsFields({ fields, texts, currency, onChange }: TermsFieldsProps): ReactNode {
  return fields.map(({ name, label, help, field, choices }) => {
    const text = texts[name] ?? '';
    return (
      <Field key={name} label={label} help={help} wide={field.type === 'array' || field.type === 'object'}>
        {choices ? (
          <select value={text} onChange={(event) => onChange(name, event.target.value)}>
            {choices.map((choice) => (
              <option key={choice}>{choice}</option>
            ))}
          </select>
        ) : (
          <input
            maxLength={2_000}
            value={text}
            aria-invalid={fromText(field, text, currency) === undefined}
            onChange={(event) => onChange(name, event.target.value)}
          />
        )}
      </Field>
    );
  });
}
