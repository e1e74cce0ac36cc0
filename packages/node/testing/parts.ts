// The parts of a node for unit tests, joined as node.ts joins them, in a world of their own. Nothing happens by itself:
// what is in the log is given as an array of what things say, and what a test wants done it does.
import type { InstalledDomain } from '@trine/engine';
import { Domains } from '@trine/engine';
import { counting } from '@trine/engine/testing/counting.ts';
import { testIdentity } from '@trine/engine/testing/scene.ts';
import { openLog } from '@trine/log/log.ts';
import type { Log } from '@trine/log/types.ts';
import {
  type Agreement,
  type Answer,
  addressOfPrivateKey,
  agreementPayload,
  contentTypes,
  type Decision,
  detachBody,
  didKey,
  encodePack,
  type Monitor,
  monitorPayload,
  movesMoney,
  type NetworkDocument,
  policyHash,
  type Reading,
  type StatementContent,
  signStatement,
  toHex,
} from '@trine/protocol';
import { type TemporarySigner, temporarySigner } from '@trine/protocol/testing/signer.ts';
import type { Life } from '@trine/system/testing/virtual-time.ts';
import { Bodies } from '../access/bodies.ts';
import { policyHmac } from '../access/salts.ts';
import { Decider } from '../decide/decider.ts';
import { monitorOf } from '../decide/monitor.ts';
import type { StateSources } from '../decide/states.ts';
import type { Genesis } from '../genesis/genesis.ts';
import { type Identities, openIdentities } from '../genesis/identities.ts';
import { createAcknowledger } from '../ingest/acknowledger.ts';
import { Ingest } from '../ingest/ingest.ts';
import { ModelLifecycle } from '../lifecycle/lifecycle.ts';
import { openProjections, type Projections } from '../projections/open.ts';
import type { LoggedPolicy } from '../projections/policies.ts';
import type { Store } from '../projections/tables/store.ts';
import { agreementId } from '../settle/agreements.ts';
import { foundBare } from './genesis.ts';
import { HOME, T0, World } from './world.ts';

/** Something said, at a time after {@link T0}. */
export interface Said {
  /** Which thing says it; enrolled by what it first says. */
  readonly thing?: string;
  /** When it arrives, milliseconds. */
  readonly atMs: number;
  /** What its reading is of; its arrival by default. */
  readonly ofMs?: number;
  readonly value?: number;
  /** In place of that one. */
  readonly readings?: readonly Reading[];
  /** The body of an event, in place of a reading. */
  readonly text?: string;
  readonly supersedes?: Uint8Array;
  /** Its body stands in the log. */
  readonly open?: boolean;
  readonly class?: StatementContent['class'];
  readonly seq?: number;
  /** It promises that nothing it says from now on is of a time before. */
  readonly lowMs?: number;
  /** What it follows; the newest of its thing by default. */
  readonly prev?: Uint8Array;
}

export interface Logged {
  readonly id: Uint8Array;
  readonly leaf: number;
  readonly answer: Answer;
}

export interface Signed {
  readonly id: Uint8Array;
  /** As it goes into a message. */
  readonly delivery: { readonly statement: Uint8Array; readonly disclosure?: Uint8Array };
}

export interface PartsOptions {
  readonly world?: World;
  readonly installed?: readonly InstalledDomain[];
  /** Founded on a chain in memory; without one there is none. */
  readonly genesis?: (life: Life) => Promise<Genesis>;
  readonly onDecision?: (logged: LoggedPolicy, decision: Decision) => Promise<void>;
}

/** The domain that counts, as it is delivered. */
export const installedCounting: InstalledDomain = { domain: counting, identity: testIdentity('counting') };
const END_MS = 600_000;

