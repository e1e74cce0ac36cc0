// How the node is, once and live.
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Log } from '@trine/log/types.ts';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Ingest } from '../../ingest/ingest.ts';
import { faults } from '../../last-resort.ts';
import type { Node } from '../../node.ts';
import { get } from './route.ts';

export interface Overview {
  readonly network: { readonly id: string; readonly name: string };
  /** A practice chain: its payments are practice money. */
  readonly practice: boolean;
  readonly log: {
    readonly origin: string;
    readonly size: number;
    readonly checkpointSize: number;
    readonly vkey: string;
    /** Leaves that this release could not read: passed over. */
    readonly unreadable: number;
  };
  readonly ingest: {
    readonly sealed: number;
    readonly duplicates: number;
    readonly queued: number;
    readonly refused: Readonly<Record<string, number>>;
  };
  readonly ownDevice: { readonly subject: string; readonly paused: boolean } | undefined;
  readonly problem: string | undefined;
  /** Policies that cannot be decided now. */
  readonly undecidable: number;
  readonly transports: readonly { readonly name: string; readonly address: string }[];
  readonly faults: number;
  readonly bridged: { readonly refused: number; readonly last: string | undefined };
  /** Address of the broker that readings come through. */
  readonly mqtt: string;
  readonly chain: { readonly isolation: string; readonly kind: string };
  readonly startedMs: number;
  readonly deviceIntervalMs: number;
  readonly version: string;
}

export function overviewRoutes(api: OpenAPIHono, node: Node, version: string): void {
  const now = () => overviewOf(node, version);
  get(api, '/overview', 'How the node is.', {}, now);
  get(api, '/totals', 'Counts over all decisions and payments.', {}, () => node.views.totals());
  get(api, '/refusals', 'Statements refused last, oldest first.', {}, () => node.events.refusals);
  api.get('/events', (c) => liveEvents(c, node, now));
}

function overviewOf(node: Node, version: string): Overview {
  const { genesis, log, ingest, ownDevice, settings, decisions } = node;
  const { network, chain } = genesis;
  return {
    network: { id: network.id, name: network.name },
    practice: network.chain.kind === 'practice',
    log: { ...logFacts(log, genesis.origin), unreadable: node.runner.unreadable.length },
    ingest: ingestCounts(ingest),
    ownDevice: ownDevice && { subject: ownDevice.subject, paused: ownDevice.paused },
    problem: node.settler.problem ?? node.events.problem?.message ?? transportProblem(node) ?? node.webhook?.problem,
    undecidable: decisions.problems.size,
    transports: node.transports.map(({ name, address, health }) => ({ name, address, ...health })),
    faults: faults.count,
    bridged: node.bridged,
    mqtt: node.mqtt.address,
    chain: { isolation: chain.isolation, kind: chain.kind },
    startedMs: node.startedMs,
    deviceIntervalMs: settings.device.intervalMs,
    version,
  };
}

function logFacts(log: Log, origin: string): Omit<Overview['log'], 'unreadable'> {
  return { origin, size: log.durableSize, checkpointSize: log.checkpoint?.size ?? 0, vkey: log.vkey };
}

function ingestCounts({ sealed, duplicates, queued, refused }: Ingest): Overview['ingest'] {
  return { sealed, duplicates, queued, refused: Object.fromEntries(refused) };
}

/** A broker to attach to that is down is a problem; ways in that a setting leaves out are none. */
function transportProblem({ mqtt }: Node): string | undefined {
  return mqtt.health.connected ? undefined : mqtt.health.reason;
}

const OVERVIEW_MS = 1_000;
const WAITING_MAX = 500;

/** A listener that is too slow misses some; tables tell the whole. */
function liveEvents(c: Context, node: Node, overview: () => Overview): Response {
  return streamSSE(c, async (stream) => {
    const waiting: { event: string; data: string }[] = [];
    let wake: () => void = () => undefined;
    let open = true;
    const push = (event: string, data: unknown) => {
      if (waiting.length >= WAITING_MAX) waiting.shift();
      waiting.push({ event, data: JSON.stringify(data) });
      wake();
    };
    const stop = node.events.listen(({ event, data }) => push(event, data));
    const timer = setInterval(() => push('overview', overview()), OVERVIEW_MS);
    stream.onAbort(() => {
      open = false;
      wake();
    });
    push('overview', overview());
    try {
      while (open) {
        const next = waiting.shift();
        if (next) await stream.writeSSE(next);
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      clearInterval(timer);
      stop();
    }
  });
}
