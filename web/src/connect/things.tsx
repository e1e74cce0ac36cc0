// What was found, by connector and kind: accepted one by one or by kind, and undone likewise.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useRef, useState } from 'react';
import type { ConnectFilter } from '../api/filters.ts';
import { rowsOf } from '../api/pages.ts';
import { lists, queries } from '../api/queries.ts';
import type { ConnectorKind, FoundThing } from '../api/types.ts';
import { formatCounted } from '../format/amount.ts';
import { Choices, Select } from '../ui/choices.tsx';
import { Field } from '../ui/field.tsx';
import { Card, Notice } from '../ui/page.tsx';
import { More } from '../ui/pages.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { useChangeFilter } from '../ui/use-filter.ts';
import { type Done, type OnDone, useAccept, useRelease } from './acts.ts';
import { focusSoon } from './focus-soon.ts';
import { KindCard } from './kind.tsx';
import { SimulatedHouse } from './simulated.tsx';
import { useTitles } from './use-titles.ts';

export function ThingsView({ filter }: { filter: ConnectFilter }): ReactNode {
  const things = useInfiniteQuery(lists.things(filter));
  const [done, setDone] = useState<Done>();
  const region = useRef<HTMLElement>(null);
  const onDone: OnDone = (one, row) => {
    setDone(one);
    focusSoon([() => row?.(), () => region.current]);
  };
  const counts = things.data?.pages[0]?.counts;
  return (
    <>
      <ThingFilters filter={filter} counts={counts} />
      <SimulatedHouse />
      <section className="connect-done" ref={region} tabIndex={-1} aria-label="What was done">
        {done && <DoneNotice done={done} onDone={onDone} />}
      </section>
      <Loaded query={things} rows={6}>
        {(pages) => {
          const rows = rowsOf(pages);
          if (rows.length === 0) return <Nothing filter={filter} />;
          return groupsOf(rows, pages.pages[0]?.counts.kinds ?? []).map(({ kind, items }) => (
            <KindCard key={`${kind.connector} ${kind.kind}`} kind={kind} things={items} onDone={onDone} />
          ));
        }}
      </Loaded>
      <More query={things} of="thing" />
    </>
  );
}

interface Counts {
  readonly found: number;
  readonly accepted: number;
  readonly changed: number;
}

function ThingFilters({ filter, counts }: { filter: ConnectFilter; counts: Counts | undefined }): ReactNode {
  const titles = useTitles();
  const change = useChangeFilter<ConnectFilter>(filter);
  const choice = (state: ConnectFilter['state'], label: string, count: number | undefined) => ({
    ...{ id: state ?? 'all', label, count, isChosen: filter.state === state },
    choose: () => change({ state }),
  });
  const all = counts && counts.found + counts.accepted + counts.changed;
  return (
    <>
      <Choices
        label="State"
        choices={[
          choice(undefined, 'All', all),
          choice('found', 'Found', counts?.found),
          choice('accepted', 'Accepted', counts?.accepted),
          ...(counts?.changed || filter.state === 'changed'
            ? [choice('changed', 'Says more now', counts?.changed)]
            : []),
        ]}
      />
      <div className="fields list-filters">
        <Field label="Find a thing" wide>
          <input
            type="search"
            placeholder="Name, id, maker, model or subject"
            value={filter.search ?? ''}
            onChange={({ target }) => change({ search: target.value || undefined }, true)}
          />
        </Field>
        <Select
          label="Connector"
          value={filter.connector}
          options={[['', 'Any'], ...titles]}
          onChange={(connector) => change({ connector })}
        />
      </div>
    </>
  );
}

/** Things as they come, in order of their kinds, each under its kind. */
function groupsOf(
  things: readonly FoundThing[],
  kinds: readonly ConnectorKind[],
): { readonly kind: ConnectorKind; readonly items: FoundThing[] }[] {
  const groups = new Map<string, { readonly kind: ConnectorKind; readonly items: FoundThing[] }>();
  for (const thing of things) {
    const { connector, kind } = thing;
    const key = `${connector}\n${kind}`;
    const known = groups.get(key) ?? {
      kind: kinds.find((one) => one.connector === connector && one.kind === kind) ?? {
        ...{ connector, kind, found: 0, accepted: 0, changed: 0, assumed: [], isAccepted: false },
      },
      items: [],
    };
    known.items.push(thing);
    groups.set(key, known);
  }
  return [...groups.values()];
}

function DoneNotice({ done, onDone }: { done: Done; onDone: OnDone }): ReactNode {
  const release = useRelease(onDone);
  const accept = useAccept(onDone);
  const { what, things, title, kind } = done;
  const undo = what === 'accepted' ? release : accept;
  const error = release.error ?? accept.error;
  return (
    <Notice
      tone={error ? 'bad' : 'info'}
      icon={error ? 'warn' : 'check'}
      title={
        what === 'accepted'
          ? `${formatCounted(things, 'thing')} accepted: ${title}`
          : `${formatCounted(things, 'thing')} released: ${title}`
      }
      actions={
        <>
          {what === 'accepted' && (
            <Link className="button small" to="/devices">
              See devices
            </Link>
          )}
          <button type="button" className="button small" disabled={undo.isPending} onClick={() => undo.mutate(done)}>
            {/* Of a kind nobody remembers how each was read. */}
            {what === 'released' && kind !== undefined ? 'Accept again as found' : 'Undo'}
          </button>
        </>
      }
    >
      {error?.message ??
        (what === 'accepted'
          ? `What they say is sealed from now on${kind === undefined ? '' : ', and what comes of that kind too'}.`
          : 'Nothing more is sealed of them. What is sealed stays.')}
    </Notice>
  );
}

function Nothing({ filter: { search, state, connector } }: { filter: ConnectFilter }): ReactNode {
  const isNarrow = (search ?? state ?? connector) !== undefined;
  const mqtt = useQuery(queries.overview()).data?.mqtt;
  return (
    <Card flush>
      <Empty icon="plug" title={isNarrow ? 'None of that kind' : 'Nothing has spoken yet'}>
        {isNarrow ? (
          <>
            Another choice may show some, or <Link to="/connect">all</Link>.
          </>
        ) : (
          <>
            Point what you have at this broker, <code className="mono">{mqtt}</code>: Zigbee2MQTT, Tasmota, Shelly,
            ChirpStack and others show up by themselves. What pushes by HTTP has an address under{' '}
            <Link to="/connect" search={{ view: 'connectors' }}>
              Connectors
            </Link>
            .
          </>
        )}
      </Empty>
    </Card>
  );
}
