// A log read from its public files, with the projections of a node and what it takes to decide again. No node and no
// store: whoever has the files and the bodies can replay. Whether the files are genuine is for fsck.
import {
  type KeptState,
  type LoggedWord,
  matchesSubject,
  type OpenedInput,
  openInput,
  type RecordedDecision,
  type RecordedInputs,
  type RecordedLog,
  type RecordedRow,
  type States,
  type Unread,
} from '@trine/engine';
import { openSource, remembering, type Source } from '@trine/log/fsck/source.ts';
import {
  decisionPayload,
  decodeLeaf,
  FormatError,
  type Hex,
  isDecider,
  type NetworkDocument,
  obligationId,
  openBody,
  openDisclosure,
  parseStatement,
  permissionRefusal,
  recoveryPayload,
  rowPayload,
  type Statement,
  sha256,
  statePayload,
  TrineError,
  toHex,
} from '@trine/protocol';
import { agreementId } from '../settle/agreements.ts';
import { KeyDirectory } from './keys.ts';
import { leafAt, leavesOf, readCheckpoint } from './log-files.ts';
import { ModelRegistry } from './models.ts';
import { isAgreement, PolicyRegistry } from './policies.ts';
import { type Entry, NO_UNDO, type Projection } from './projection.ts';
import type { SequenceFlag } from './sequence-flags.ts';
import { SequenceTracker } from './sequences.ts';

/** Where detached bodies come from, with their salts; undefined for one that was erased. */
export interface BodySource {
  read(index: number): Uint8Array | undefined;
}

export interface LogFolder extends RecordedLog {
  readonly network: NetworkDocument;
  readonly policies: PolicyRegistry;
  readonly models: ModelRegistry;
}

export interface ReadOptions {
  readonly network: NetworkDocument;
  readonly bodies: BodySource;
  readonly hmac?: RecordedLog['hmac'];
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Of the files of a log, which every policy that is replayed passes over. */
const KEPT_BYTES_MAX = 268_435_456;

/**
 * Reads a log once.
 *
 * @param address folder of its public files, or the URL they are served under
 * @throws TrineError when it is not a log of the network, or a file is missing
 */
export async function readLogFolder(address: string, options: ReadOptions): Promise<LogFolder> {
  const source = remembering(openSource(address), KEPT_BYTES_MAX);
  const { size, origin } = await readCheckpoint(source, options.network);
  const folder = new FollowedLog(source, origin, options);
  for await (const { index, leaf } of leavesOf(source, size)) {
    folder.take(index, leaf);
    options.onProgress?.(index + 1, size);
  }
  return folder;
}

/** A leaf that is a statement, as the projections of a node see it. */
class LeafEntry implements Entry {
  readonly index: number;
  readonly arrivalMs: number;
  readonly keyOwner: string;
  readonly flag: SequenceFlag | undefined;
  readonly #statement: Statement;
  readonly #bodies: BodySource;

  constructor(of: Pick<Entry, 'index' | 'arrivalMs' | 'keyOwner' | 'flag'>, statement: Statement, bodies: BodySource) {
    this.index = of.index;
    this.arrivalMs = of.arrivalMs;
    this.keyOwner = of.keyOwner;
    this.flag = of.flag;
    this.#statement = statement;
    this.#bodies = bodies;
  }

  get kind(): Entry['kind'] {
    return this.#statement.header.kind as Entry['kind'];
  }

  get subject(): string {
    return this.#statement.header.subject;
  }

  get issuer(): string {
    return this.#statement.header.issuer;
  }

  /** Readings are opened only where they are asked for: until then a statement stands at its arrival. */
  get firstMs(): number {
    return this.arrivalMs;
  }

  get lastMs(): number {
    return this.arrivalMs;
  }

  get supersedes(): Uint8Array | undefined {
    return this.#statement.header.supersedes;
  }

  statement(): Statement {
    return this.#statement;
  }

