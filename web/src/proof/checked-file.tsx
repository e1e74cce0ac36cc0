// A file with its verification, and what one may do with it: save it, damage it, put it right again.
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { formatCount, formatCounted } from '../format/amount.ts';
import { Icon } from '../ui/icons.tsx';
import { Card, Notice } from '../ui/page.tsx';
import { saveFile } from '../ui/save.ts';
import { Empty, Skeleton } from '../ui/states.tsx';
import type { Networks } from './pinned.ts';
import { ReportView } from './report.tsx';
import { formatByte, type Tampered, tamper } from './tamper.ts';
import { verify } from './verifier.ts';

export interface CheckedFileProps {
  readonly file: Uint8Array<ArrayBuffer>;
  /** Name to save it under. */
  readonly name: string;
  readonly networks: Networks;
  /** A domain that the reader brought: then the file is checked again. */
  readonly domain?: string | undefined;
}

export function CheckedFile({ file, name, networks, domain }: CheckedFileProps): ReactNode {
  const [damage, setDamage] = useState<Tampered>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another file is whole again
  useEffect(() => setDamage(undefined), [file]);
  const shown = damage?.file ?? file;
  const network = networks.pinned?.json;
  const verified = useQuery({
    queryKey: ['verified', name, file.length, damage?.offset, damage?.after, network, domain],
    queryFn: () => verify(shown, network),
    enabled: networks.isReady,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  return (
    <>
      <div className="row">
        <button
          type="button"
          className="button primary"
          onClick={() => saveFile([file], name, 'application/octet-stream')}
        >
          <Icon name="save" /> Save proof file
        </button>
        <button type="button" className="button" onClick={() => setDamage(tamper(file))}>
          <Icon name="bolt" /> {damage ? 'Tamper again' : 'Tamper with it'}
        </button>
        {damage && (
          <button type="button" className="button" onClick={() => setDamage(undefined)}>
            <Icon name="undo" /> Put it right
          </button>
        )}
        <span className="dim num">{formatCounted(file.length, 'byte')}</span>
      </div>
      {damage && (
        <Notice tone="warn" icon="bolt" title={`One bit of byte ${formatCount(damage.offset)} was changed`}>
          From <code className="mono">{formatByte(damage.before)}</code> to{' '}
          <code className="mono">{formatByte(damage.after)}</code>, in a copy: the proof file itself is as it was.
        </Notice>
      )}
      {verified.data && <ReportView verified={verified.data} />}
      {!verified.data && (
        <Card flush>
          {verified.error ? (
            <Empty icon="warn" title="It could not be checked">
              {verified.error.message}
            </Empty>
          ) : (
            <Skeleton rows={6} />
          )}
        </Card>
      )}
    </>
  );
}
