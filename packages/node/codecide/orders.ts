// Orders to pay, before a second decider signs them: is it what the decision orders, is the agreement open on the chain, is
// its time right, and was nothing else signed for the obligation?
import { readObligation, readTerms } from '@trine/ledger/agreements.ts';
import { findFault } from '@trine/ledger/batch-faults.ts';
import { BatchHistory } from '@trine/ledger/batch-history.ts';
import { type Member, readMember } from '@trine/ledger/batches.ts';
import { type Chain, publicClient } from '@trine/ledger/chain.ts';
import type { Contracts } from '@trine/ledger/contracts.ts';
import { isBatch, settling } from '@trine/ledger/outbox-kinds.ts';
import {
  accountNamed,
  checkIntent,
  commitRows,
  type Decision,
  decisionId,
  fromHex,
  type Hex,
  hexOf,
  type Intent,
  type IntentBatch,
  intentDigest,
  type Joined,
  type NetworkDocument,
  obligationId,
  orderedTogether,
  type Row,
  readRows,
  StepError,
  splitRows,
  ZERO_HASH,
} from '@trine/protocol';
import { joinedBelowCut } from '../evidence/accounts.ts';
import type { LoggedAgreement } from '../projections/policies.ts';
import { partOf } from '../settle/batches.ts';
import type { LineAccounts } from './accounts.ts';
import type { DeciderMemory, Signed } from './memory.ts';
import { NotNow } from './recompute.ts';

export interface OrderChecksOptions {
  readonly network: NetworkDocument;
  readonly chain: Chain;
  readonly contracts: Contracts;
  readonly memory: DeciderMemory;
  /** Those that joined. */
  readonly accounts: Pick<LineAccounts, 'joinedBelow' | 'missing' | 'erased'>;
  readonly now: () => number;
  /** Rows of a batch as they are to be published. */
  readonly rows: (logged: LoggedAgreement, digest: Uint8Array) => Promise<Uint8Array>;
}

/** A decision that holds, as it was computed here. */
export interface Held {
  readonly logged: LoggedAgreement;
  readonly decision: Decision;
  readonly id: Uint8Array;
  readonly rows: ReadonlyMap<string, Row>;
  /** Those that it corrects, as they were computed here, the newest first. */
  readonly before: readonly { readonly decision: Decision; readonly rows: ReadonlyMap<string, Row> }[];
}

/** There is nothing to sign any more. */
export class Over extends Error {}

/** An order may stand so much longer than the terms say: it was given a moment ago. */
const DEADLINE_SKEW_S = 600;

export class OrderChecks {
  readonly #options: OrderChecksOptions;
  readonly #histories = new Map<Hex, BatchHistory>();

  constructor(options: OrderChecksOptions) {
    this.#options = options;
  }

  /**
   * @returns keys of its lines, where it is a batch
   * @throws StepError saying what is wrong with it; Over where nothing is to be signed any more; NotNow; LedgerError where
   *   the chain does not answer
   */
  async check(intent: Intent, held: Held): Promise<readonly string[]> {
    const { network, now } = this.#options;
    const { policy } = held.logged;
    const joined = this.#joined(held);
    const { decision, id, rows, before } = held;
    const paying = { policy, decision, id, rows, before, joined };
    const nowS = BigInt(Math.floor(now() / 1000));
    if (intent.deadline < nowS) throw new Over('its time to be paid is over');
    const latest = nowS + BigInt(policy.money.disputeWindowS + policy.money.deadlineS + DEADLINE_SKEW_S);
    if (intent.deadline > latest) throw new StepError('The order stands longer than the terms allow.');
    if (intent.validAfter > nowS) throw new StepError('The order is for later: it counts at once or not at all.');
    if (!isBatch(intent)) checkIntent(intent, paying, network);
    await this.#checkChain(intent, held);
    const batch = isBatch(intent) ? await this.#batchOf(intent, held, joined) : undefined;
    if (batch) this.#checkBatch(intent, paying, held, batch);
    return batch?.lines ?? [];
  }

  #joined({ decision, logged }: Held): Joined {
    return joinedBelowCut(this.#options.accounts, { decision, logged });
  }

