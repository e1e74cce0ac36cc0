// What a topic means, said by hand: tried on its last message while it is being said.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { ask } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { Field } from '../ui/field.tsx';
import { Card, Notice } from '../ui/page.tsx';
import { askAgain } from './acts.ts';
import { type Draft, type DraftRow, draftOf, emptyRow, mappingFrom } from './map-form.ts';
import { TriedResult } from './tried.tsx';

const TYPING_MS = 300;

export interface MapFormProps {
  readonly topic: string;
  /** The beginning of its last message. */
  readonly payload: string;
  readonly onClose: () => void;
}

export function MapForm({ topic, payload: last, onClose }: MapFormProps): ReactNode {
  const client = useQueryClient();
  const [payload, setPayload] = useState(last);
  const [draft, setDraft] = useState<Draft>(() => draftOf(topic, last));
  const mapping = mappingFrom(topic, draft);
  const head = useRef<HTMLElement>(null);
  useEffect(() => {
    head.current?.scrollIntoView({ block: 'start' });
    head.current?.focus({ preventScroll: true });
  }, []);
  const add = useMutation({
    mutationFn: () =>
      ask((api) =>
        api.POST('/api/v1/connectors/{name}/add', {
          params: { path: { name: 'topics' } },
          body: { id: topic, mappings: [mapping] },
        }),
      ),
    onSuccess: async () => {
      await askAgain(client);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Card title={`What ${topic} means`} className="map-topic">
      <section ref={head} tabIndex={-1} aria-label={`Mapping of ${topic}`}>
        <form className="thing-form" onSubmit={submit}>
          <MeaningFields draft={draft} onChange={setDraft} />
          <label className="payload">
            <span className="dim small">Tried on this message (its first 400 bytes; paste another if you like)</span>
            <textarea
              className="mono"
              rows={4}
              maxLength={60_000}
              spellCheck={false}
              value={payload}
              onChange={({ target }) => setPayload(target.value)}
            />
          </label>
          <TryIt topic={topic} payload={payload} mapping={mapping} />
          <div className="row">
            <button type="submit" className="button primary" disabled={add.isPending}>
              Accept it so
            </button>
            <button type="button" className="button" onClick={onClose}>
              Close
            </button>
          </div>
          {add.error && (
            <Notice tone="bad" title="It cannot be read like this">
              {add.error.message}
            </Notice>
          )}
        </form>
      </section>
    </Card>
  );
}

interface MeaningProps {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
}

function MeaningFields({ draft, onChange }: MeaningProps): ReactNode {
  const { subject, form, value, rows, time } = draft;
  const setRow = (at: number, row: DraftRow) => onChange({ ...draft, rows: rows.with(at, row) });
  return (
    <>
      <div className="fields">
        <Field label="Called, in what is sealed" wide>
          <input
            required
            maxLength={128}
            value={subject}
            onChange={({ target }) => onChange({ ...draft, subject: target.value })}
          />
        </Field>
        <Field label="A message is">
          <select value={form} onChange={({ target }) => onChange({ ...draft, form: target.value as Draft['form'] })}>
            <option value="value">one value</option>
            <option value="json">JSON with members</option>
          </select>
        </Field>
        {form === 'json' && (
          <Field label="Member with the time" help="Empty: when it arrives">
            <input value={time} onChange={({ target }) => onChange({ ...draft, time: target.value })} />
          </Field>
        )}
      </div>
      {form === 'value' ? (
        <RowFields row={value} at={0} onChange={(row) => onChange({ ...draft, value: row })} />
      ) : (
        <>
          {rows.map((row, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the path is what is being typed
            <RowFields key={i} row={row} at={i + 1} onChange={(next) => setRow(i, next)}>
              <button
                type="button"
                className="button"
                aria-label={`Leave out member ${i + 1}`}
                disabled={rows.length === 1}
                onClick={() => onChange({ ...draft, rows: rows.toSpliced(i, 1) })}
              >
                Leave out
              </button>
            </RowFields>
          ))}
          <div>
            <button
              type="button"
              className="button small"
              onClick={() => onChange({ ...draft, rows: [...rows, emptyRow()] })}
            >
              Another member
            </button>
          </div>
        </>
      )}
    </>
  );
}

interface RowProps {
  readonly row: DraftRow;
  /** Of the members; 0: the message is one value. */
  readonly at: number;
  readonly onChange: (row: DraftRow) => void;
  readonly children?: ReactNode;
}

function RowFields({ row, at, onChange, children }: RowProps): ReactNode {
  const input = (name: keyof DraftRow, label: string, placeholder = '') => (
    <Field label={label}>
      <input
        value={row[name]}
        placeholder={placeholder}
        onChange={({ target }) => onChange({ ...row, [name]: target.value })}
      />
    </Field>
  );
  return (
    <div className="fields map-row">
      {at > 0 && input('path', `Member ${at}`, 'a.b')}
      {input('quantity', 'Quantity')}
      {input('unit', 'Unit', 'none')}
      {input('scale', 'Times', '1')}
      {children}
    </div>
  );
}

/** What is entered, once it has not changed for a moment. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  const text = JSON.stringify(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(JSON.parse(text) as T), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

function TryIt(given: { topic: string; payload: string; mapping: Record<string, unknown> }): ReactNode {
  const tried = useQuery({ ...queries.tried(useSettled(given)), enabled: given.payload !== '' });
  if (given.payload === '') return null;
  return <TriedResult tried={tried.data} error={tried.error?.message} />;
}