export class Parts {
  declare readonly world: World;
  declare readonly genesis: Genesis;
  declare readonly log: Log;
  declare readonly bodies: Bodies;
  declare readonly store: Store;
  declare readonly projections: Projections;
  declare readonly ingest: Ingest;
  declare readonly identities: Identities;
  declare readonly domains: Domains;
  declare readonly sources: StateSources;
  declare readonly decider: Decider;
  declare readonly lifecycle: ModelLifecycle;
  /** Every decision, in the order in which they were made. */
  declare readonly decided: Decision[];
  declare readonly subject: string;
  /** The process is gone when it is over. */
  declare readonly life: { isOver: boolean };
  readonly #options: PartsOptions;
  readonly #keys: Map<string, TemporarySigner>;

  private constructor(opened: Opened, options: PartsOptions, keys: Map<string, TemporarySigner>) {
    Object.assign(this, opened);
    this.#options = options;
    this.#keys = keys;
  }

  static async open(options: PartsOptions = {}): Promise<Parts> {
    const world = options.world ?? (await World.make());
    return world.does(Parts.#open({ ...options, world }, world, new Map()));
  }

  static async #open(options: PartsOptions, world: World, keys: Map<string, TemporarySigner>): Promise<Parts> {
    const life = { isOver: false };
    const system = world.system(life);
    const genesis = await (options.genesis?.(life) ?? foundBare(system));
    const domains = new Domains(options.installed ?? [installedCounting]);
    const records = await openRecords(world, life, genesis, domains);
    const { projections } = records;
    const { keyDirectory, sequences, scheduler, models, policies, runner } = projections;
    const subject = `node/${genesis.network.id.slice(6, 14)}`;
    const ingest = await openIngest(world, life, genesis, records, subject);
    const identities = await openIdentities({
      ...{ genesis, ingest, keyDirectory, sequences, subject, random: world.random },
      hostname: 'test',
      logSize: records.log.size,
    });
    const { member: issuer } = identities;
    const sources = { ...projections.sources, models, policies, domains, hmac: policyHmac(genesis.keys.salts) };
    const decided: Decision[] = [];
    const decider = new Decider({
      ...{ ...sources, scheduler, runner, issuer, decider: didKey(genesis.keys.member.publicKey) },
      now: world.now,
      onDecision: async (logged, decision) => {
        decided.push(decision);
        await options.onDecision?.(logged, decision);
      },
    });
    const { account, recipient } = genesis.keys;
    const lifecycle = new ModelLifecycle({
      ...{ models, policies, decider, domains, issuer, store: records.store, runner, now: world.now },
      partyKeys: [account, recipient],
    });
    const opened = { world, genesis, ...records, ingest, identities, domains, sources, decider, lifecycle };
    return new Parts({ ...opened, decided, subject, life }, options, keys);
  }

  /** Lets time pass until something is done. */
  does<T>(work: Promise<T>): Promise<T> {
    return this.world.does(work);
  }

  signerOf(thing: string): TemporarySigner {
    const known = this.#keys.get(thing) ?? temporarySigner('Ed25519', this.world.random(32));
    this.#keys.set(thing, known);
    return known;
  }

  /** Says one after the other, each at its time. @throws Error where something is refused */
  async say(said: readonly Said[]): Promise<Logged[]> {
    const logged: Logged[] = [];
    for (const one of said) {
      const answered = await this.ask(one);
      if (answered.answer.verdict === 'refused') throw new Error(`Refused: ${answered.answer.reason}`);
      logged.push(answered);
    }
    return logged;
  }

  /** Says something at its time, and hears what became of it. */
  async ask(said: Said): Promise<Logged> {
    await this.world.reaches(said.atMs);
    return this.does(this.#ask(said));
  }

  async #ask(said: Said): Promise<Logged> {
    const { id, delivery } = await this.sign(said);
    const { answers } = await this.ingest.submit([delivery], 'test');
    const answer = answers[0] as Answer;
    return { id, leaf: answer.index ?? -1, answer };
  }

