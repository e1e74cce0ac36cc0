// Things of one kind, and what is done with all of them at once.
import { type ReactNode, useState } from 'react';
import type { ConnectorKind, FoundThing } from '../api/types.ts';
import { formatCount } from '../format/amount.ts';
import { assumedWords } from '../format/words.ts';
import { Badge } from '../ui/badge.tsx';
import { Card, Notice } from '../ui/page.tsx';
import { type Chosen, type OnDone, useAccept, useRelease } from './acts.ts';
import { mappingsOf, unitOf } from './mapping.ts';
import { ThingRow } from './thing.tsx';
import { useTitles } from './use-titles.ts';

export interface KindCardProps {
  readonly kind: ConnectorKind;
  readonly things: readonly FoundThing[];
  readonly onDone: OnDone;
}

export function KindCard({ kind, things, onDone }: KindCardProps): ReactNode {
  const connector = useTitles().get(kind.connector) ?? kind.connector;
  const title = kind.kind === '' ? connector : kind.kind;
  const accept = useAccept(onDone);
  const release = useRelease(onDone);
  const [asked, setAsked] = useState(false);
  const { connector: name, kind: of } = kind;
  const found = things.filter(({ state }) => state === 'found');
  // What has no kind is not alike: then it is these, and none of those that come.
  const all: Chosen =
    of === ''
      ? { connector: name, ids: found.map(({ id }) => id), title: `what is listed of ${connector}` }
      : { connector: name, kind: of, title };
  const count = of === '' ? found.length : kind.found;
  const assumed = of === '' ? [...new Set(found.flatMap((thing) => thing.assumed))] : kind.assumed;
  const isPending = accept.isPending || release.isPending;
  return (
    <Card
      className="kind"
      title={title}
      aside={
        <div className="row">
          {of !== '' && <span className="dim small">{connector}</span>}
          {kind.isAccepted && (
            <Badge tone="ok" icon="check" title="Those that come are accepted too">
              As they come
            </Badge>
          )}
          {count > 0 && !asked && (
            <button
              type="button"
              className="button small primary"
              disabled={isPending}
              aria-label={`Accept all ${formatCount(count)} of ${title}`}
              onClick={() => (assumed.length > 0 ? setAsked(true) : accept.mutate(all))}
            >
              Accept all {formatCount(count)}
            </button>
          )}
          {(kind.isAccepted || (of !== '' && kind.accepted + kind.changed > 1)) && (
            <button
              type="button"
              className="button small"
              disabled={isPending}
              aria-label={`Release all ${formatCount(kind.accepted + kind.changed)} of ${title}`}
              onClick={() => release.mutate({ connector: name, kind: of, title })}
            >
              Release all {formatCount(kind.accepted + kind.changed)}
            </button>
          )}
        </div>
      }
      flush
    >
      {asked && (
        <div className="card-body">
          <Notice
            tone="warn"
            title={assumedWords(assumed.map((quantity) => withUnit(quantity, found)))}
            actions={
              <>
                <button
                  type="button"
                  className="button small primary"
                  disabled={isPending}
                  onClick={() => {
                    setAsked(false);
                    accept.mutate({ ...all, isSure: true });
                  }}
                >
                  As shown: accept {formatCount(count)}
                </button>
                <button type="button" className="button small" onClick={() => setAsked(false)}>
                  Not now
                </button>
              </>
            }
          >
            If one is in another unit, open it below and change it there.
          </Notice>
        </div>
      )}
      {(accept.error ?? release.error) && (
        <div className="card-body">
          <Notice tone="bad" title="That was not done">
            {(accept.error ?? release.error)?.message}
          </Notice>
        </div>
      )}
      <ul className="things">
        {things.map((thing) => (
          <ThingRow key={thing.id} thing={thing} onDone={onDone} />
        ))}
      </ul>
    </Card>
  );
}

function withUnit(quantity: string, things: readonly FoundThing[]): string {
  const of = things.find(({ assumed }) => assumed.includes(quantity));
  const unit = of && unitOf(mappingsOf(of.mappings), quantity);
  return unit ? `${quantity} (shown as ${unit})` : quantity;
}
