// What a payload itself may say, beyond what the key may say of its subject: the same pure rule in admission, in
// projections, in fsck and in the verifier.
import type { KeyState } from '../authorize.ts';
import { toHex } from '../bytes.ts';
import { recoveryRefusal, type StandingFork } from '../recovery.ts';
import type { Statement } from '../statement/statement.ts';
import { accountPayload, lineAccountRefusal } from './account.ts';
import { consentPayload, consentRefusal } from './consent.ts';
import { decisionPayload, type Obligation, rowPayload } from './decision.ts';
import { isDecider, movesMoney, type Policy } from './policy.ts';
import { policyEndPayload, policyEndRefusal } from './policy-end.ts';
import { recoveryPayload } from './recovery.ts';
import { releasePayload, releaseRefusal } from './release.ts';
import { statePayload } from './state.ts';

/** What is known at the leaf where the statement stands, or would. */
export interface PermissionContext {
  /** By the hash of the policy, hex; undefined where no leaf before holds it. */
  policy(hash: string): Policy | undefined;
  /** Of an agreement: its id on the chain, by its hash. */
  agreementId(hash: string): Uint8Array | undefined;
  /** The account of a line of an agreement, and the line of an account, where one joined before; by its hash. */
  joined(hash: string, asked: { readonly key: string; readonly address: string }): boolean;
  /** Obligations under a policy that begin then or later do not arise: it was ended. */
  endedFrom(hash: string): number | undefined;
  readonly arrivalMs: number;
  readonly index: number;
  /** Keys that a thing holds. */
  keysOf(keyOwner: string): readonly KeyState[];
  /** The fork that stands in a sequence. */
  forkOf(keyOwner: string, subject: string): StandingFork | undefined;
}

/**
 * May this issuer say this? Decisions, states and rows only from a decider that the policy names, about the policy's own
 * subject or the subject of the state or row, and not before the time that is decided on is over. A recovery only from the
 * member who enrolled the thing, of the fork as it stands. A consent only with the signature of the party, over the agreement's
 * id; the end of an agreement likewise. The account of a line only with its own signature, and the first.
 *
 * @param body of a detached statement; undefined where it was erased, and only its header can be checked
 * @returns why not, in words; undefined where it may
 * @throws FormatError when payload or body is not what its kind demands
 */
export function permissionRefusal(
  { header, payload }: Pick<Statement, 'header' | 'payload'>,
  body: Uint8Array | undefined,
  context: PermissionContext,
): string | undefined {
  if (header.kind === 'decision') {
    const decision = decisionPayload.decode(payload);
    const hash = toHex(decision.policy);
    const policy = context.policy(hash);
    const refused = decidedBy(hash, header.issuer, decision.obligation, context);
    if (refused || policy === undefined) return refused;
    if (header.subject !== policy.subject) return 'The decision is about another subject than its policy.';
    const isEarly = decision.cuts.some(({ atMs }) => atMs < decision.obligation.toMs || atMs > context.arrivalMs);
    return isEarly ? 'The decision came before the time it is about was over.' : undefined;
  }
  if (header.kind === 'recovery') {
    const recovery = recoveryPayload.decode(payload);
    const { keyOwner } = recovery;
    const said = { issuer: header.issuer, subject: header.subject, index: context.index };
    return recoveryRefusal(recovery, said, context.keysOf(keyOwner), context.forkOf(keyOwner, header.subject));
  }
  if (header.kind === 'consent' || header.kind === 'policy-end' || header.kind === 'release')
    return aboutPolicy(header, payload, context);
  if (body === undefined) return undefined;
  if (header.kind === 'state') {
    const { policy: hash, key } = statePayload.decode(body);
    const policy = context.policy(toHex(hash));
    if (policy === undefined || !isDecider(policy, header.issuer))
      return 'Only a decider of the policy says its states.';
    const about = key.startsWith('$') ? policy.subject : key;
    return header.subject === about ? undefined : 'The state is about another subject than its statement.';
  }
  if (header.kind === 'account') return joins(header, body, context);
  if (header.kind === 'row') {
    const row = rowPayload.decode(body);
    const refused = decidedBy(toHex(row.policy), header.issuer, row.obligation, context);
    return refused ?? (header.subject === row.key ? undefined : 'The row is about another subject than its statement.');
  }
  return undefined;
}

/** What parties say of an agreement, and how policies end. */
function aboutPolicy(
  { kind, subject }: Statement['header'],
  payload: Uint8Array,
  context: PermissionContext,
): string | undefined {
  const said = { consent: consentPayload, 'policy-end': policyEndPayload, release: releasePayload }[
    kind as 'consent' | 'policy-end' | 'release'
  ].decode(payload);
  const hash = toHex(said.policy);
  const policy = context.policy(hash);
  if (policy === undefined) return 'The policy is not in the log before.';
  if (subject !== policy.subject) return 'The statement is about another subject than its policy.';
  const id = context.agreementId(hash);
  if (said.trine === 'policy-end/1') return policyEndRefusal(said, policy, id);
  if (said.trine === 'release/1') return releaseRefusal(said, policy, id);
  return movesMoney(policy) && id ? consentRefusal(said, policy, id) : 'Only agreements are signed by parties.';
}

/** A line has one account, and an account one line. */
function joins(
  { issuer, subject }: Statement['header'],
  body: Uint8Array,
  context: PermissionContext,
): string | undefined {
  const said = accountPayload.decode(body);
  const hash = toHex(said.policy);
  const policy = context.policy(hash);
  const id = context.agreementId(hash);
  if (policy === undefined || id === undefined || !movesMoney(policy)) return 'The agreement is not in the log before.';
  if (subject !== said.key) return 'The account is of another line than its statement is about.';
  const refused = lineAccountRefusal(said, issuer, policy, id);
  return (
    refused ?? (context.joined(hash, said) ? 'The line has an account already, or the account a line.' : undefined)
  );
}

function decidedBy(
  hash: string,
  issuer: string,
  { fromMs, toMs }: Obligation,
  context: PermissionContext,
): string | undefined {
  const policy = context.policy(hash);
  if (policy === undefined) return 'The policy is not in the log before.';
  if (!isDecider(policy, issuer)) return 'The key is none of the deciders that the policy names.';
  if (fromMs < policy.period.startMs || toMs > policy.period.endMs)
    return 'The time is outside the period of the policy.';
  if (fromMs >= (context.endedFrom(hash) ?? Number.POSITIVE_INFINITY)) return 'The policy was ended before.';
  return toMs > context.arrivalMs ? 'The time decided on is not over.' : undefined;
}
