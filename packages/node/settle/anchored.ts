// Before anything is appended: is this the log whose checkpoints were anchored? An older copy of it, put back and gone on
// with, would say two things in one place under one key: a fork.
import type { AnchoredCheckpoint } from '@trine/ledger/checkpoints.ts';
import type { Log } from '@trine/log/types.ts';
import { countOf, fromHex, plural, TrineError, verifyConsistency } from '@trine/protocol';

const WHAT_TO_DO =
  'Put back the newest copy of the data folder. Never go on from an older one: that would fork the log, and what devices were told is kept would be lost.';

/**
 * Compares the log with the newest checkpoint that the chain knows of it.
 *
 * @param latest the newest anchor of this log's origin
 * @throws TrineError `damaged` when the chain knows more leaves, or others
 */
export async function checkAnchored(
  log: Pick<Log, 'checkpoint' | 'consistencyProof'>,
  latest: () => Promise<AnchoredCheckpoint | undefined>,
): Promise<void> {
  const anchored = await latest();
  if (anchored === undefined) return;
  const size = Number(anchored.size);
  const { checkpoint } = log;
  const facts = { anchoredSize: size, anchoredRoot: anchored.root, size: checkpoint.size };
  if (size > checkpoint.size)
    throw new TrineError(
      'damaged',
      `${countOf(size, 'leaf', 'leaves')} of this log ${plural(size, 'is', 'are')} anchored in the chain, and only ${checkpoint.size} ${plural(checkpoint.size, 'is', 'are')} here: it is an older copy. ${WHAT_TO_DO}`,
      { facts },
    );
  const proof = await log.consistencyProof(size, checkpoint.size);
  if (verifyConsistency(size, checkpoint.size, fromHex(anchored.root), checkpoint.root, proof)) return;
  throw new TrineError(
    'damaged',
    `The log up to ${countOf(size, 'leaf', 'leaves')} here is not the one that is anchored in the chain (root ${anchored.root}): this log was forked. ${WHAT_TO_DO}`,
    { facts },
  );
}
