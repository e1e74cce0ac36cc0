// Whom the reader trusts: what is pinned, what could be, and a loud word when the two differ.
import type { ReactNode } from 'react';
import { Notice } from '../ui/page.tsx';
import { type KnownNetwork, type Networks, pin } from './pinned.ts';

export function Trust({ networks: { pinned, served, isReady } }: { networks: Networks }): ReactNode {
  if (!isReady) return null;
  if (pinned && served && pinned.facts.fingerprint !== served.facts.fingerprint)
    return (
      <Notice
        tone="bad"
        title="This node shows another network than the one you pinned"
        actions={<Replace served={served} label="Pin the new one instead" />}
      >
        You pinned {named(pinned)}; the node says it is {named(served)}. Proofs are checked against the one you pinned.
        If you did not expect a change, do not trust this node.
      </Notice>
    );
  if (pinned)
    return (
      <Notice
        tone="info"
        icon="pin"
        title={`Checked against the network you pinned: ${pinned.facts.name}`}
        actions={
          <button type="button" className="button small" onClick={() => pin(undefined)}>
            Unpin
          </button>
        }
      >
        Fingerprint <span className="mono">{fingerprint(pinned)}</span>. Compare it with someone you trust.
      </Notice>
    );
  if (!served)
    return (
      <Notice tone="info" icon="pin" title="No network is pinned yet">
        Without one a proof can be found consistent, but not trusted. Drop the network document (network.json) of
        whoever you trust above.
      </Notice>
    );
  return (
    <Notice
      tone="warn"
      icon="pin"
      title="No network is pinned yet"
      actions={<Replace served={served} label="Pin this network" />}
    >
      Pin {named(served)} to make this browser remember whom it trusts. Until then a proof can be consistent, but not
      trusted.
    </Notice>
  );
}

function Replace({ served, label }: { served: KnownNetwork; label: string }): ReactNode {
  return (
    <button type="button" className="button small" onClick={() => pin(served.json)}>
      {label}
    </button>
  );
}

function fingerprint({ facts }: KnownNetwork): string {
  return (facts.fingerprint.slice(0, 32).match(/.{4}/g) as string[]).join(' ');
}

function named(network: KnownNetwork): string {
  return `“${network.facts.name}” (${network.facts.id.slice(6, 14)}…)`;
}
