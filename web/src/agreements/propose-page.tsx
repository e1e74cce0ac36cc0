// Making an agreement: what the domain asks for, who the parties are, how much it may cost. Nobody is bound by it before all
// have signed.

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ask } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { DomainView } from '../api/types.ts';
import { fieldsOf } from '../domains/form.ts';
import { firstTexts, LearntWords, useLearnt } from '../domains/learnt.tsx';
import { TermsFields } from '../domains/terms-fields.tsx';
import { readable } from '../domains/words.ts';
import { timeZone } from '../format/time.ts';
import { classWords } from '../format/words.ts';
import { Field } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { Card, Notice, Page } from '../ui/page.tsx';
import { Loaded } from '../ui/states.tsx';
import {
  bodyOf,
  CLASSES,
  isAddress,
  startTexts,
  type Texts,
  wrongAccount,
  wrongField,
  wrongTerm,
} from './propose-form.ts';

const LATE = 'So long after its end it is decided again when late or corrected readings come; empty: never';
const OWNERS =
  'Of so many there must be readings behind a payment. What rests on silence has none and is held, unless this is 0';
const BOND = 'Of whoever says that its own row is wrong, until the arbiter has ruled; empty: nothing';

export function ProposePage(): ReactNode {
  const domains = useQuery(queries.domains());
  const network = useQuery({
    queryKey: ['network'],
    queryFn: () => ask((api) => api.GET('/network.json')),
  });
  const [wanted, setWanted] = useState<string>();
  return (
    <Page
      title="New agreement"
      about="It moves money between its parties by what things measure. Nobody is bound before all have signed."
      back={{ to: '/agreements', label: 'Agreements' }}
    >
      <Loaded query={domains}>
        {(all) => {
          const domain = all.find(({ name }) => name === wanted) ?? all[0];
          const currency = network.data?.chain.tokens[0]?.currency;
          return (
            <Card title="What is agreed">
              <div className="fields">
                <Field label="What for" wide>
                  <select value={domain?.name} onChange={(event) => setWanted(event.target.value)}>
                    {all.map(({ name, title }) => (
                      <option key={name} value={name}>
                        {title}
                      </option>
                    ))}
                  </select>
                </Field>
              </div>
              {domain && currency && (
                <ProposeForm
                  key={domain.name}
                  domain={domain as DomainView}
                  currency={currency}
                  practice={network.data?.chain.kind === 'practice'}
                  members={network.data?.members ?? []}
                />
              )}
            </Card>
          );
        }}
      </Loaded>
    </Page>
  );
}

interface FormProps {
  readonly domain: DomainView;
  readonly currency: string;
  readonly practice: boolean;
  readonly members: readonly { readonly name: string; readonly key: string }[];
}

function ProposeForm({ domain, currency, practice, members }: FormProps): ReactNode {
  const client = useQueryClient();
  const go = useNavigate();
  const fields = fieldsOf(domain.terms, currency);
  const [texts, setTexts] = useState<Texts>(() => startTexts(practice));
  const [entered, setEntered] = useState<Texts>(() => firstTexts(fields, '', currency));
  const [parties, setParties] = useState<Texts>({});
  const learnt = useLearnt(domain.terms, fields, entered, (texts.subject ?? '').trim(), currency);
  const terms = learnt.texts;
  const wrong =
    wrongTerm(fields, terms, domain, texts.subject ?? '', currency) ??
    wrongAccount(domain.roles, parties) ??
    wrongField(texts, currency, practice);
  const propose = useMutation({
    mutationFn: () => {
      const body = bodyOf({ domain, fields, terms, texts, parties, currency });
      return ask((api) => api.POST('/api/v1/proposals', { body }));
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['proposals'] });
      await go({ to: '/agreements' });
    },
  });
  const set = (name: string, text: string) => setTexts({ ...texts, [name]: text });
  return (
    <form
      className="watch-form"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        propose.mutate();
      }}
    >
      <p className="dim">{domain.about}</p>
      <About texts={texts} onChange={set} />
      <fieldset>
        <legend>Terms</legend>
        <div className="fields">
          <TermsFields
            fields={fields.filter(({ field }) => field.kind !== 'subject')}
            texts={terms}
            currency={currency}
            onChange={(name, text) => setEntered({ ...entered, [name]: text })}
          />
        </div>
        <LearntWords words={learnt.words} />
      </fieldset>
      <Parties
        roles={domain.roles}
        texts={parties}
        onChange={(name, text) => setParties({ ...parties, [name]: text })}
      />
      <Lines members={members} currency={currency} texts={texts} onChange={set} />
      <Limits texts={texts} currency={currency} practice={practice} onChange={set} />
      <div className="row">
        <button
          type="submit"
          className="button primary"
          disabled={propose.isPending || learnt.isAsking || wrong !== undefined}
        >
          <Icon name="agreement" size={15} /> Propose
        </button>
        <span className="dim small">Next: hand each party its link.</span>
      </div>
      {wrong && (
        <p className="dim small" role="status">
          {wrong}
        </p>
      )}
      {propose.error && (
        <Notice tone="bad" title="It cannot be agreed like this">
          {propose.error.message}
        </Notice>
      )}
    </form>
  );
}

interface PartProps {
  readonly texts: Texts;
  readonly onChange: (name: string, text: string) => void;
}