  /** Where the account of a line is kept back, the rows may be right nevertheless. @throws NotNow saying so; StepError */
  #checkBatch(
    intent: Intent,
    paying: Parameters<typeof checkIntent>[1],
    { decision, logged, rows }: Held,
    batch: IntentBatch,
  ): void {
    const { network, accounts } = this.#options;
    try {
      checkIntent(intent, paying, network, batch);
    } catch (error) {
      const paid = [...rows].flatMap(([key, { outcome }]) => (outcome === 'pay' ? [key] : []));
      const missing = accounts.missing(logged.hash, paid, decision.cuts[0]?.index ?? 0);
      const erased = accounts.erased(paid);
      if (missing === undefined && erased !== undefined && error instanceof StepError)
        throw new StepError(
          `What was said of the account of ${erased} was erased, so that nobody can check its line: ${error.message}`,
        );
      if (missing === undefined) throw error;
      throw new NotNow(
        `the node does not hand out what leaf ${missing.leaf} says of the account of ${missing.key}, without which its rows are not those of the decision`,
      );
    }
  }

  async #checkChain(intent: Intent, held: Held): Promise<void> {
    const { chain, contracts } = this.#options;
    if ((await readTerms(chain, contracts, intent.agreement)) === undefined)
      throw new NotNow('the agreement is not open on the chain');
    const state = await readObligation(chain, settling(contracts, intent), intent.agreement, intent.obligation);
    const digest = intentDigest(intent);
    if (state.phase === 'settled') throw new Over('its obligation is paid');
    if (state.phase === 'dropped') throw new Over('its obligation is dropped for good');
    // One that waits for its announcement is signed before; then it must take the place of what stands there.
    if (state.intent !== ZERO_HASH && state.intent !== digest && state.intent !== intent.supersedes)
      throw new NotNow(`another order (${state.intent.slice(2, 14)}) stands on the chain for its obligation`);
    await this.#checkMemory(intent, held, state.phase === 'none');
  }

  /**
   * At most one payment of an obligation, and of a decision, has this decider's name, but where the contract lets one take
   * another's place.
   */
  async #checkMemory(intent: Intent, held: Held, isFree: boolean): Promise<void> {
    const digest = intentDigest(intent).slice(2);
    if (isBatch(intent)) await this.#checkNotDropped(intent, held);
    else {
      await this.#checkApart(intent, held);
      await this.#checkCorrected(intent, held);
    }
    const before = this.#options.memory.signedFor(intent).filter((one) => one.digest !== digest);
    const last = before.at(-1);
    if (last === undefined) {
      if (intent.supersedes !== ZERO_HASH)
        throw new StepError('It takes the place of an order that was never signed here.');
      return;
    }
    if (intent.supersedes === `0x${last.digest}`) {
      if (held.before.some(({ decision }) => hexOf(decisionId(decision)) === last.intent.decision)) return;
      throw new StepError(
        'It takes the place of another order, and its decision does not take the place of that one’s.',
      );
    }
    if (isFree && (await this.#isNeverPaid(last))) return;
    throw new StepError(
      `Another payment of this obligation was signed here before (${last.digest.slice(0, 12)}), and this one does not take its place.`,
    );
  }

  /** What was dropped is not corrected. */
  async #checkNotDropped({ agreement, settler }: Intent, { before }: Held): Promise<void> {
    const { chain, contracts, memory } = this.#options;
    for (const { decision } of before)
      for (const { intent } of memory.signedOf(hexOf(decisionId(decision)))) {
        const { phase } = await readObligation(chain, settling(contracts, { settler }), agreement, intent.obligation);
        if (phase === 'dropped')
          throw new StepError('A batch of what it corrects was dropped: that was the last word on it.');
      }
  }

  /** The difference alone is paid where what it corrects was paid. */
  async #checkCorrected(intent: Intent, { decision, before }: Held): Promise<void> {
    const { chain, contracts, memory } = this.#options;
    const last = before.findIndex((one) => one.decision.outcome === 'pay');
    if (last < 0 || intent.obligation !== hexOf(obligationId(decision.obligation))) return;
    const corrected = hexOf(decisionId((before[last] as Held['before'][number]).decision));
    for (const { decision: one } of before.slice(last)) {
      const obligation = hexOf(obligationId(one.obligation));
      const state = await readObligation(chain, settling(contracts, intent), intent.agreement, obligation);
      const paidOn = state.phase === 'settled' ? memory.signed(state.intent.slice(2))?.intent.decision : ZERO_HASH;
      if (paidOn === undefined || paidOn === corrected) return;
    }
    throw new NotNow('what it corrects is not paid');
  }

  /** What one decision orders is paid with its own obligation, or with that of one it corrects: not with both. */
  async #checkApart(intent: Intent, { decision, rows, before }: Held): Promise<void> {
    const all = [decision, ...before.map((one) => one.decision)];
    for (const one of all.slice(0, orderedTogether(intent, { decision, rows, before }).length)) {
      for (const other of this.#options.memory.signedOf(hexOf(decisionId(one))))
        if (other.intent.obligation !== intent.obligation && !(await this.#isNeverPaid(other)))
          throw new NotNow(
            `what it orders was signed in another payment (${other.digest.slice(0, 12)}), which may be paid`,
          );
    }
  }

  /** Can what was signed never be paid any more, though nobody ruled so, as a block says that is not taken back? */
  async #isNeverPaid({ intent }: Signed): Promise<boolean> {
    const { chain, contracts } = this.#options;
    const final = await chain.finalBlock();
    if (final < 0n) return false;
    const at = settling(contracts, intent);
    const { phase, intent: pending } = await readObligation(chain, at, intent.agreement, intent.obligation, final);
    if (phase === 'settled') return pending !== intentDigest(intent);
    const { timestamp } = await publicClient(chain).getBlock({ blockNumber: final });
    return phase === 'none' && timestamp > intent.deadline;
  }

  /** The batch as this decider finds it: from its own reading of the chain, without a fault that anyone could refute. */
  async #batchOf(
    intent: Intent,
    { logged, decision, rows }: Held,
    joined: Joined,
  ): Promise<IntentBatch & { readonly lines: string[] }> {
    const { chain, contracts, memory } = this.#options;
    const { policy } = logged;
    const digest = intentDigest(intent);
    const given = await this.#options.rows(logged, fromHex(digest));
    const history = await this.#historyOf(intent.agreement);
    const chunks = splitRows(given);
    const batchRows = readRows(chunks);
    if (commitRows(batchRows).rowsHash !== intent.rowsHash)
      throw new NotNow('the rows that the node hands out are not those of the order');
    const { positions, members } = history;
    if (history.problem !== undefined || positions.root() !== intent.positionsBefore)
      throw new NotNow('the batch does not start from the positions that the chain shows');
    const losing = batchRows.filter(({ number, amount }) => amount < 0n && members.has(number));
    const read = losing.map(
      async ({ number }) => [number, await readMember(chain, contracts, intent.agreement, number)] as const,
    );
    const known = new Map(await Promise.all(read));
    const memberOf = (number: number) => known.get(number) as Member;
    const fault = findFault({ intent, chunks, positions, isMember: (number) => members.has(number), memberOf });
    if (fault) throw new StepError(`The batch would be refuted: ${fault.kind}.`);
    const numbers = new Map([...members].map(([number, account]) => [account, number]));
    const inBatch = new Set(batchRows.map(({ number }) => number));
    const lines = [...rows].flatMap(([key, { outcome }]) => {
      const account = accountNamed(policy, key, joined);
      const number = account && numbers.get(account);
      return outcome === 'pay' && number !== undefined && inBatch.has(number) ? [key] : [];
    });
    const signed = new Set<string>();
    for (const one of memory.signedOf(intent.decision))
      if (`0x${one.digest}` !== digest && !(await this.#isNeverPaid(one))) for (const key of one.lines) signed.add(key);
    const again = lines.find((key) => signed.has(key));
    if (again !== undefined) throw new StepError(`The line of ${again} is in a batch that was signed before.`);
    return { part: partOf(intent, decision), lines, numberOf: (account) => numbers.get(account) };
  }

  async #historyOf(agreement: Hex): Promise<BatchHistory> {
    const { chain, contracts } = this.#options;
    const history = this.#histories.get(agreement) ?? new BatchHistory(chain, contracts, agreement);
    this.#histories.set(agreement, history);
    await history.follow(await chain.finalBlock());
    history.changed.clear();
    return history;
  }
}