  body(): Uint8Array | undefined {
    if (!this.#statement.header.sealed) return this.#statement.payload;
    const disclosure = this.#bodies.read(this.index);
    return disclosure && openDisclosure(disclosure);
  }
}

interface KeptAt {
  readonly leaf: number;
  readonly key: string;
}

/** A log of which one leaf after the other is taken in, in their order; all that were stand in its files. */
export class FollowedLog implements LogFolder {
  readonly origin: string;
  readonly network: NetworkDocument;
  readonly hmac: RecordedLog['hmac'];
  readonly policies: PolicyRegistry;
  readonly models: ModelRegistry = new ModelRegistry();
  readonly #source: Source;
  readonly #bodies: BodySource;
  readonly #keys: KeyDirectory = new KeyDirectory();
  readonly #sequences: SequenceTracker = new SequenceTracker();
  readonly #projections: readonly Projection[];
  readonly #decisions = new Map<string, Map<string, RecordedDecision>>();
  readonly #rows = new Map<string, RecordedRow[]>();
  readonly #states = new Map<string, KeptAt[]>();
  readonly #unreadable: Unread[] = [];
  readonly #arrivals: number[] = [];
  /** Number of the subject of each pack and event, so that a second reading need not parse what it passes over. */
  readonly #about: number[] = [];
  readonly #subjects = new Map<string, number>();

  /** @param source of files that hold the leaves which were taken in */
  constructor(source: Source, origin: string, { network, bodies, hmac }: ReadOptions) {
    this.#source = source;
    this.origin = origin;
    this.network = network;
    this.#bodies = bodies;
    this.hmac = hmac;
    const contracts = { terms: network.chain.terms as Hex };
    this.policies = new PolicyRegistry((agreement) => agreementId(agreement, contracts));
    this.#keys.addMembers(network);
    this.#projections = [this.#keys, this.policies, this.models];
  }

  /** Leaves taken in. */
  get size(): number {
    return this.#arrivals.length;
  }

  /** When a leaf arrived; an intent with the leaf before it. */
  arrivalOf(index: number): number {
    return this.#arrivals[index] as number;
  }

