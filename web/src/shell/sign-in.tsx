import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Card, Page } from '../ui/page.tsx';
import { Empty } from '../ui/states.tsx';

export function SignIn(): ReactNode {
  return (
    <Page title="Welcome to Trine" about="Every reading provable, every decision replayable, every payment automatic.">
      <Card flush>
        <Empty icon="key" title="Open the address that the node printed">
          When the node starts, it prints an address that ends in <code className="mono">#token=…</code>. Open that one:
          it lets this browser in. Lost it? Stop the node with Ctrl-C and run <code className="mono">npm start</code>{' '}
          again. To check a proof file you need none: <Link to="/verify">check a proof file</Link>.
        </Empty>
      </Card>
    </Page>
  );
}
