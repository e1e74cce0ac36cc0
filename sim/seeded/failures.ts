// What the failure of a process comes from.
import { LedgerError, RpcError } from '@trine/ledger/errors.ts';
import { endsTheNode } from '@trine/node/last-resort.ts';
import { Crash } from '@trine/system/testing/memory-disk.ts';

/** Does a start that failed so succeed when it is tried again: was it the chain, or the disk? */
export function mayPass(failure: unknown): boolean {
  for (let at = failure; at instanceof Error; at = at.cause)
    if (at instanceof RpcError || (at instanceof LedgerError && at.retry === 'later')) return true;
  return endsTheNode(failure);
}

/** Does an error follow from the crash of the machine? */
export function isCrash(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof Crash) return true;
  return false;
}
