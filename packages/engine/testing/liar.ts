// A lying node: one hand holds the keys of the only member, of log, gateway and decider. The device and its key are honest.
// It seals what it likes when it likes, decides on what it likes, and writes what files it likes. Only what devices sign it
// cannot make.
import {
  type Agreement,
  agreementId,
  agreementPayload,
  commitHeads,
  contentTypeOf,
  contentTypes,
  type Decision,
  decisionId,
  decisionPayload,
  didKey,
  type Evidence,
  type EvidenceLog,
  encodeEvidence,
  encodeNetwork,
  encodePack,
  encodeStatementLeaf,
  enrolmentPayload,
  forkSides,
  formatVerifierKey,
  fromHex,
  type Hex,
  leafHash,
  memoryTree,
  type NetworkDocument,
  policyHash,
  proofRanges,
  proveHeads,
  type Reading,
  type SequenceHead,
  type Statement,
  type StatementContent,
  sha256,
  signCheckpoint,
  signStatement,
  toHex,
  treeRoot,
  verifierKey,
} from '@trine/protocol';
import { type TemporarySigner, temporarySigner } from '@trine/protocol/testing/signer.ts';
import { evaluate } from '../evaluate.ts';
import { headsOf } from '../heads.ts';
import { inputRanges, type OpenedInput, openInput } from '../inputs.ts';
import { mergeLogs } from '../logs.ts';
import { Domains } from '../replay.ts';
import { NO_STATES, type States, saltsOf } from '../states.ts';
import { counting } from './counting.ts';
import { testIdentity } from './scene.ts';

/** 2026-01-01. */
export const T0 = 1_767_225_600_000;
export const WINDOW_MS = 10_000;
export const GRACE_MS = 1_000;
export const THING = 'pump/1';
const HEARTBEAT = 'node/x';
const address = (digit: string): Hex => `0x${digit.repeat(40)}`;

export interface Place {
  readonly origin: string;
  readonly index: number;
}

/** Who signs, and where its sequence stands. */
export class Speaker {
  readonly signer: TemporarySigner;
  readonly keyOwner: string;
  readonly subject: string;
  readonly network: string;
  /** Everything it ever signed, with the times it spoke of. */
  readonly said: { readonly statement: Statement; readonly timesMs: readonly number[] }[] = [];
  #head: { seq: number; id: Uint8Array } | undefined;

  constructor(name: string, network: string, subject: string) {
    this.signer = temporarySigner('Ed25519', sha256(new TextEncoder().encode(name)));
    this.keyOwner = name;
    this.network = network;
    this.subject = subject;
  }

