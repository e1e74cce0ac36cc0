// Proposals: an agreement on its way to the signatures of all its parties. Then, and not before, it stands in the log, with
// what each of them signed, and is opened on the chain.
import { openCall } from '@trine/ledger/agreements.ts';
import type { Chain } from '@trine/ledger/chain.ts';
import type { Contracts } from '@trine/ledger/contracts.ts';
import { LedgerError } from '@trine/ledger/errors.ts';
import { tryCall } from '@trine/ledger/transactions.ts';
import {
  type Agreement,
  agreementPayload,
  type Consent,
  consentPayload,
  consentRefusal,
  fromHex,
  fromUtf8,
  type Hex,
  limits,
  type OnChainTerms,
  type PolicyEnd,
  policyEndPayload,
  policyEndRefusal,
  policyHash,
  TrineError,
  toHex,
} from '@trine/protocol';
import type { Random } from '@trine/system/random.ts';
import type { Clock } from '@trine/system/time.ts';
import type { Issuer } from '../ingest/issuer.ts';
import { isAgreement, type LoggedPolicy, type PolicyRegistry } from '../projections/policies.ts';
import { completed, type Draft, placeholderOf } from './draft.ts';
import type { Joining } from './joining.ts';
import type { Proposal, ProposalsStore } from './proposals-store.ts';

export interface ProposalsOptions {
  readonly store: ProposalsStore;
  readonly policies: PolicyRegistry;
  readonly issuer: Pick<Issuer, 'issue'>;
  readonly chain: Chain;
  readonly contracts: Contracts;
  /** Sends what opens an agreement. */
  readonly sender: Hex;
  /** An agreement's form on the chain, and its id there. */
  readonly onChain: (agreement: Agreement) => { readonly terms: OnChainTerms; readonly id: Uint8Array };
  /** @throws TrineError where an agreement cannot be decided or paid here */
  readonly check: (agreement: Agreement) => Promise<void>;
  /** Sees that what is in the log is opened on the chain. */
  readonly open: (agreement: Agreement) => void;
  readonly now: Clock;
  readonly random: Random;
  readonly joining: Joining;
}

/** Nobody waits longer for a signature. */
const OPEN_MS_MAX = 90 * 86_400_000;
const OPEN_MAX = 1_000;
const CODE_BYTES = 16;
/** A party may end it earlier than it said before, but not fill the log. */
const ENDS_MAX = 8;
/** A statement's header, its signature, and what holds them together. */
const ENVELOPE_BYTES_MAX = limits.protectedHeaderBytesMax + 128;
const AGREEMENT_BYTES_MAX = limits.statementBytesMax - ENVELOPE_BYTES_MAX;

export class Proposals {
  /** How accounts of lines join agreements. */
  readonly joining: Joining;
  readonly #options: ProposalsOptions;
  /** One step after the other: two signatures at once complete it once. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ProposalsOptions) {
    this.#options = options;
    this.joining = options.joining;
  }

  /**
   * Takes a draft; durable when it returns. What is wrong with it is said now, by the domain and by the contract.
   * @throws TrineError naming what is wrong
   */
  async propose(draft: Draft): Promise<Proposal> {
    const { store, now, random } = this.#options;
    store.forget(now() - OPEN_MS_MAX);
    if (store.inState('open').length >= OPEN_MAX)
      throw new TrineError('overloaded', `${OPEN_MAX} proposals wait for signatures: withdraw some.`);
    await this.#check(completed(draft, placeholderOf));
    const code = () => toHex(random(CODE_BYTES));
    const codes = Object.fromEntries(draft.parties.map(({ role }) => [role, code()]));
    const proposal: Proposal = { id: code(), madeMs: now(), draft, codes, signed: [], state: 'open' };
    store.put(proposal);
    return proposal;
  }