  /** What a thing would hand in: signed, its key let in, and not sent. */
  async sign({ thing = 'thing/1', atMs, ofMs = atMs, value = 1, text, open = false, ...said }: Said): Promise<Signed> {
    const signer = this.signerOf(thing);
    await this.identities.enrol(thing, {
      ...{ key: didKey(signer.publicKey), name: thing, class: said.class ?? 'software', subjects: [thing] },
    });
    const { readings = [{ quantity: 'q', unit: 'count', timeMs: T0 + ofMs, value }] } = said;
    const body = text === undefined ? encodePack(readings) : new TextEncoder().encode(text);
    const detached = open ? undefined : detachBody(body, this.world.random(16));
    const before = this.projections.sequences.get(thing, thing);
    const statement = await signStatement(signer, {
      kind: text === undefined ? 'pack' : 'event',
      ...{ subject: thing, network: this.genesis.network.id, epoch: before?.epoch ?? 0 },
      seq: said.seq ?? (before ? before.headSeq + 1 : 0),
      ...(before && { prev: said.prev ?? Uint8Array.from(before.headId, (char) => char.charCodeAt(0)) }),
      ...{ clock: 'synchronised', class: said.class ?? 'software' },
      contentType: text === undefined ? contentTypes.senmlCbor : 'text/plain',
      ...{ sealed: !open, payload: detached?.commitment ?? body },
      ...(said.supersedes && { supersedes: said.supersedes }),
      ...(said.lowMs !== undefined && { low: T0 + said.lowMs }),
    });
    const delivery = { statement: statement.bytes, ...(detached && { disclosure: detached.disclosure }) };
    return { id: statement.id, delivery };
  }

  /** Terms under which a thing owes 2 statements in 10 s, from {@link T0} on, and the operator 5 cents for each missing. */
  agreement(given: Partial<Agreement> = {}): Agreement {
    const { keys, network } = this.genesis;
    const { account, recipient, arbiter, member } = keys;
    return {
      trine: 'agreement/1',
      ...{
        network: network.id,
        origins: [this.genesis.origin],
        domain: 'counting',
        title: 'Counting',
        subject: 'thing/1',
      },
      terms: { thing: 'thing/1', windowMs: 10_000, graceMs: 1_000, due: 2, price: 5 },
      period: { startMs: T0, endMs: T0 + END_MS },
      model: this.domains.identity('counting'),
      gate: { ownersMin: 0, classMin: 'software', heartbeat: this.subject, heartbeatGapMsMax: 60_000 },
      parties: [
        { role: 'payer', name: 'Operator', address: addressOfPrivateKey(account) },
        { role: 'recipient', name: 'Customer', address: addressOfPrivateKey(recipient) },
      ],
      arbiter: addressOfPrivateKey(arbiter),
      money: {
        ...{ chainId: network.chain.id, contract: network.chain.direct },
        ...{ token: network.chain.tokens[0]?.address as string, currency: 'EUR' },
        ...{ perObligationMax: 1_000, totalMax: 10_000, disputeWindowS: 0, deadlineS: 3_600 },
        ...{ obligationMaxS: 40 * 86_400, settleWithinS: 366 * 86_400, holdMaxS: 86_400, afterHold: 'pay' },
      },
      deciders: { list: [{ key: didKey(member.publicKey), address: addressOfPrivateKey(account) }], quorum: 1 },
      ...given,
    };
  }

  /** The same without money. @param endsMs asked for as its end, after {@link T0} */
  monitor(given: Partial<Monitor> = {}, endsMs: number = END_MS): Monitor {
    const terms = { thing: 'thing/1', windowMs: 10_000, graceMs: 1_000, due: 2, price: 5 };
    const asked = { domain: 'counting', title: 'Counting', subject: 'thing/1', terms, startMs: T0, endMs: T0 + endsMs };
    const { domains, genesis, subject } = this;
    return { ...monitorOf({ domains, genesis, subject }, asked, this.world.now()), ...given };
  }