  async pack(timesMs: readonly number[], more: Partial<StatementContent> = {}): Promise<Statement> {
    const readings: Reading[] = timesMs.map((timeMs) => ({ quantity: 'q', unit: 'count', timeMs, value: 1 }));
    const statement = await signStatement(this.signer, {
      kind: 'pack',
      ...{ subject: this.subject, network: this.network, epoch: 0, seq: (this.#head?.seq ?? -1) + 1 },
      ...(this.#head && { prev: this.#head.id }),
      ...{
        clock: 'synchronised',
        class: 'software',
        contentType: contentTypes.senmlCbor,
        payload: encodePack(readings),
      },
      ...more,
    });
    this.#head = { seq: statement.header.seq, id: statement.id };
    this.said.push({ statement, timesMs });
    return statement;
  }
}

/** What a decision is made of; whatever is left out is as an honest decider has it. */
export interface Claim {
  readonly fromMs: number;
  /** Places of what goes in. */
  readonly inputs: readonly Place[];
  readonly cuts?: Decision['cuts'];
  readonly heads?: readonly SequenceHead[];
  readonly states?: States;
  readonly continues?: Uint8Array | undefined;
  /** Changed after it was computed. */
  readonly change?: Partial<Decision>;
  readonly signer?: Speaker;
  readonly arrivalMs?: number;
}

export interface Claimed {
  readonly decision: Decision;
  readonly place: Place;
  readonly states: States;
  readonly statesBefore: States;
  readonly inputs: readonly OpenedInput[];
  readonly heads: readonly SequenceHead[];
  readonly salts: NonNullable<Evidence['salts']>;
}

export class Liar {
  readonly origins: readonly string[];
  readonly network: NetworkDocument;
  readonly policy: Agreement;
  readonly domains = new Domains([{ domain: counting, identity: testIdentity('counting') }]);
  readonly device: Speaker;
  readonly importer: Speaker;
  readonly heartbeat: Speaker;
  readonly #member = temporarySigner('Ed25519', sha256(Uint8Array.of(1)));
  readonly #logKeys: readonly TemporarySigner[];
  readonly #leaves = new Map<string, Uint8Array[]>();
  readonly #statements = new Map<string, { statement: Statement; arrivalMs: number; keyOwner: string }>();
  readonly #owners = new Map<string, string>();
  #memberSeq = 0;
  #memberPrev: Uint8Array | undefined;

  constructor(origins: readonly string[] = ['liar.example/log'], policy: Partial<Agreement> = {}) {
    this.origins = origins;
    this.#logKeys = origins.map((origin) => temporarySigner('Ed25519', sha256(new TextEncoder().encode(origin))));
    const id = `trine:${'a'.repeat(32)}`;
    this.network = {
      trine: 'network/1',
      ...{ id, name: 'Liars', founded: '2026-01-01T00:00:00.000Z', quorum: 1 },
      members: [
        {
          name: 'Liar',
          key: didKey(this.#member.publicKey),
          address: address('1'),
          logs: origins.map((origin, i) => ({
            origin,
            vkey: formatVerifierKey(verifierKey(origin, this.#logKey(i).publicKey.raw)),
          })),
        },
      ],
      chain: {
        ...{ id: 31_337, kind: 'practice', registry: address('2'), checkpoints: address('3'), accounts: address('4') },
        ...{ terms: address('5'), direct: address('6'), batch: address('7') },
        tokens: [{ address: address('8'), currency: 'EUR', decimals: 2 }],
      },
    };
    this.policy = {
      trine: 'agreement/1',
      ...{ network: id, origins: [...origins], domain: 'counting', title: 'Counting', subject: THING },
      terms: { thing: THING, windowMs: WINDOW_MS, graceMs: GRACE_MS, due: 2, price: 5 },
      period: { startMs: T0, endMs: T0 + 100 * WINDOW_MS },
      model: testIdentity('counting'),
      gate: { ownersMin: 0, classMin: 'software', heartbeat: HEARTBEAT, heartbeatGapMsMax: 15_000 },
      parties: [
        { role: 'payer', name: 'A well-known insurer', address: address('9') },
        { role: 'recipient', name: 'Me', address: address('a') },
      ],
      arbiter: address('b'),
      money: {
        ...{ chainId: 31_337, contract: address('6'), token: address('8'), currency: 'EUR' },
        ...{ perObligationMax: 1_000, totalMax: 10_000, obligationMaxS: 3_600, settleWithinS: 86_400 },
        ...{ disputeWindowS: 0, holdMaxS: 3_600, afterHold: 'pay', deadlineS: 3_600 },
      },
      deciders: { list: [{ key: didKey(this.#member.publicKey), address: address('c') }], quorum: 1 },
      ...policy,
    };
    this.device = new Speaker(THING, id, THING);
    this.importer = new Speaker('importer/evil', id, THING);
    this.heartbeat = new Speaker(HEARTBEAT, id, HEARTBEAT);
  }

  #logKey(i: number): TemporarySigner {
    return this.#logKeys[i] as TemporarySigner;
  }

  get agreement(): Uint8Array {
    return fromHex(agreementId(this.policy, address('5')).slice(2));
  }

  /** Network document, enrolments and terms, in the first log. */
  async found(atMs: number = T0 - 60_000): Promise<void> {
    const [origin] = this.origins as [string];
    const { policy, network } = this;
    await this.#memberSays(origin, 'network', network.id, encodeNetwork(network), atMs);
    for (const speaker of [this.heartbeat, this.device, this.importer]) {
      const { signer, keyOwner, subject } = speaker;
      const key = didKey(signer.publicKey);
      const enrolment = { key, name: 'Pump', class: 'software' as const, subjects: [subject] };
      this.#owners.set(key, keyOwner);
      await this.#memberSays(origin, 'enrolment', keyOwner, enrolmentPayload.encode(enrolment), atMs);
    }
    await this.#memberSays(origin, 'agreement', policy.subject, agreementPayload.encode(policy), atMs);
  }

  /** What the member says about its policy, in the first log. */
  says(kind: 'consent' | 'policy-end', payload: Uint8Array, arrivalMs: number): Promise<Place> {
    return this.#memberSays(this.origins[0] as string, kind, this.policy.subject, payload, arrivalMs);
  }

  async #memberSays(
    origin: string,
    kind: StatementContent['kind'],
    subject: string,
    payload: Uint8Array,
    arrivalMs: number,
    signer: TemporarySigner = this.#member,
  ): Promise<Place> {
    const statement = await signStatement(signer, {
      ...{ kind, subject, network: this.network.id, epoch: 0, seq: this.#memberSeq++, clock: 'synchronised' },
      ...{ class: 'software', contentType: contentTypeOf(kind), payload },
      ...(this.#memberPrev && { prev: this.#memberPrev }),
    });
    this.#memberPrev = statement.id;
    return this.seal(statement, arrivalMs, origin);
  }

  /** Gives a statement the next leaf of a log. */
  seal(statement: Statement, arrivalMs: number, origin: string = this.origins[0] as string): Place {
    const leaves = this.#leaves.get(origin) ?? [];
    this.#leaves.set(origin, leaves);
    const place = { origin, index: leaves.length };
    leaves.push(encodeStatementLeaf(arrivalMs, statement.bytes));
    const keyOwner = this.#owners.get(statement.header.issuer) ?? statement.header.issuer;
    this.#statements.set(`${origin} ${place.index}`, { statement, arrivalMs, keyOwner });
    return place;
  }

  /** The first leaf of a log that arrived at a time or later. */
  cutAt(atMs: number, origin: string = this.origins[0] as string): number {
    for (let index = 0; ; index++) {
      const at = this.#statements.get(`${origin} ${index}`);
      if (at === undefined || at.arrivalMs >= atMs) return index;
    }
  }

  cuts(fromMs: number): Decision['cuts'] {
    const atMs = fromMs + WINDOW_MS + GRACE_MS;
    return this.origins.map((origin) => ({ origin, index: this.cutAt(atMs, origin), atMs }));
  }

  opened({ origin, index }: Place): OpenedInput {
    const at = this.#statements.get(`${origin} ${index}`);
    if (at === undefined) throw new RangeError(`There is no leaf ${index}.`);
    const { statement, arrivalMs, keyOwner } = at;
    const owner = didKey(this.#member.publicKey);
    const shared = { origin, index, arrivalMs, statement, keyOwner, owner, ownerAddress: address('1') };
    return openInput({ ...shared, body: statement.payload });
  }

  /** Packs below the cuts. */
  packs(cuts: Decision['cuts']): OpenedInput[] {
    const all = cuts.flatMap(({ origin, index }) =>
      Array.from({ length: index }, (_, i) => ({ origin, index: i })).filter(
        (place) => this.#statements.get(`${origin} ${place.index}`)?.statement.header.kind === 'pack',
      ),
    );
    return mergeLogs(
      cuts,
      all.map((place) => this.opened(place)),
    );
  }

  honestHeads(cuts: Decision['cuts']): SequenceHead[] {
    const packs = this.packs(cuts);
    return headsOf([THING, HEARTBEAT], packs, forkSides(packs));
  }

  async decide(claim: Claim): Promise<Claimed> {
    const { fromMs, cuts = this.cuts(fromMs), states = NO_STATES } = claim;
    const obligation = { trigger: 'window', fromMs, toMs: fromMs + WINDOW_MS };
    const heads = claim.heads ?? this.honestHeads(cuts);
    const model = await this.domains.open('counting', this.policy.model, {});
    const salts = new Map<string, NonNullable<Evidence['salts']>[number]>();
    const salt = saltsOf((message) => sha256(message), policyHash(this.policy), obligation);
    const inputs = mergeLogs(
      cuts,
      claim.inputs.map((place) => this.opened(place)),
    );
    const evaluated = evaluate({
      ...{ model, agreement: this.agreement, policy: this.policy, obligation, cuts, continues: claim.continues },
      ...{ states, heads: commitHeads(heads), candidates: inputs, forks: forkSides(inputs) },
      salt: (purpose, key) => {
        salts.set(`${purpose} ${key}`, { purpose, key, salt: salt(purpose, key) });
        return salt(purpose, key);
      },
    });
    const decision: Decision = { ...evaluated.decision, ...claim.change };
    const arrivalMs = claim.arrivalMs ?? fromMs + WINDOW_MS + GRACE_MS + 500;
    const payload = decisionPayload.encode(decision);
    const signer = claim.signer?.signer;
    const place = await this.#memberSays(this.origins[0] as string, 'decision', THING, payload, arrivalMs, signer);
    const sorted = [...salts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
    const went = [...evaluated.parts.values()].flat();
    return { decision, place, states: evaluated.states, statesBefore: states, inputs: went, heads, salts: sorted };
  }

  /** @param around places shown besides what a file must hold */
  file(
    claimed: Claimed,
    around: readonly Place[] = [],
    change: (evidence: Evidence) => Evidence = (same) => same,
  ): Uint8Array {
    const { decision, inputs, statesBefore, heads, salts } = claimed;
    const subjects = new Set(inputs.map(({ statement }) => statement.header.subject)).add(THING);
    subjects.delete(HEARTBEAT);
    const [first] = this.origins as [string];
    const always = [0, 1, 2, 3, 4].map((index) => ({ origin: first, index }));
    const needed = [...always, claimed.place, ...inputs, ...around];
    const states = [...statesBefore].map(([key, { disclosure }]) => ({ key, disclosure }));
    return encodeEvidence(
      change({
        trine: 'evidence/1',
        about: { kind: 'decision', id: decisionId(decision) },
        logs: this.origins.map((origin, i) => this.#logOf(origin, i, needed, decision.cuts)),
        inputs: [{ key: '', ranges: inputRanges(inputs) }],
        heads: proveHeads(heads, [...subjects]),
        ...(states.length > 0 && { states }),
        ...(salts.length > 0 && { salts }),
      }),
    );
  }

  #logOf(origin: string, i: number, needed: readonly Place[], cuts: Decision['cuts']): EvidenceLog {
    const leaves = this.#leaves.get(origin) ?? [];
    const own = new Set(needed.filter((place) => place.origin === origin).map(({ index }) => index));
    const cut = cuts.find((one) => one.origin === origin)?.index ?? 0;
    const arrivals = [cut - 1, cut].filter((index) => index >= 0 && index < leaves.length && !own.has(index));
    const indexes = [...own, ...arrivals].sort((a, b) => a - b);
    const hashes = leaves.map(leafHash);
    const root = treeRoot(hashes.length, memoryTree(hashes));
    const key = this.#logKey(i);
    const { note: checkpoint } = signCheckpoint({ origin, size: leaves.length, root }, key.publicKey.raw, key.sign);
    const proof = proofRanges(indexes, leaves.length).map(([from, to]) =>
      treeRoot(to - from, memoryTree(hashes.slice(from, to))),
    );
    const shown = indexes.map((index) => ({ index, leaf: leaves[index] as Uint8Array }));
    return { checkpoint, leaves: shown, proof, ...(arrivals.length > 0 && { arrivals }), bodies: [] };
  }
}

/** Signed about a time, whether it was ever sealed or not. */
export function saidOf({ said }: Speaker, fromMs: number): Statement[] {
  const isWithin = (ms: number) => ms >= fromMs && ms < fromMs + WINDOW_MS;
  return said.filter(({ timesMs }) => timesMs.some(isWithin)).map(({ statement }) => statement);
}

export function idsOf(statements: readonly { readonly id: Uint8Array }[]): string[] {
  return statements.map(({ id }) => toHex(id)).sort();
}
