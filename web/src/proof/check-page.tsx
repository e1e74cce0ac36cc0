// Checking a file in the console: beside it, the verifier to take along.
import type { ReactNode } from 'react';
import { TakeAlong } from './take-along.tsx';
import { VerifyPage } from './verify-page.tsx';

export function CheckPage(): ReactNode {
  return (
    <VerifyPage>
      <TakeAlong />
    </VerifyPage>
  );
}
