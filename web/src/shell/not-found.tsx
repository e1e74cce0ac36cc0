import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Card, Page } from '../ui/page.tsx';
import { Empty } from '../ui/states.tsx';

export function NotFound(): ReactNode {
  return (
    <Page title="Nothing here">
      <Card flush>
        <Empty icon="info" title="There is nothing at this address">
          <Link to="/">See what is happening now</Link>.
        </Empty>
      </Card>
    </Page>
  );
}
