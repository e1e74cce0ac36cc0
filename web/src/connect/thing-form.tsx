// How a thing is read, to be looked at and changed before it is accepted, or after.
import { type FormEvent, type ReactNode, useEffect, useState } from 'react';
import type { FoundThing } from '../api/types.ts';
import { assumedWords, shorten } from '../format/words.ts';
import { Badge } from '../ui/badge.tsx';
import { Field } from '../ui/field.tsx';
import { Facts, Notice } from '../ui/page.tsx';
import { useFocusBack } from '../ui/use-focus-back.ts';
import type { Chosen } from './acts.ts';
import { type MappingView, mappingsOf, type Place, placesOf, unitOf, withSubject, withValue } from './mapping.ts';
import { ReadingValue } from './reading.tsx';

export interface ThingFormProps {
  readonly thing: FoundThing;
  readonly isPending: boolean;
  readonly onAccept: (how: Pick<Chosen, 'isSure' | 'mappings'>) => void;
}

export function ThingForm({ thing, isPending, onAccept }: ThingFormProps): ReactNode {
  const { state, offered, assumed, id, mappingHashes } = thing;
  const given = mappingsOf(offered.length > 0 ? offered : thing.mappings);
  const [edited, setEdited] = useState<readonly MappingView[]>();
  const mappings = edited ?? given;
  const isEdited = edited !== undefined && JSON.stringify(edited) !== JSON.stringify(given);
  const subjects = [...new Set(mappings.map(({ subject }) => subject))];
  const [form, back] = useFocusBack<HTMLFormElement>();
  // Where the button that opened it made way for it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it opens
  useEffect(back, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onAccept(isEdited ? { mappings } : { isSure: true });
  };
  return (
    <form ref={form} tabIndex={-1} aria-label={`How ${thing.name} is read`} className="thing-form" onSubmit={submit}>
      {assumed.length > 0 && state !== 'accepted' && (
        <Notice
          tone="warn"
          title={assumedWords(assumed.map((one) => `${one} (shown as ${unitOf(mappings, one) || 'no unit'})`))}
        >
          Say that it is as shown, or change it here: nobody’s guess is sealed.
        </Notice>
      )}
      <div className="fields">
        {subjects.map((subject, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the subject is what is being typed
          <Field key={i} label="Called, in what is sealed" wide>
            <input
              required
              maxLength={128}
              value={subject}
              onChange={({ target }) => setEdited(withSubject(mappings, subject, target.value))}
            />
          </Field>
        ))}
      </div>
      <ValueRows
        thing={thing}
        places={placesOf(mappings)}
        onChange={(place, change) => setEdited(withValue(mappings, place, change))}
      />
      <div className="row">
        {(state !== 'accepted' || isEdited) && mappings.length > 0 && (
          <button type="submit" className="button primary small" disabled={isPending}>
            {isEdited ? 'Accept as changed' : assumed.length > 0 ? 'It is as shown: accept' : 'Accept'}
          </button>
        )}
        {isEdited && (
          <button type="button" className="button small" onClick={() => setEdited(undefined)}>
            As it was
          </button>
        )}
      </div>
      <details>
        <summary>Details</summary>
        <Facts
          rows={[
            ['Id', <Mono key="id" text={id} />],
            ['Topics', <Mono key="topics" text={[...new Set(mappings.map(({ topic }) => topic))].join(', ')} />],
            ['Time', mappings.map(({ time }) => time ?? 'of arrival').join(', ')],
            ['Mapping, by its hash', <Mono key="hashes" text={mappingHashes.join(', ')} />],
          ]}
        />
      </details>
    </form>
  );
}

function Mono({ text }: { text: string }): ReactNode {
  return <span className="mono break">{text}</span>;
}

interface ValueRowsProps {
  readonly thing: FoundThing;
  readonly places: readonly Place[];
  readonly onChange: (place: Place, change: Partial<Record<'quantity' | 'unit' | 'scale', string>>) => void;
}

function ValueRows({ thing: { preview, state, unknown, ...thing }, places, onChange }: ValueRowsProps): ReactNode {
  if (places.length === 0) return <p className="dim">It says nothing that can be a reading.</p>;
  const assumed = state === 'accepted' ? [] : thing.assumed;
  const read = new Map(preview.map((one) => [one.quantity, one]));
  return (
    <div className="table-wrap">
      <table className="value-rows" aria-label="How it is read">
        <thead>
          <tr>
            <th>Member</th>
            <th>Quantity</th>
            <th>Unit</th>
            <th className="wide-only">Times</th>
            <th className="end">Last</th>
          </tr>
        </thead>
        <tbody>
          {places.map((place) => {
            const { value, mapping, field } = place;
            const { path = 'the message', quantity = '', unit = '', scale = '' } = value;
            const last = read.get(quantity);
            return (
              <tr key={`${mapping} ${field}`}>
                <td className="mono break">{shorten(path, 40)}</td>
                <td>
                  <input
                    aria-label={`Quantity of ${path}`}
                    required
                    value={quantity}
                    onChange={({ target }) => onChange(place, { quantity: target.value })}
                  />
                  {unknown.includes(quantity) && <Badge title="Nobody knows a quantity of that name">own name</Badge>}
                </td>
                <td>
                  <input
                    aria-label={`Unit of ${path}`}
                    className="unit"
                    value={unit}
                    onChange={({ target }) => onChange(place, { unit: target.value })}
                  />
                  {assumed.includes(quantity) && (
                    <Badge tone="warn" icon="warn" title="Nobody says it">
                      assumed
                    </Badge>
                  )}
                </td>
                <td className="wide-only">
                  <input
                    aria-label={`What ${path} is multiplied by`}
                    className="unit"
                    placeholder="1"
                    value={String(scale)}
                    onChange={({ target }) => onChange(place, { scale: target.value })}
                  />
                </td>
                <td className="end">{last ? <ReadingValue reading={last} /> : <span className="dim">–</span>}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