function About({ texts, onChange }: PartProps): ReactNode {
  const devices = useQuery(queries.names());
  return (
    <fieldset>
      <legend>About</legend>
      <div className="fields">
        <Field label="Device" help="The thing whose readings decide" wide>
          <input
            list="known-devices"
            required
            maxLength={128}
            value={texts.subject}
            onChange={(event) => onChange('subject', event.target.value)}
          />
        </Field>
        <datalist id="known-devices">
          {[...(devices.data ?? [])].map(([subject, name]) => (
            <option key={subject} value={subject}>
              {name}
            </option>
          ))}
        </datalist>
        <Field label="Title" wide>
          <input
            required
            maxLength={200}
            value={texts.title}
            onChange={(event) => onChange('title', event.target.value)}
          />
        </Field>
        <Field label={`First day (${timeZone})`}>
          <input type="date" required value={texts.from} onChange={(event) => onChange('from', event.target.value)} />
        </Field>
        <Field label={`Last day (${timeZone})`}>
          <input type="date" required value={texts.until} onChange={(event) => onChange('until', event.target.value)} />
        </Field>
      </div>
    </fieldset>
  );
}

function Parties({ roles, texts, onChange }: PartProps & { roles: readonly string[] }): ReactNode {
  return (
    <fieldset>
      <legend>Parties</legend>
      <p className="dim small">
        Who has an account gives its address. Who has none makes a key from its link; it stays in the browser it is made
        in.
      </p>
      <div className="fields">
        {roles.map((role) => (
          <PartyFields key={role} role={role} texts={texts} onChange={onChange} />
        ))}
      </div>
    </fieldset>
  );
}

function PartyFields({ role, texts, onChange }: PartProps & { role: string }): ReactNode {
  const title = readable(role);
  const address = texts[`${role}-address`] ?? '';
  return (
    <>
      <Field label={title} wide>
        <input
          maxLength={100}
          required={role === 'payer' || role === 'recipient'}
          value={texts[role] ?? ''}
          onChange={(event) => onChange(role, event.target.value)}
        />
      </Field>
      <Field label={`${title}: account, if it has one`} wide>
        <input
          className="mono"
          maxLength={42}
          placeholder="0x…"
          aria-invalid={address !== '' && !isAddress(address)}
          value={address}
          onChange={(event) => onChange(`${role}-address`, event.target.value.trim())}
        />
      </Field>
    </>
  );
}

/** Whose accounts pay, where they are many. */
function Lines({ members, currency, texts, onChange }: PartProps & Pick<FormProps, 'members' | 'currency'>): ReactNode {
  return (
    <fieldset>
      <legend>Accounts of lines</legend>
      <div className="fields">
        <Field label="They join through" help="Who hands each its code; lines are then paid in batches" wide>
          <select value={texts.joining} onChange={(event) => onChange('joining', event.target.value)}>
            <option value="">nobody: the parties alone pay and are paid</option>
            {members.map(({ name, key }) => (
              <option key={key} value={key}>
                {name}
              </option>
            ))}
          </select>
        </Field>
        {texts.joining && (
          <Field label={`Contesting a row takes, ${currency}`} help={BOND}>
            <input
              maxLength={42}
              value={texts.contestBond}
              onChange={(event) => onChange('contestBond', event.target.value)}
            />
          </Field>
        )}
      </div>
    </fieldset>
  );
}

function Limits({
  texts,
  currency,
  practice,
  onChange,
}: PartProps & Pick<FormProps, 'currency' | 'practice'>): ReactNode {
  const text = (name: string, label: string, help?: string, placeholder?: string) => (
    <Field label={label} help={help}>
      <input
        required={name !== 'correctable'}
        maxLength={42}
        placeholder={placeholder}
        value={texts[name]}
        onChange={(event) => onChange(name, event.target.value)}
      />
    </Field>
  );
  return (
    <fieldset>
      <legend>Money and trust</legend>
      <div className="fields">
        {text('most', `Most for one obligation, ${currency}`, 'What falls due at once: one window, one bill')}
        {text('total', `Most in all, ${currency}`, 'What the payer locks')}
        {text('disputeWindow', 'Time to object', 'Before a payment is made; 0 s for none')}
        {text('holdMax', 'An objection holds at most', 'Unless the arbiter rules before')}
        <Field label="If nobody rules">
          <select value={texts.afterHold} onChange={(event) => onChange('afterHold', event.target.value)}>
            <option value="drop">It is dropped</option>
            <option value="pay">It is paid</option>
          </select>
        </Field>
        {text('correctable', 'Late readings count for', LATE)}
        <Field label="Readings need" help="The least that a device must be to move money">
          <select value={texts.classMin} onChange={(event) => onChange('classMin', event.target.value)}>
            {CLASSES.map((name) => (
              <option key={name} value={name}>
                {classWords(name).label}
              </option>
            ))}
          </select>
        </Field>
        {text('ownersMin', 'Owners besides who gains', OWNERS)}
        <Field label="Arbiter’s account" help="Who rules where a party objects" wide>
          <input
            className="mono"
            maxLength={42}
            required={!practice}
            placeholder={practice ? 'that of the practice network' : '0x…'}
            value={texts.arbiter}
            onChange={(event) => onChange('arbiter', event.target.value.trim())}
          />
        </Field>
      </div>
    </fieldset>
  );
}
