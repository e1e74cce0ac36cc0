import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Empty } from '../ui/states.tsx';

export function NotFound(): ReactNode {
  return (
    <Empty icon="info" title="There is nothing at this address">
      <Link to="/">See what is happening now</Link>.
    </Empty>
  );
}