  /** Appends a policy. */
  async propose(policy: Agreement | Monitor): Promise<LoggedPolicy> {
    const { member } = this.identities;
    await this.does(
      movesMoney(policy)
        ? member.issue('agreement', policy.subject, agreementPayload.encode(policy))
        : member.issue('monitor', policy.subject, monitorPayload.encode(policy)),
    );
    return this.projections.policies.get(toHex(policyHash(policy))) as LoggedPolicy;
  }

  /** Decides what is due by a time after {@link T0}. @returns what was decided then */
  async decideAt(atMs: number): Promise<Decision[]> {
    await this.world.reaches(atMs);
    const before = this.decided.length;
    // What shows that the log was awake until then: the cut falls on it.
    const pulse = [{ quantity: 'log/size', unit: 'count', timeMs: this.world.now(), value: this.log.size }];
    await this.does(this.identities.gateway.measure(this.subject, pulse, { class: 'software', isOpen: true }));
    await this.does(this.projections.runner.flush());
    await this.does(this.decider.tick());
    return this.decided.slice(before);
  }

  /** Stops in order, and starts again with what is kept. */
  async restart(change: Partial<PartsOptions> = {}): Promise<Parts> {
    await this.close();
    return this.#again(change);
  }

  /** The process ends at once, with the power: what was not synced may be gone. */
  async crash(change: Partial<PartsOptions> = {}): Promise<Parts> {
    this.life.isOver = true;
    this.world.disk.restart();
    return this.#again(change);
  }

  #again(change: Partial<PartsOptions>): Promise<Parts> {
    const { world } = this;
    return world.does(Parts.#open({ ...this.#options, ...change, world }, world, this.#keys));
  }

  async close(): Promise<void> {
    const { decider, ingest, projections, store, bodies, log } = this;
    await this.does(
      (async () => {
        await decider.stop();
        await ingest.close();
        await ingest.snapshot();
        await projections.close();
        await store.close();
        await bodies.close();
        await log.close();
      })(),
    );
    this.life.isOver = true;
  }
}

type Opened = Omit<
  Parts,
  | 'does'
  | 'signerOf'
  | 'say'
  | 'ask'
  | 'sign'
  | 'agreement'
  | 'monitor'
  | 'propose'
  | 'decideAt'
  | 'restart'
  | 'crash'
  | 'close'
>;
type Records = Pick<Parts, 'log' | 'bodies' | 'store' | 'projections'>;

async function openRecords(world: World, life: Life, genesis: Genesis, domains: Domains): Promise<Records> {
  const system = world.system(life);
  const { keys, network, origin, contracts } = genesis;
  const log = await openLog({
    ...{ directory: `${HOME}/log`, origin, sign: keys.log.sign, publicKey: keys.log.publicKey.raw, system },
  });
  const bodies = new Bodies(`${HOME}/bodies`, system);
  const store = await world.openStore(life);
  const projections = await openProjections({
    ...{ network, log, bodies, store, domains, decider: didKey(keys.member.publicKey) },
    agreementId: (agreement) => agreementId(agreement, contracts),
    timers: system.timers,
    workers: system.workers,
    onError: (error) => {
      if (!life.isOver) throw error;
    },
  });
  return { log, bodies, store, projections };
}

async function openIngest(
  world: World,
  life: Life,
  { keys, network }: { readonly keys: Genesis['keys']; readonly network: NetworkDocument },
  { log, bodies, store, projections }: Records,
  subject: string,
): Promise<Ingest> {
  const [last] = await store.query<{ ms: number | null }>('SELECT max(arrival_ms) AS ms FROM statements');
  const { admission, runner, pool } = projections;
  return new Ingest({
    ...{ log, bodies, pool, admission, runner, now: world.now, timers: world.system(life).timers },
    acknowledger: createAcknowledger(keys.gateway, { network: network.id, subject, now: world.now }),
    lastArrivalMs: last?.ms ?? 0,
  });
}
