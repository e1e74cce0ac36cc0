// A decider of a city: it reads both logs from their leaves and bodies, takes nobody's word, computes the decision, reads the
// chain, and signs the batch that it finds itself. What it has of its own is a key, and the secret of the salts.
import { createHmac } from 'node:crypto';
import { installedDomains } from '@trine/domains/released.ts';
import {
  type Evaluated,
  evaluate,
  headsOf,
  lookedAt,
  mergeLogs,
  NO_STATES,
  type OpenedInput,
  openInput,
  saltsOf,
  selectorsOf,
} from '@trine/engine';
import { findFault } from '@trine/ledger/batch-faults.ts';
import { BatchHistory } from '@trine/ledger/batch-history.ts';
import { type Member, readMember } from '@trine/ledger/batches.ts';
import { choose } from '@trine/node/settle/lines.ts';
import {
  accountPayload,
  batchRows,
  checkIntent,
  commitHeads,
  commitRows,
  type Decision,
  decisionId,
  decodeLeaf,
  firstAccounts,
  forkSides,
  type Hex,
  hexOf,
  type Intent,
  intentDigest,
  type Joined,
  lineAccountRefusal,
  networkIdOnChain,
  openBody,
  type Positions,
  Principals,
  parseStatement,
  partId,
  policyHash,
  type Row,
  type RowsCommitment,
  readRows,
  type SequenceHead,
  type Statement,
  secondsOf,
  signDigest,
  verifyStatement,
  ZERO_HASH,
} from '@trine/protocol';
import type { CrowdChain } from './chain.ts';
import { keyOf } from './chain.ts';
import { type City, CUT_MS, FROM_MS, MEMBERS, TO_MS } from './city.ts';

export const OBLIGATION = { trigger: 'period', fromMs: FROM_MS, toMs: TO_MS } as const;

interface Read {
  readonly packs: readonly OpenedInput[];
  readonly joined: Joined;
}

/** What the chain says of the agreement. */
interface OnChain {
  readonly history: BatchHistory;
  readonly numbers: ReadonlyMap<Hex, number>;
  readonly members: ReadonlyMap<Hex, Member>;
}

/** What a decider made of the logs. */
export interface Decided extends Evaluated {
  readonly heads: readonly SequenceHead[];
  readonly joined: Joined;
  readonly salts: ReadonlyMap<string, Uint8Array>;
}

/** What it made of the chain, and of what is to be paid. */
export interface OrderedBatch extends RowsCommitment {
  readonly intent: Intent;
  readonly lines: readonly string[];
  readonly before: Positions;
  readonly after: Positions;
  readonly numbers: ReadonlyMap<Hex, number>;
}

export class CityDecider {
  readonly name: (typeof MEMBERS)[number];
  readonly #city: City;
  #read: OnChain | undefined;

  constructor(name: (typeof MEMBERS)[number], city: City) {
    this.name = name;
    this.#city = city;
  }

  /** The first leaf of each log that arrived at the time or later. */
  cuts(): Decision['cuts'] {
    return MEMBERS.map((name) => {
      const { origin, leaves } = this.#city.logs[name];
      const index = leaves.findIndex((leaf) => {
        const decoded = decodeLeaf(leaf);
        return decoded.kind === 'statement' && decoded.arrivalMs >= CUT_MS;
      });
      if (index < 0) throw new RangeError(`${origin} does not reach the cut.`);
      return { origin, index, atMs: CUT_MS };
    });
  }