  async #check(agreement: Agreement): Promise<void> {
    const { check, chain, contracts, sender, onChain } = this.#options;
    const bytes = agreementPayload.encode(agreement).length;
    // What does not fit into a leaf could be signed by all, and never be sealed.
    if (bytes > AGREEMENT_BYTES_MAX)
      throw new TrineError(
        'too-large',
        `terms: the agreement has ${bytes} bytes, and one in the log has at most ${AGREEMENT_BYTES_MAX}: make them shorter, or several agreements.`,
      );
    await check(agreement);
    checkAccounts(agreement);
    if (agreement.money.perObligationMax > agreement.money.totalMax)
      throw new TrineError('invalid', 'money.totalMax: one obligation may cost more than all of them.');
    await chain.refresh();
    try {
      await tryCall(chain, sender, openCall(contracts, onChain(agreement).terms));
    } catch (error) {
      throw openingInWords(error);
    }
  }

  /** The newest first. */
  list(limit: number): Proposal[] {
    return this.#options.store.list(limit);
  }

  /** @throws TrineError `not-found` */
  get(id: string): Proposal {
    const found = this.#options.store.get(id);
    if (found === undefined) throw new TrineError('not-found', 'There is no such proposal here, or no more.');
    return found;
  }

  /** Which party a code is for. @throws TrineError `not-found`, also for a wrong code */
  roleOf(id: string, code: string): string {
    const { codes } = this.get(id);
    const found = Object.entries(codes).find(([, known]) => known === code);
    if (found === undefined) throw new TrineError('not-found', 'There is no such proposal here, or no more.');
    return found[0];
  }

  /** The agreement, once every party has an account, and its id on the chain. */
  agreementOf({ draft }: Proposal): { readonly agreement: Agreement; readonly id: Uint8Array } | undefined {
    if (draft.parties.some(({ address }) => address === undefined)) return undefined;
    const agreement = completed(draft, placeholderOf);
    return { agreement, id: this.#options.onChain(agreement).id };
  }

  /**
   * Names the account of a party that had none.
   * @param address 0x and 40 lower-case hex digits
   * @throws TrineError where it has one, or the account is another party's
   */
  nameAccount(id: string, role: string, address: string): Promise<Proposal> {
    return this.#inTurn(async () => {
      const proposal = this.#open(id);
      const party = proposal.draft.parties.find((one) => one.role === role);
      if (party?.address === address) return proposal;
      if (party === undefined || party.address !== undefined)
        throw new TrineError('conflict', `The ${role} has an account already: ${party?.address ?? 'none'}.`);
      const parties = proposal.draft.parties.map((one) => (one === party ? { ...one, address } : one));
      const draft: Draft = { ...proposal.draft, parties };
      await this.#check(completed(draft, placeholderOf));
      return this.#put({ ...proposal, draft });
    });
  }

  /**
   * Takes a party's signature; with the last one the agreement is sealed. Durable when it returns. Where all have signed and it
   * could not be sealed, it is tried again.
   * @param signature 65 bytes, over the agreement's id
   * @throws TrineError `bad-signature`, or `conflict` while another party has no account yet or where its time is over
   */
  sign(id: string, role: string, signature: Uint8Array): Promise<Proposal> {
    return this.#inTurn(async () => {
      const proposal = this.#changeable(id);
      const whole = this.agreementOf(proposal);
      if (whole === undefined)
        throw new TrineError('conflict', 'Not every party has an account yet: what is signed names all of them.');
      const refused = consentRefusal({ agreement: whole.id, role, signature }, whole.agreement, whole.id);
      if (refused) throw new TrineError('bad-signature', refused);
      if (proposal.state === 'signed') return this.#seal(proposal);
      if (proposal.signed.some((one) => one.role === role)) return proposal;
      if (whole.agreement.period.endMs <= this.#options.now())
        throw new TrineError('conflict', 'Its time is over: propose it anew for another.');
      const signed = [...proposal.signed, { role, signature: toHex(signature), atMs: this.#options.now() }];
      const isLast = signed.length === proposal.draft.parties.length;
      const put = this.#put({ ...proposal, signed, ...(isLast && { state: 'signed' as const }) });
      return isLast ? this.#seal(put) : put;
    });
  }

  /**
   * Takes back what not all have signed, or what all have signed and could not be sealed.
   * @throws TrineError `conflict` where it is in the log, or was taken back
   */
  withdraw(id: string): Promise<Proposal> {
    return this.#inTurn(async () => {
      const proposal = this.#changeable(id);
      const whole = proposal.state === 'signed' ? this.agreementOf(proposal) : undefined;
      if (whole && this.#options.policies.get(toHex(policyHash(whole.agreement))))
        throw new TrineError('conflict', 'All have signed it and it is in the log: it is sealed with the next start.');
      return this.#put({ ...proposal, state: 'withdrawn' });
    });
  }

  /**
   * Seals what was signed by all before a crash.
   * @param told of one that could not be sealed: it stays as it is, and keeps nothing else from going on
   */
  async resume(told: (problem: string) => void): Promise<void> {
    for (const proposal of this.#options.store.inState('signed'))
      try {
        await this.#inTurn(() => this.#seal(proposal));
      } catch (error) {
        const { title } = proposal.draft;
        told(`The agreement ${title} (proposal ${proposal.id}) could not be sealed: ${(error as Error).message}`);
      }
  }

  /** Repeating changes nothing: the same agreement stands in the log once, and so does each signature. */
  async #seal(proposal: Proposal): Promise<Proposal> {
    const { issuer, policies, open } = this.#options;
    const { agreement, id } = this.agreementOf(proposal) as NonNullable<ReturnType<Proposals['agreementOf']>>;
    const policy = policyHash(agreement);
    const hash = toHex(policy);
    if (policies.get(hash) === undefined)
      await issuer.issue('agreement', agreement.subject, agreementPayload.encode(agreement));
    const signedBefore = policies.consents(hash).map(({ role }) => role);
    for (const { role, signature } of proposal.signed.filter((one) => !signedBefore.includes(one.role))) {
      const consent: Consent = {
        ...{ trine: 'consent/1', policy, agreement: id, role },
        signature: fromHex(signature),
      };
      await issuer.issue('consent', agreement.subject, consentPayload.encode(consent));
    }
    open(agreement);
    return this.#put({ ...proposal, state: 'sealed', policy: hash });
  }

  /**
   * Ends a policy: a monitor by the operator's word, an agreement by that of a party.
   * @param by of an agreement: the role, and its signature over the end
   * @throws TrineError `not-found`, `bad-signature`, `invalid` where it ends before by itself, or `conflict` where it was ended for then or earlier
   */
  async end(hash: string, said: { fromMs: number; reason: string; by?: PolicyEnd['by'] }): Promise<LoggedPolicy> {
    const { policies, issuer, now } = this.#options;
    const logged = policies.find(hash);
    if (logged === undefined) throw new TrineError('not-found', 'No such agreement or monitor is known here.');
    const { by, ...rest } = said;
    const end: PolicyEnd = { trine: 'policy-end/1', policy: fromHex(logged.hash), ...rest, ...(by && { by }) };
    const refused = policyEndRefusal(end, logged.policy, isAgreement(logged) ? logged.id : undefined);
    if (refused) throw new TrineError(by ? 'bad-signature' : 'forbidden', refused);
    const endMs = policies.end(logged.hash)?.fromMs;
    if (endMs !== undefined && endMs <= Math.max(rest.fromMs, now()))
      throw new TrineError('conflict', 'It was ended before.');
    if (rest.fromMs >= logged.policy.period.endMs)
      throw new TrineError('invalid', 'fromMs: by its terms it ends before that.');
    if (policies.endsBy(logged.hash, by?.role) >= ENDS_MAX)
      throw new TrineError('conflict', 'It was ended too often: what is said of it last stays.');
    await issuer.issue('policy-end', logged.policy.subject, policyEndPayload.encode(end));
    return logged;
  }

  #open(id: string): Proposal {
    return this.#changeable(id, ['open']);
  }

  /** @throws TrineError `conflict` */
  #changeable(id: string, states: readonly Proposal['state'][] = ['open', 'signed']): Proposal {
    const proposal = this.get(id);
    if (!states.includes(proposal.state))
      throw new TrineError('conflict', `The proposal is ${proposal.state}: nothing can be changed in it.`);
    return proposal;
  }

  #put(proposal: Proposal): Proposal {
    this.#options.store.put(proposal);
    return proposal;
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(step);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async close(): Promise<void> {
    await this.#turn;
    this.#options.store.close();
  }
}

