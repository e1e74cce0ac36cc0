// Watching batches: the node recomputes every batch of the agreements in its log that settle so, whoever ordered it, and
// refutes a false one while that helps.
import { BatchWatch, type Finding } from '@trine/ledger/batch-watch.ts';
import type { Chain } from '@trine/ledger/chain.ts';
import type { Call, Contracts } from '@trine/ledger/contracts.ts';
import type { Outbox } from '@trine/ledger/outbox.ts';
import { refutePayload } from '@trine/ledger/outbox-batches.ts';
import { countOf, type Hex, hexOf, type NetworkDocument } from '@trine/protocol';
import type { Timers } from '@trine/system/time.ts';
import type { PolicyRegistry } from '../projections/policies.ts';

export interface WatchingOptions {
  readonly chain: Chain;
  readonly contracts: Contracts;
  readonly outbox: () => Pick<Outbox, 'enqueue' | 'retry'>;
  readonly timers: Pick<Timers, 'elapsed'>;
  /** What refutes is sent from, lower case. */
  readonly account: Hex;
  readonly network: NetworkDocument;
  readonly policies: Pick<PolicyRegistry, 'agreements'>;
}

/** The shortest window is an hour: a batch is looked at many times within it. */
const LOOK_MS = 5_000;
const LOOK_ELSEWHERE_MS = 60_000;

export class Watching {
  readonly #options: WatchingOptions;
  readonly #watch: BatchWatch;
  #dueAt = Number.NEGATIVE_INFINITY;
  #problem: string | undefined;
  #found: readonly Finding[] = [];
  /** Digests of batches that were found false since the start. */
  readonly #false = new Set<Hex>();

  constructor(options: WatchingOptions) {
    this.#options = options;
    const { chain, contracts, account } = options;
    const submit = async (call: Call) => this.#submit(call);
    this.#watch = new BatchWatch({ chain, contracts, account, agreements: () => this.#agreements(), submit });
  }

  /** A false batch that is being refuted or can no more be, or what could not be looked at. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Batches under way by what is known of them, and those found false since the start: for metrics. */
  get counts(): { readonly underWay: number; readonly false: number } {
    return { underWay: this.#found.length, false: this.#false.size };
  }

  /** Looks, where it is time. What fails is said, and tried again. */
  async round(): Promise<void> {
    const { timers, chain } = this.#options;
    if (timers.elapsed() < this.#dueAt || this.#agreements().length === 0) return;
    this.#dueAt = timers.elapsed() + (chain.kind === 'external' ? LOOK_ELSEWHERE_MS : LOOK_MS);
    const { findings, failures } = await this.#watch.round();
    this.#found = findings;
    for (const { intent, verdict } of findings)
      if (verdict === 'refuted' || verdict === 'refuting') this.#false.add(intent);
    // A root is refuted step by step: the next one is due at once.
    if (findings.some(({ verdict }) => verdict === 'refuting')) this.#dueAt = Number.NEGATIVE_INFINITY;
    const [failure] = failures;
    this.#problem =
      findings.map(wordsOf).find((words) => words !== undefined) ?? (failure && `Watching batches: ${failure.message}`);
  }

  #agreements(): Hex[] {
    const { policies, network } = this.#options;
    const batched = policies.agreements().filter(({ policy }) => policy.money.contract === network.chain.batch);
    return batched.map(({ id }) => hexOf(id));
  }

  #submit(call: Call): void {
    const outbox = this.#options.outbox();
    const { id, state } = outbox.enqueue('refute', refutePayload(call));
    // It was refused, and is wanted again: blocks were taken back.
    if (state === 'refused') outbox.retry(id);
  }
}

function wordsOf(finding: Finding): string | undefined {
  const about = `The batch ${finding.intent.slice(2, 18)} of agreement ${finding.agreement.slice(2, 18)}`;
  switch (finding.verdict) {
    case 'refuted':
      return `${about} is false (${finding.fault}): it is refuted.`;
    case 'refuting':
      return `${about} is false (root): it is refuted, ${finding.done} of ${countOf(finding.rows, 'row')} so far.`;
    case 'groundless':
      return `${about} cannot be checked: ${finding.detail} The arbiter should hold it.`;
    default:
      return undefined;
  }
}