  /** Takes in the next leaf. */
  take(index: number, leaf: Uint8Array): void {
    // Intents have no place among the statements: a cut never falls on one.
    this.#arrivals[index] = index > 0 ? (this.#arrivals[index - 1] as number) : Number.NEGATIVE_INFINITY;
    this.#about[index] = -1;
    const read = readStatement(leaf);
    if (read === undefined) return;
    const { statement, arrivalMs } = read;
    const key = this.#keys.get(statement.header.issuer);
    if (key === undefined || this.#keys.refusalOf(statement, index)) return;
    const { subject, epoch } = statement.header;
    if (epoch > this.#sequences.lastEpoch(key.keyOwner, subject)) return;
    this.#arrivals[index] = arrivalMs;
    const flag = this.#follow(statement, index, key.keyOwner);
    const of = { index, arrivalMs, keyOwner: key.keyOwner, flag };
    const entry = new LeafEntry(of, statement, this.#bodies);
    try {
      if (entry.kind === 'recovery') this.#recover(entry);
      for (const projection of this.#projections) projection.apply(entry, NO_UNDO);
      this.#keep(entry);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      this.#unreadable.push({ index, arrivalMs: entry.arrivalMs, subject: entry.subject });
    }
  }

  /** @returns what is odd about its place in its sequence */
  #follow({ header, id }: Statement, index: number, keyOwner: string): SequenceFlag | undefined {
    const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
    const { epoch, seq, prev, subject } = header;
    const place = { epoch, seq, id: latin1(id), prev: prev && latin1(prev) };
    const verdict = this.#sequences.classify(keyOwner, subject, place);
    const flag = 'flag' in verdict ? verdict.flag : undefined;
    this.#sequences.advance(keyOwner, subject, place, index, flag, NO_UNDO);
    return flag;
  }

  /** One that does not hold changes nothing. */
  #recover(entry: Entry): void {
    const { index, arrivalMs, subject, issuer: by } = entry;
    const statement = entry.statement();
    const refused = permissionRefusal(statement, undefined, {
      policy: (hash) => this.policies.get(hash)?.policy,
      agreementId: (hash) => this.policies.get(hash)?.id,
      joined: (hash, asked) => this.policies.joined(hash, asked),
      endedFrom: (hash) => this.policies.end(hash)?.fromMs,
      arrivalMs,
      index,
      keysOf: (keyOwner) => this.#keys.keysOf(keyOwner),
      forkOf: (keyOwner, about) => this.#sequences.forkOf(keyOwner, about),
    });
    if (refused) return;
    const recovery = recoveryPayload.decode(statement.payload);
    this.#sequences.recover(recovery, { subject, id: statement.id, index, arrivalMs, by }, NO_UNDO);
  }

  #keep(entry: Entry): void {
    const { kind, subject, index } = entry;
    if (kind === 'pack' || kind === 'event') {
      const number = this.#subjects.get(subject) ?? this.#subjects.size;
      this.#subjects.set(subject, number);
      this.#about[index] = number;
    } else if (kind === 'decision') this.#keepDecision(entry);
    else if (kind === 'row') this.#keepRow(entry);
    else if (kind === 'state') this.#keepState(entry);
  }

  /** The first decision on an obligation counts: another decider's copy says the same. */
  #keepDecision(entry: Entry): void {
    const decision = decisionPayload.decode(entry.statement().payload);
    const hash = toHex(decision.policy);
    const logged = this.policies.get(hash);
    if (logged === undefined || !isDecider(logged.policy, entry.issuer)) return;
    const byObligation = this.#decisions.get(hash) ?? new Map<string, RecordedDecision>();
    this.#decisions.set(hash, byObligation);
    const obligation = toHex(obligationId(decision.obligation));
    if (!byObligation.has(obligation)) byObligation.set(obligation, { leaf: entry.index, decision });
  }

  #keepRow(entry: Entry): void {
    const body = entry.body();
    if (body === undefined) return;
    const { policy, obligation, key, outcome, effects } = rowPayload.decode(body);
    const own = toHex(obligationId(obligation));
    const place = `${toHex(policy)} ${obligation.base ? toHex(obligation.base) : own}`;
    const rows = this.#rows.get(place) ?? [];
    this.#rows.set(place, rows);
    const isKnown = rows.some((row) => row.obligation === own && row.key === key);
    if (!isKnown) rows.push({ leaf: entry.index, obligation: own, key, outcome, effects });
  }

  #keepState(entry: Entry): void {
    const body = entry.body();
    if (body === undefined) return;
    const { policy, key } = statePayload.decode(body);
    const hash = toHex(policy);
    const kept = this.#states.get(hash) ?? [];
    this.#states.set(hash, kept);
    kept.push({ leaf: entry.index, key });
  }

