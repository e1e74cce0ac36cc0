// Releases that a file holds: each must be of these terms and signed by enough.
import { equalBytes } from '../../bytes.ts';
import type { Decision } from '../../payloads/decision.ts';
import type { Agreement } from '../../payloads/policy.ts';
import { type Release, releasePayload, releaseRefusal } from '../../payloads/release.ts';
import { isBefore, type LoggedStatement } from '../contents.ts';
import { StepError } from '../report.ts';
import type { Verification } from '../verification.ts';

export interface LoggedRelease {
  readonly sealed: LoggedStatement;
  readonly release: Release;
}

/** Releases in the file, the oldest first. */
export function releasesIn({ contents }: Verification): LoggedRelease[] {
  return contents
    .of('release')
    .map((sealed) => ({ sealed, release: releasePayload.decode(sealed.statement.payload) }))
    .sort((a, b) => (isBefore(a.sealed, b.sealed) ? -1 : 1));
}

/** @throws StepError */
export function checkCounts(
  { release }: LoggedRelease,
  policy: Agreement,
  { agreement, policy: hash }: Decision,
): void {
  if (!equalBytes(release.policy, hash)) throw new StepError('The release in the file is of other terms.');
  const refused = releaseRefusal(release, policy, agreement);
  if (refused) throw new StepError(`The release does not count: ${refused}`);
}

/** Is a line what a release is about? */
export function covers({ row }: Release, key: string): boolean {
  return row === undefined || row === key;
}
