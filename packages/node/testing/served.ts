// A node that is asked over HTTP without a port: the parts of unit tests, joined as node.ts joins them, behind the whole of
// its interface. Nothing is stubbed but the broker, which no route speaks to, and the free bytes of a disk that is none.
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { type Decision, decisionId, toHex } from '@trine/protocol';
import { pino } from 'pino';
import { Eraser } from '../access/erase.ts';
import { Pseudonyms } from '../access/pseudonyms.ts';
import { openConnectors } from '../connectors/open.ts';
import { Simulation } from '../connectors/simulated.ts';
import { sandboxFiles } from '../dependencies.ts';
import { buildEvidence } from '../evidence/build.ts';
import { readVerifier } from '../genesis/verifier.ts';
import { Counters } from '../ingest/counters.ts';
import { PlainMessages } from '../ingest/plain-messages.ts';
import { saidBefore } from '../ingest/said-before.ts';
import { brokerParts } from '../ingest/testing/broker.ts';
import { type HttpTransport, openHttpTransport } from '../ingest/transports/http.ts';
import type { EmbeddedMqtt } from '../ingest/transports/mqtt.ts';
import type { Node } from '../node.ts';
import { openProposals } from '../proposals/open.ts';
import { createApi } from '../serve/app.ts';
import { EventBus } from '../serve/events.ts';
import { Health } from '../serve/health.ts';
import { Views } from '../serve/views.ts';
import { toyConnectors } from './connectors.ts';
import type { Parts, PartsOptions } from './parts.ts';
import { openSettling, type Settling } from './settling.ts';
import { HOME, settingsOf } from './world.ts';

/** An answer, read to its end. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  readonly text: string;
  /** @throws SyntaxError where it is no JSON */
  json(): unknown;
}

export interface Asked {
  readonly method?: string;
  /** In place of that of the installation; empty: none. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object goes as JSON. */
  readonly body?: object | string | Uint8Array<ArrayBuffer>;
  /** The connection that it comes on. */
  readonly socket?: object;
}

/** What a refusal of the one family says. */
export interface Problem {
  readonly error: string;
  readonly code: string;
  readonly retry: string;
  readonly status: number;
  readonly facts: Readonly<Record<string, unknown>>;
}

const STEP_MS = 5;
const STEPS_MAX = 20_000;
const HOST = '127.0.0.1';

export class ServedNode {
  readonly settling: Settling;
  readonly node: Node;
  readonly http: HttpTransport;
  readonly api: OpenAPIHono;
  /** Lines of the node's log, as they were written. */
  readonly logged: string[];
  readonly #connection = { remoteAddress: HOST };

  private constructor(settling: Settling, change: Partial<Node>) {
    this.settling = settling;
    this.logged = [];
    this.node = nodeOf(settling, this.logged, change);
    const { ingest } = settling.parts;
    this.http = openHttpTransport({ ingest, address: `http://${HOST}/`, now: settling.parts.world.now });
    this.api = createApi({ node: this.node, webRoot: `${HOME}/nowhere`, version: 'test', http: this.http });
  }

  /** @param change of what the node consists of */
  static async open(
    options: Omit<PartsOptions, 'genesis' | 'onDecision'> = {},
    change: Partial<Node> = {},
  ): Promise<ServedNode> {
    return new ServedNode(await openSettling(options), change);
  }

  /** The interface of parts that were opened before. */
  static over(settling: Settling): ServedNode {
    return new ServedNode(settling, {});
  }

  get parts(): Parts {
    return this.settling.parts;
  }