  cutAt(atMs: number): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#arrivals[middle] as number) < atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  decisions(policy: string): readonly RecordedDecision[] {
    return [...(this.#decisions.get(policy)?.values() ?? [])];
  }

  rows(policy: string, base: string): readonly RecordedRow[] {
    return this.#rows.get(`${policy} ${base}`) ?? [];
  }

  wordOn(policy: string, decision: string, row: string): LoggedWord | undefined {
    const logged = this.policies.get(policy);
    const isBatched = logged && isAgreement(logged) && logged.policy.money.contract === this.network.chain.batch;
    return isBatched ? this.policies.wordOn(policy, decision, row) : undefined;
  }

  states(policy: string, leaf: number): States {
    const newest = new Map<string, number>();
    for (const kept of this.#states.get(policy) ?? []) if (kept.leaf < leaf) newest.set(kept.key, kept.leaf);
    const states = new Map<string, KeptState>();
    for (const [key, at] of newest) {
      const disclosure = this.#bodies.read(at);
      if (disclosure) states.set(key, readKeptState(Uint8Array.from(disclosure)));
    }
    return states;
  }

  /** Leaves from one on that are about some subjects and are packs or events. */
  async *about(patterns: readonly string[], from = 0): AsyncGenerator<{ index: number; leaf: Uint8Array }> {
    const wanted = new Set<number>();
    for (const [subject, number] of this.#subjects) if (matchesSubject(patterns, subject)) wanted.add(number);
    yield* leavesOf(this.#source, this.size, (index) => index >= from && wanted.has(this.#about[index] as number));
  }

  /** @param from what was opened and erased before this leaf is left out */
  async inputs(patterns: readonly string[], from = 0): Promise<RecordedInputs> {
    const opened: OpenedInput[] = [];
    const erased: Unread[] = [];
    const unreadable = this.#unreadable.filter(({ subject }) => matchesSubject(patterns, subject));
    for await (const { index, leaf } of this.about(patterns, from)) {
      const found = this.#open(index, leaf);
      if (found === undefined) {
        const subject = readStatement(leaf)?.statement.header.subject;
        if (subject) unreadable.push({ index, arrivalMs: this.#arrivals[index] as number, subject });
      } else if (found.isErased)
        erased.push({ index, arrivalMs: found.arrivalMs, subject: found.statement.header.subject, said: found });
      else opened.push(found);
    }
    const isAbout = (subject: string) => matchesSubject(patterns, subject);
    return {
      opened,
      erased,
      unreadable: unreadable.sort((a, b) => a.index - b.index),
      forks: await this.#forks(isAbout),
      recoveries: this.#sequences
        .forksAbout(isAbout)
        .flatMap(({ keyOwner, subject, from, recovery }) =>
          recovery ? [{ keyOwner, subject, from, origin: this.origin, ...recovery }] : [],
        ),
    };
  }

  async #forks(isAbout: (subject: string) => boolean): Promise<[OpenedInput, OpenedInput][]> {
    const found: [OpenedInput, OpenedInput][] = [];
    for (const { sides } of this.#sequences.forksAbout(isAbout)) {
      const [first, second] = sides;
      const one = this.#open(first, await leafAt(this.#source, this.size, first));
      const other = this.#open(second, await leafAt(this.#source, this.size, second));
      if (one && other) found.push([one, other]);
    }
    return found;
  }

  /** @returns undefined where it was never taken: no node admits what is of no form */
  #open(index: number, leaf: Uint8Array): (OpenedInput & { readonly isErased: boolean }) | undefined {
    const read = readStatement(leaf);
    const key = read && this.#keys.get(read.statement.header.issuer);
    if (read === undefined || key === undefined) return undefined;
    const { statement, arrivalMs } = read;
    const { sealed } = statement.header;
    const disclosure = sealed ? this.#bodies.read(index) : undefined;
    const isErased = sealed && disclosure === undefined;
    try {
      const input = openInput({
        origin: this.origin,
        index,
        arrivalMs,
        statement,
        body: isErased ? undefined : openBody(statement, disclosure),
        keyOwner: key.keyOwner,
        owner: key.owner,
        ownerAddress: this.network.members.find((member) => member.key === key.owner)?.address ?? '',
      });
      return { ...input, isErased };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      if (error.refusal !== 'bad-commitment') return undefined;
      throw new TrineError('damaged', `The body of leaf ${index} is not the one that was signed: ${error.message}`);
    }
  }
}

/** @returns undefined where a leaf is no statement, or of no form: then nobody looks at it */
function readStatement(leaf: Uint8Array): { statement: Statement; arrivalMs: number } | undefined {
  try {
    const decoded = decodeLeaf(leaf);
    if (decoded.kind === 'intent') return undefined;
    return { statement: parseStatement(decoded.statement), arrivalMs: decoded.arrivalMs };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return undefined;
  }
}

function readKeptState(disclosure: Uint8Array): KeptState {
  const { state } = statePayload.decode(openDisclosure(disclosure));
  return { state, commitment: sha256(disclosure), disclosure };
}
