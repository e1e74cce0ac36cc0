// The address that a system pushes to by HTTP: whoever has it may speak for this connector, and for nothing else.
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { ask } from '../api/client.ts';
import type { ConnectorView } from '../api/types.ts';
import { Icon } from '../ui/icons.tsx';
import { Notice } from '../ui/page.tsx';

export function PushAddress({ connector }: { connector: ConnectorView }): ReactNode {
  const { name, title, example } = connector;
  const [isAsked, setAsked] = useState(false);
  const [path, setPath] = useState<string>();
  const address = useMutation({
    mutationFn: (isNew: boolean) =>
      ask((api) => api.POST('/api/v1/connectors/{name}/address', { params: { path: { name } }, body: { isNew } })),
    onSuccess: (made) => {
      setPath(made.path);
      setAsked(false);
    },
  });
  if (path === undefined)
    return (
      <div className="row">
        <button
          type="button"
          className="button small"
          disabled={address.isPending}
          aria-label={`Address to push to: ${title}`}
          onClick={() => address.mutate(false)}
        >
          <Icon name="key" size={14} /> Address to push to
        </button>
        {address.error && <span role="alert">{address.error.message}</span>}
      </div>
    );
  const url = `${window.location.origin}${path}`;
  return (
    <div className="push">
      <Copied label={`Address of ${title} to push to`} text={url} />
      {example && <Copied label={`Try ${title} from a command line`} text={curlOf(url, example)} />}
      {isAsked ? (
        <Notice
          tone="warn"
          title="Make another address?"
          actions={
            <>
              <button
                type="button"
                className="button small primary"
                disabled={address.isPending}
                onClick={() => address.mutate(true)}
              >
                Make another
              </button>
              <button type="button" className="button small" onClick={() => setAsked(false)}>
                Keep it
              </button>
            </>
          }
        >
          What pushes to the one before is refused from then on.
        </Notice>
      ) : (
        <div>
          <button
            type="button"
            className="button small"
            aria-label={`New secret for ${title}`}
            onClick={() => setAsked(true)}
          >
            New secret
          </button>
        </div>
      )}
      {address.error && <p role="alert">{address.error.message}</p>}
    </div>
  );
}

/** A command that pushes the example, as a POSIX shell takes it. */
function curlOf(url: string, { path, body }: NonNullable<ConnectorView['example']>): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  return `curl -X POST ${quoted(url + path)} -H 'content-type: application/json' -d ${quoted(body)}`;
}

function Copied({ label, text }: { label: string; text: string }): ReactNode {
  const [said, setSaid] = useState('');
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setSaid('Copied'),
      () => setSaid('Select it and copy by hand'),
    );
  return (
    <div className="copied">
      <small className="dim">{label}</small>
      <code className="mono break">{text}</code>
      <div className="row">
        <button type="button" className="button small" aria-label={`Copy: ${label}`} onClick={() => void copy()}>
          Copy
        </button>
        <span className="dim small" role="status">
          {said}
        </span>
      </div>
    </div>
  );
}