/** What one role pays another out of one account moves nothing, and its holder signs for both. @throws TrineError `invalid` */
function checkAccounts({ parties }: Agreement): void {
  for (const [i, { role, address }] of parties.entries()) {
    const other = parties.slice(0, i).find((one) => one.address === address);
    if (other) throw new TrineError('invalid', `parties: ${other.role} and ${role} have one account, ${address}.`);
  }
}

/** What the contract's refusal means to whoever proposes. */
function openingInWords(error: unknown): unknown {
  const revert = error instanceof LedgerError ? error.revert : undefined;
  if (revert?.name === 'AgreementExists')
    return new TrineError(
      'refused',
      'The same agreement is open on the chain already: change its period or its title.',
    );
  if (revert?.name !== 'BadTerms') return error;
  const field = fromUtf8(fromHex(String(revert.args[0]))).replaceAll('\0', '');
  return new TrineError('invalid', `${BAD_TERMS[field] ?? `${field}: the contract does not take it.`}`, {
    facts: { revert: revert.name, field },
    cause: error,
  });
}

/** By the contract's field. */
const BAD_TERMS: Readonly<Record<string, string>> = {
  arbiter: 'arbiter: an account of its own, that is none of the parties.',
  parties: 'parties: at most 16, each with an account, none of them the arbiter’s.',
  window: 'money.disputeWindowS: at most 366 days.',
  holdMax: 'money.holdMaxS: at least a second where there is time to object, at most 366 days.',
  validUntil: 'period: it ends after it starts, and has not ended yet.',
  obligationMax: 'money.obligationMaxS: at most five years.',
  settleWithin: 'money.settleWithinS: at most five years.',
};
