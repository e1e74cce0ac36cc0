// What the gate held: released or dropped by hand. By buttons where all keys are here, else by commands; and who said what.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { countOf } from '@trine/protocol';
import { type ReactNode, useState } from 'react';
import { ask } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { DecisionDetail } from '../api/types.ts';
import { Field } from '../ui/field.tsx';
import { Notice } from '../ui/page.tsx';

const RULINGS = [
  { ruling: 'pay', label: 'Release it', command: 'release' },
  { ruling: 'drop', label: 'Drop it', command: 'drop' },
] as const;
type Ruling = (typeof RULINGS)[number]['ruling'];

export function ByHand({ decision }: { decision: DecisionDetail }): ReactNode {
  const { id, outcome, agreement, byHand, supersededBy } = decision;
  if (outcome !== 'hold' || agreement === undefined) return null;
  if (byHand)
    return (
      <Notice tone="info" title={byHand.ruling === 'pay' ? 'Released by hand' : 'Dropped by hand'}>
        By {byHand.by}: {byHand.reason}
      </Notice>
    );
  return supersededBy === undefined ? <Rule id={id} /> : null;
}

function Rule({ id }: { id: string }): ReactNode {
  const client = useQueryClient();
  const practice = useQuery(queries.overview()).data?.practice ?? false;
  const held = useQuery(queries.held()).data?.find((one) => one.id === id);
  const [reason, setReason] = useState('');
  const rule = useMutation({
    mutationFn: (ruling: Ruling) =>
      ask((api) =>
        api.POST('/api/v1/held/{id}/practice', { params: { path: { id } }, body: { ruling, reason: reason.trim() } }),
      ),
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: ['decision', id] });
      await client.invalidateQueries({ queryKey: ['held'] });
    },
  });
  if (held === undefined) return null;
  return (
    <Notice tone="info" title="By hand">
      <p>
        {countOf(held.quorum, 'decider')}, or all parties, can release it or drop it. Proofs of the payment say that it
        was by hand, and nothing that comes later changes it.
      </p>
      {held.words.map(({ ruling, account }) => (
        <p key={`${ruling} ${account}`} className="mono">
          {account} says {ruling}
        </p>
      ))}
      {practice ? (
        <>
          <div className="fields">
            <Field label="Why" help="It stands in the log for good" wide>
              <input value={reason} maxLength={200} onChange={(event) => setReason(event.target.value)} />
            </Field>
          </div>
          <div className="row">
            {RULINGS.map(({ ruling, label }) => (
              <button
                key={ruling}
                type="button"
                className="button"
                disabled={rule.isPending || reason.trim() === ''}
                onClick={() => rule.mutate(ruling)}
              >
                {label}
              </button>
            ))}
          </div>
        </>
      ) : (
        RULINGS.map(({ ruling, command }) => (
          <p key={ruling}>
            <code className="mono">{`trine held ${command} ${id.slice(0, 12)} --reason WORDS --key FILE`}</code>
          </p>
        ))
      )}
      {rule.error && <p role="alert">{rule.error.message}</p>}
    </Notice>
  );
}