  /** Everything below the cuts, in the order of arrival: who may say what, who signed, who joined, what was read. */
  #below(cuts: Decision['cuts']): Read {
    const { network, policy, agreement, logs } = this.#city;
    const principals = new Principals(network);
    const packs: OpenedInput[] = [];
    const accounts: ReturnType<typeof accountPayload.decode>[] = [];
    const seen = new Set<string>();
    const all = MEMBERS.flatMap((name, rank) =>
      logs[name].leaves.slice(0, cuts[rank]?.index).flatMap((leaf, index) => {
        const decoded = decodeLeaf(leaf);
        return decoded.kind === 'statement' ? [{ log: logs[name], rank, index, ...decoded }] : [];
      }),
    ).sort((a, b) => a.arrivalMs - b.arrivalMs || a.rank - b.rank || a.index - b.index);
    for (const [order, { log, index, arrivalMs, statement: bytes }] of all.entries()) {
      const statement: Statement = parseStatement(bytes);
      const { kind, issuer, subject } = statement.header;
      const id = hexOf(statement.id);
      // Who said it again in another log said it once; who said it elsewhere first is asked there.
      const refusal = seen.has(id) ? undefined : principals.take({ order, statement });
      seen.add(id);
      const who = principals.get(issuer);
      if (refusal || who === undefined || !verifyStatement(statement, who.key))
        throw new Error(`Leaf ${index} of ${log.origin} is not to be believed.`);
      const body = () => openBody(statement, log.bodies.get(index));
      if (kind === 'account') {
        const said = accountPayload.decode(body());
        if (said.key === subject && lineAccountRefusal(said, issuer, policy, agreement) === undefined)
          accounts.push(said);
      } else if (kind === 'pack') {
        const { keyOwner, owner, ownerAddress } = who;
        packs.push(
          openInput({ origin: log.origin, index, arrivalMs, statement, body: body(), keyOwner, owner, ownerAddress }),
        );
      }
    }
    return { packs: mergeLogs(cuts, packs), joined: firstAccounts(accounts) };
  }

  async decide(): Promise<Decided> {
    const { policy, agreement } = this.#city;
    const domains = installedDomains();
    const model = await domains.open('metering', policy.model, {});
    const cuts = this.cuts();
    const { packs, joined } = this.#below(cuts);
    const forks = forkSides(packs);
    const terms = model.domain.terms.parse(policy.terms);
    const selectors = selectorsOf(model.domain, policy, terms, OBLIGATION);
    // The deciders share it; where it is handed over, sealed to each, is no part of this.
    const hmac = (message: Uint8Array) =>
      Uint8Array.from(createHmac('sha256', 'of this agreement').update(message).digest());
    const salt = saltsOf(hmac, policyHash(policy), OBLIGATION);
    const salts = new Map<string, Uint8Array>();
    const heads = headsOf(lookedAt(selectors), packs, forks);
    const evaluated = evaluate({
      ...{ model, agreement, policy, obligation: OBLIGATION, cuts, continues: undefined, states: NO_STATES },
      ...{ heads: commitHeads(heads), candidates: packs, forks },
      salt: (purpose, key) => {
        salts.set(`${purpose} ${key}`, salt(purpose, key));
        return salt(purpose, key);
      },
    });
    return { ...evaluated, heads, joined, salts };
  }

  /** The batch as it follows from the decision and the chain. */
  async order({ decision, rows, joined }: Decided, { chain, contracts, time }: CrowdChain): Promise<OrderedBatch> {
    const { policy, network, agreement } = this.#city;
    const { history, numbers, members } = await this.#chain(chain, contracts);
    const paying = payingOf(rows);
    const numberOf = (account: Hex) => numbers.get(account);
    const times = secondsOf(OBLIGATION);
    const { lines, nets } = choose({ policy, decision, rows: paying, joined }, 0, times, {
      numberOf,
      memberOf: (account) => members.get(account),
      positionOf: (number) => history.positions.of(number),
    });
    const batch = batchRows(nets, numberOf);
    const commitment = commitRows(batch);
    const before = history.positions;
    const after = before.clone().apply(batch);
    const { money } = policy;
    const intent: Intent = {
      ...{ network: networkIdOnChain(network.id), chainId: chain.chainId, settler: contracts.batch },
      ...{
        agreement: hexOf(agreement),
        termsHash: hexOf(policyHash(policy)),
        obligation: hexOf(partId(OBLIGATION, 0)),
      },
      ...{ ...times, entries: [], rowsHash: commitment.rowsHash, rowCount: commitment.rowCount },
      ...{ positionsBefore: before.root(), positionsAfter: after.root(), token: contracts.token, validAfter: 0n },
      deadline: BigInt(Math.floor(time.now() / 1_000) + money.disputeWindowS + money.deadlineS),
      ...{ decision: hexOf(decisionId(decision)), supersedes: ZERO_HASH },
    };
    return { ...commitment, intent, lines, before, after, numbers };
  }

  /** Signs an intent that is what this decider would order, and that nobody could refute. @throws Error naming what differs */
  async sign(
    intent: Intent,
    chunks: readonly Uint8Array[],
    decided: Decided,
    { chain, contracts }: CrowdChain,
  ): Promise<Hex> {
    const { policy, network } = this.#city;
    const { decision, joined } = decided;
    const { history, numbers, members } = await this.#chain(chain, contracts);
    const inBatch = new Set(readRows(chunks).map(({ number }) => number));
    const rows = payingOf(decided.rows);
    const lines = [...rows.keys()].filter((key) => inBatch.has(numbers.get(joined.get(key) as Hex) ?? 0));
    const fault = findFault({
      ...{ intent, chunks, positions: history.positions, isMember: (number) => history.members.has(number) },
      memberOf: (number) => members.get(history.members.get(number) as Hex) as Member,
    });
    if (fault) throw new Error(`The batch would be refuted: ${fault.kind}.`);
    const paying = { decision, id: decisionId(decision), policy, rows, joined };
    checkIntent(intent, paying, network, { part: 0, lines, numberOf: (account) => numbers.get(account) });
    return signDigest(intentDigest(intent), keyOf(`decider ${this.name}`));
  }

  /** The chain, as this decider reads it itself, once: until it signed nothing is under way. */
  async #chain(chain: CrowdChain['chain'], contracts: CrowdChain['contracts']): Promise<OnChain> {
    if (this.#read) return this.#read;
    const agreement = hexOf(this.#city.agreement);
    const history = new BatchHistory(chain, contracts, agreement);
    await history.follow(await chain.finalBlock());
    const numbers = new Map([...history.members].map(([number, account]) => [account, number]));
    const members = new Map<Hex, Member>();
    for (const [number, account] of history.members)
      members.set(account, await readMember(chain, contracts, agreement, number));
    this.#read = { history, numbers, members };
    return this.#read;
  }
}

function payingOf(rows: Evaluated['rows']): Map<string, Row> {
  const all = [...rows].map(([key, { row }]) => [key, row] as const);
  return new Map(all.filter(([, { outcome }]) => outcome === 'pay'));
}