  /** An answer as it begins to come. @param path with its query */
  async open(path: string, { method = 'GET', token, headers, body, socket }: Asked = {}): Promise<Response> {
    const known = token ?? this.node.genesis.keys.token;
    const isJson = typeof body === 'object' && !(body instanceof Uint8Array);
    const init = {
      method,
      headers: {
        host: HOST,
        ...(known !== '' && { authorization: `Bearer ${known}` }),
        ...(isJson && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: isJson ? JSON.stringify(body) : body }),
    };
    const env = { incoming: { socket: socket ?? this.#connection } };
    return this.does(Promise.resolve(this.api.request(`http://${HOST}${path}`, init as RequestInit, env)));
  }

  /** An answer, read to its end. */
  async ask(path: string, asked: Asked = {}): Promise<Answered> {
    const response = await this.open(path, asked);
    const bytes = new Uint8Array(await this.does(response.arrayBuffer()));
    const text = new TextDecoder().decode(bytes);
    return {
      ...{ status: response.status, headers: response.headers, bytes, text },
      json: () => JSON.parse(text),
    };
  }

  /** Everything that is durable stands in the tables. */
  recorded(): Promise<void> {
    return this.does(this.parts.projections.runner.flush());
  }

  /** What is there, as JSON. @throws Error where it is refused */
  async get<T>(path: string): Promise<T> {
    const { status, json, text } = await this.ask(path);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return json() as T;
  }

  post(path: string, body: Asked['body'], more: Asked = {}): Promise<Answered> {
    return this.ask(path, { method: 'POST', ...(body !== undefined && { body }), ...more });
  }

  /** Lets time pass until something is done: little by little, for some of it is real work beside this thread. */
  async does<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const end = () => {
      isDone = true;
    };
    work.then(end, end);
    const { time } = this.parts.world;
    for (let step = 0; !(await time.until(() => isDone, STEP_MS)); step++) {
      if (step > STEPS_MAX) throw new Error('It stalls: no time leads there.');
      await sleep(1);
    }
    return work;
  }

  close(): Promise<void> {
    return this.settling.close();
  }
}

export interface Owing {
  readonly served: ServedNode;
  /** Hash of the agreement, and its id. */
  readonly policy: string;
  readonly agreement: string;
  /** Its first decision: one of two statements is missing, and five cents are owed. */
  readonly decision: string;
}

/** A node that has decided once, under an agreement made over HTTP; what it owes is ordered and paid by `settling.settle`. */
export async function openOwing(...given: Parameters<typeof ServedNode.open>): Promise<Owing> {
  const served = await ServedNode.open(...given);
  const { parts } = served;
  const proposed = await served.post('/api/v1/policies', { policy: parts.agreement() });
  const { policy } = proposed.json() as { policy: string };
  await parts.say([{ atMs: 1_000 }]);
  const [decided] = await parts.decideAt(12_000);
  await served.recorded();
  const agreement = toHex(parts.projections.policies.find(policy)?.id as Uint8Array);
  return { served, policy, agreement, decision: toHex(decisionId(decided as Decision)) };
}

/** A refusal of the one family. @throws SyntaxError where it is none */
export function problemOf({ json }: Pick<Answered, 'json'>): Problem {
  return json() as Problem;
}

/** Connectors, and what takes their messages. */
function plainOf({ world, life, store, identities, projections: { runner } }: Parts) {
  const given = { ...world.system(life), sandbox: sandboxFiles };
  const opened = openConnectors(settingsOf(), toyConnectors, given);
  const { gateway } = identities;
  return {
    ...opened,
    plain: new PlainMessages({ ...opened, gateway, now: world.now, isSaid: saidBefore(store, runner) }),
  };
}

function nodeOf({ parts, settler, decisions, chain }: Settling, logged: string[], change: Partial<Node>): Node {
  const { world, life, log, bodies, store, ingest, identities, projections, genesis } = parts;
  const { runner, keyDirectory, sequences, policies, models, scheduler } = projections;
  const { timers, random, disk } = world.system(life);
  const { member, enrol, revoke, recover } = identities;
  const settings = settingsOf();
  const events = new EventBus(world.now);
  runner.onCommit((commit) => events.committed(commit));
  ingest.onRefused((refusal, message, source) => events.refused(refusal, message, source));
  const mqtt: EmbeddedMqtt = {
    ...{ name: 'mqtt', address: `mqtt://${HOST}:1883`, port: 1_883, connections: 0, counters: new Counters() },
    ...{ health: { connected: true, sinceMs: world.now() }, accept: () => undefined, close: async () => undefined },
    users: brokerParts().access.users,
  };
  const { plain, ...opened } = plainOf(parts);
  const kept = { log, bodies, store, runner, ingest };
  const eraser = new Eraser({ ...kept, issuer: member, timers, random, settler, origins: opened.origins });
  const limits = settings.pseudonyms;
  return {
    ...{ ...kept, settings, genesis, keyDirectory, sequences, policies, models, decisions, settler, events, mqtt },
    proposals: openProposals({
      settings,
      genesis,
      decisions,
      settler,
      policies,
      member,
      clock: world.now,
      timers,
      random,
      disk,
    }),
    logger: pino({ level: 'error' }, { write: (line) => void logged.push(line) }),
    subject: parts.subject,
    domainFile: undefined,
    lifecycle: parts.lifecycle,
    views: new Views(store, keyDirectory, sequences, settler),
    health: new Health({
      ...{ home: HOME, clock: world.now, chain, log, store, decisions, settler, mqtt, webhook: undefined, events },
      ...{ timers, probe: { freeBytes: async () => 1e12 } },
    }),
    webhook: undefined,
    silences: undefined,
    transports: [mqtt],
    domains: parts.domains,
    domainsModule: undefined,
    ownDevice: undefined,
    ...{
      plain,
      ...opened,
      simulation: new Simulation(undefined, plain.take.bind(plain), { clock: world.now, timers }),
    },
    ...{ clock: world.now, timers, startedMs: world.now(), enrol, revoke, recover },
    pseudonyms: new Pseudonyms({
      ...{ store, runner, keyDirectory, sequences, scheduler, member, enrol, revoke, random, now: world.now, limits },
    }),
    forget: (about, said) => eraser.forget(about, said),
    evidence: (about) =>
      buildEvidence({ ...decisions.sources, log, settler, policies, origins: opened.origins }, about),
    verifier: () => readVerifier(disk, HOME, genesis.network),
    stop: async () => undefined,
    ...change,
  };
}
