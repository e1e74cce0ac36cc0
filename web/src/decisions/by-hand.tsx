// What the gate held: a decision, or single lines of it, released or dropped by hand. By buttons where all keys are here, else
// by commands; and who said what.

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { gateWords } from '@trine/engine';
import { type ReactNode, useState } from 'react';
import { ask } from '../api/client.ts';
import { rowsOf } from '../api/pages.ts';
import { lists, queries } from '../api/queries.ts';
import type { DecisionDetail, HeldView } from '../api/types.ts';
import { formatMoney } from '../format/amount.ts';
import { byHandHelp } from '../format/words.ts';
import { Field } from '../ui/field.tsx';
import { Card, Notice } from '../ui/page.tsx';
import { More } from '../ui/pages.tsx';
import { useFocusBack } from '../ui/use-focus-back.ts';

const RULINGS = [
  { ruling: 'pay', label: 'Release', command: 'release' },
  { ruling: 'drop', label: 'Drop', command: 'drop' },
] as const;
type Ruling = (typeof RULINGS)[number]['ruling'];

export function ByHand({ decision }: { decision: DecisionDetail }): ReactNode {
  const { id, outcome, agreement, byHand, supersededBy, rowCount = 0 } = decision;
  const held = useQuery(queries.held()).data?.find((one) => one.id === id);
  const [region, back] = useFocusBack<HTMLElement>();
  if (agreement === undefined || (outcome !== 'hold' && rowCount === 0)) return null;
  if (byHand === undefined && (supersededBy !== undefined || held === undefined)) return null;
  return (
    <section ref={region} tabIndex={-1} aria-label="What is said by hand">
      {byHand ? (
        <Notice tone="info" title={byHand.ruling === 'pay' ? 'Released by hand' : 'Dropped by hand'}>
          By {byHand.by}: {byHand.reason}
        </Notice>
      ) : (
        held && <Rule held={held} onSaid={back} />
      )}
    </section>
  );
}

/** What is said of it, or of the line with a key. */
interface Word {
  readonly ruling: Ruling;
  readonly row?: string;
}

function Rule({ held, onSaid }: { held: HeldView; onSaid: () => void }): ReactNode {
  const { id } = held;
  const client = useQueryClient();
  const practice = useQuery(queries.overview()).data?.practice ?? false;
  const [reason, setReason] = useState('');
  const rule = useMutation({
    mutationFn: (said: Word) =>
      ask((api) =>
        api.POST('/api/v1/held/{id}/practice', { params: { path: { id } }, body: { ...said, reason: reason.trim() } }),
      ),
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: ['decision', id] });
      await client.invalidateQueries({ queryKey: ['held'] });
      await client.invalidateQueries({ queryKey: ['rows', id] });
      onSaid();
    },
  });
  const isOff = rule.isPending || reason.trim() === '';
  const say = practice ? { isOff, rule: (said: Word) => rule.mutate(said) } : undefined;
  return (
    <Card title="By hand">
      <div className="stack">
        <p>{byHandHelp(held)}</p>
        <Words words={held.words} />
        {say ? (
          <>
            <div className="fields">
              <Field label="Why" help="It stands in the log for good" wide>
                <input value={reason} maxLength={200} onChange={(event) => setReason(event.target.value)} />
              </Field>
            </div>
            <Buttons what={held.lines === undefined ? 'it' : 'all'} say={say} />
          </>
        ) : (
          RULINGS.map(({ ruling, command }) => (
            <p key={ruling}>
              <code className="mono break">{`npx trine held ${command} ${id.slice(0, 12)} --reason WORDS --key FILE`}</code>
            </p>
          ))
        )}
        {held.lines !== undefined && <Lines held={held} say={say} />}
        {rule.error && <p role="alert">{rule.error.message}</p>}
      </div>
    </Card>
  );
}

/** Where it can be said by a button. */
interface Say {
  readonly isOff: boolean;
  readonly rule: (said: Word) => void;
}

/** @param row key of the line that they are about */
function Buttons({ what, row, say }: { what: string; row?: string; say: Say }): ReactNode {
  return (
    <div className="row">
      {RULINGS.map(({ ruling, label }) => (
        <button
          key={ruling}
          type="button"
          className={row === undefined ? 'button' : 'button small'}
          aria-label={`${label} ${what}`}
          disabled={say.isOff}
          onClick={() => say.rule({ ruling, ...(row !== undefined && { row }) })}
        >
          {row === undefined ? `${label} ${what}` : label}
        </button>
      ))}
    </div>
  );
}

/** Who has signed what; too few yet. */
function Words({ words }: Pick<HeldView, 'words'>): ReactNode {
  return words.map(({ ruling, account }) => (
    <p key={`${ruling} ${account}`}>
      <span className="mono break">{account}</span> says {ruling === 'pay' ? 'release' : 'drop'}
    </p>
  ));
}

/** Lines that are held, each with what it would move, and with buttons of its own. */
function Lines({ held: { id, currency }, say }: { held: HeldView; say: Say | undefined }): ReactNode {
  const lines = useInfiniteQuery(lists.heldLines(id));
  const all = rowsOf(lines.data);
  if (all.length === 0) return null;
  return (
    <div className="table-wrap">
      <table>
        <thead>
          <tr>
            <th>Line</th>
            <th className="wide-only">Why it is held</th>
            <th className="end">Amount</th>
            <th>By hand</th>
          </tr>
        </thead>
        <tbody>
          {all.map(({ key, amount, gate, words }) => (
            <tr key={key}>
              <td>
                <span className="mono">{key}</span>
                <span className="phone-only">{gate.map(gateWords).join(' ')}</span>
              </td>
              <td className="wide-only reason">{gate.map(gateWords).join(' ')}</td>
              <td className="end">{formatMoney(amount, currency)}</td>
              <td>
                <Words words={words} />
                {say ? (
                  <Buttons what={`the line of ${key}`} row={key} say={say} />
                ) : (
                  <code className="mono">{`--line ${key}`}</code>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <More query={lines} of="line" />
    </div>
  );
}
