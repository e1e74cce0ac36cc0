// Filters of a list: choices with how many each would show, and fields for the rest. What is chosen stands in the address.
import type { ReactNode } from 'react';
import type { Between } from '../api/filters.ts';
import { formatCount } from '../format/amount.ts';
import { dayAfter, dayOf, startOfDay, timeZone } from '../format/time.ts';
import { Field } from './field.tsx';
import { Icon } from './icons.tsx';

export interface Choice {
  readonly id: string;
  readonly label: string;
  readonly count: number | undefined;
  readonly isChosen: boolean;
  readonly choose: () => void;
}

export function Choices({ label, choices }: { label: string; choices: readonly Choice[] }): ReactNode {
  return (
    <fieldset className="filter" aria-label={label}>
      {choices.map(({ id, label: word, count, isChosen, choose }) => (
        <button key={id} type="button" aria-pressed={isChosen} onClick={choose}>
          {word}
          {count !== undefined && <span className="num">{formatCount(count)}</span>}
        </button>
      ))}
    </fieldset>
  );
}

export interface SelectProps<Value extends string> {
  readonly label: string;
  readonly value: Value | undefined;
  readonly options: readonly (readonly [Value | '', string])[];
  readonly onChange: (value: Value | undefined) => void;
}

/** The option '' is what nothing chosen is called. */
export function Select<Value extends string>({ label, value, options, onChange }: SelectProps<Value>): ReactNode {
  return (
    <Field label={label}>
      <select
        value={value ?? ''}
        onChange={(event) => onChange((event.target.value || undefined) as Value | undefined)}
      >
        {options.map(([id, word]) => (
          <option key={id} value={id}>
            {word}
          </option>
        ))}
      </select>
    </Field>
  );
}

export interface DatesProps {
  readonly between: Between;
  readonly onChange: (between: { readonly from: number | undefined; readonly to: number | undefined }) => void;
}

/** Whole days in the time zone of this browser, the last one included. */
export function Dates({ between: { from, to }, onChange }: DatesProps): ReactNode {
  return (
    <>
      <Field label={`From (${timeZone})`}>
        <input
          type="date"
          value={from === undefined ? '' : dayOf(from)}
          onChange={({ target }) => onChange({ from: startOfDay(target.value), to })}
        />
      </Field>
      <Field label="Until and with">
        <input
          type="date"
          value={to === undefined ? '' : dayOf(to - 1)}
          onChange={({ target }) => onChange({ from, to: dayAfter(target.value) })}
        />
      </Field>
    </>
  );
}

export interface NarrowedProps {
  readonly label: string;
  readonly value: string;
  readonly onClear: () => void;
}

/** Something a list is narrowed to that was chosen elsewhere. */
export function Narrowed({ label, value, onClear }: NarrowedProps): ReactNode {
  return (
    <span className="narrowed">
      <span>
        {label} <strong>{value}</strong>
      </span>
      <button type="button" aria-label={`Not only ${value}`} onClick={onClear}>
        <Icon name="cross" size={13} />
      </button>
    </span>
  );
}
