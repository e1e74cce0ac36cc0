// One thing that a connector found: what it says, as it would be sealed, and what is done with it.
import { Link } from '@tanstack/react-router';
import { type ReactNode, useRef, useState } from 'react';
import type { FoundThing } from '../api/types.ts';
import { formatCounted } from '../format/amount.ts';
import { shorten, thingStateWords } from '../format/words.ts';
import { Ago } from '../ui/ago.tsx';
import { Badge, iconOfTone } from '../ui/badge.tsx';
import { Notice } from '../ui/page.tsx';
import { type Done, type OnDone, useAccept, useRelease } from './acts.ts';
import { ReadingValue } from './reading.tsx';
import { ThingForm } from './thing-form.tsx';

const SHOWN = 4;

export interface ThingProps {
  readonly thing: FoundThing;
  readonly onDone: OnDone;
}

export function ThingRow({ thing, onDone }: ThingProps): ReactNode {
  const { connector, id, name, state, mappings } = thing;
  const [isOpen, setOpen] = useState(false);
  const row = useRef<HTMLLIElement>(null);
  const onOwn = (done: Done) => {
    setOpen(false);
    // Its buttons are others now: the keyboard goes on in its row.
    onDone(done, () => row.current);
  };
  const accept = useAccept(onOwn);
  const release = useRelease(onOwn);
  const chosen = { connector, ids: [id], title: name };
  const isUnsure = thing.assumed.length > 0;
  const error = accept.error ?? release.error;
  return (
    <li ref={row} tabIndex={-1} aria-label={name}>
      <div className="thing">
        <ThingHead thing={thing} />
        <Says thing={thing} />
        <div className="row thing-acts">
          <button
            type="button"
            className="button small"
            aria-expanded={isOpen}
            aria-label={`${isOpen ? 'Close' : 'Look at'} ${name}`}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? 'Close' : 'Look'}
          </button>
          {state !== 'accepted' && mappings.length > 0 && !(isOpen && isUnsure) && (
            <button
              type="button"
              className="button small primary"
              disabled={accept.isPending}
              aria-label={`${state === 'found' ? 'Accept' : 'Accept anew'} ${name}`}
              onClick={() => (isUnsure ? setOpen(true) : accept.mutate(chosen))}
            >
              {state === 'found' ? (isUnsure ? 'Accept…' : 'Accept') : 'Accept anew'}
            </button>
          )}
          {state !== 'found' && (
            <button
              type="button"
              className="button small"
              disabled={release.isPending}
              aria-label={`Release ${name}`}
              onClick={() => release.mutate({ ...chosen, mappings })}
            >
              Release
            </button>
          )}
        </div>
      </div>
      {error && (
        <Notice tone="bad" title="That was not done">
          {error.message}
        </Notice>
      )}
      {isOpen && (
        <ThingForm
          thing={thing}
          isPending={accept.isPending}
          onAccept={(one) => accept.mutate({ ...chosen, ...one })}
        />
      )}
    </li>
  );
}

function ThingHead({ thing: { name, id, state, subjects, maker, model, kind } }: Pick<ThingProps, 'thing'>): ReactNode {
  const { label, help, tone } = thingStateWords(state);
  const make = [maker, model].filter((word) => word !== undefined && word !== '').join(' ');
  return (
    <div className="thing-head">
      <span className="row">
        <strong title={id}>{shorten(name, 40)}</strong>
        <Badge tone={tone} icon={iconOfTone(tone)} title={help}>
          {label}
        </Badge>
      </span>
      <small className="dim">
        {make !== '' && make !== kind && <span className="block">{make}</span>}
        {subjects.map((subject) => (
          <span key={subject} className="mono block" title={state === 'found' ? 'It would be called so' : undefined}>
            {state === 'found' ? (
              shorten(subject, 48)
            ) : (
              <Link to="/devices/$subject" params={{ subject }}>
                {shorten(subject, 48)}
              </Link>
            )}
          </span>
        ))}
      </small>
    </div>
  );
}

/** Its last readings, how old they are, and what is not sure about them. */
function Says({ thing }: Pick<ThingProps, 'thing'>): ReactNode {
  const { preview, heardMs, unknown, noValue, mappings, messages, state } = thing;
  // Whoever accepted it said them.
  const assumed = state === 'accepted' ? [] : thing.assumed;
  return (
    <div className="thing-says">
      <span className="row">
        {preview.slice(0, SHOWN).map((one) => (
          <span key={one.quantity} className="says" data-assumed={assumed.includes(one.quantity)}>
            <span className="dim">{one.quantity}</span> <ReadingValue reading={one} />
          </span>
        ))}
        {preview.length > SHOWN && <span className="dim">and {preview.length - SHOWN} more</span>}
        {preview.length === 0 && (
          <span className="dim">
            {mappings.length === 0 ? 'It says nothing that can be a reading' : 'It has said nothing yet'}
          </span>
        )}
      </span>
      <span className="row small dim">
        {heardMs !== undefined && (
          <span>
            <Ago ms={heardMs} />, {formatCounted(messages, 'message')}
          </span>
        )}
        {noValue > 0 && <span>{formatCounted(noValue, 'value')} said to be none</span>}
        {assumed.length > 0 && (
          <Badge tone="warn" icon="warn" title={`Nobody says the unit of: ${assumed.join(', ')}`}>
            {formatCounted(assumed.length, 'unit')} assumed
          </Badge>
        )}
        {unknown.length > 0 && (
          <Badge icon="info" title={`Read under their own names: ${unknown.join(', ')}`}>
            {formatCounted(unknown.length, 'name')} unknown
          </Badge>
        )}
      </span>
    </div>
  );
}
