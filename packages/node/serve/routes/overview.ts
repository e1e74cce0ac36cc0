// How the node is.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from '@hono/zod-openapi';
import type { Log } from '@trine/log/types.ts';
import type { Ingest } from '../../ingest/ingest.ts';
import { faults } from '../../last-resort.ts';
import type { Node } from '../../node.ts';
import { refusalSchema } from '../events.ts';
import { healthProblemSchema } from '../health.ts';
import { type Immutable, timeMs } from '../schema.ts';
import { totalsSchema } from '../views/decisions.ts';
import { get } from './route.ts';

export const overviewSchema = z
  .object({
    network: z.object({ id: z.string(), name: z.string() }),
    practice: z.boolean().openapi({ description: 'A practice chain: its payments are practice money.' }),
    log: z.object({
      origin: z.string(),
      size: z.int(),
      checkpointSize: z.int(),
      vkey: z.string(),
      unreadable: z.int().openapi({ description: 'Leaves that this release could not read: passed over.' }),
    }),
    ingest: z.object({
      sealed: z.int(),
      duplicates: z.int(),
      queued: z.int(),
      refused: z.record(z.string(), z.int()),
    }),
    ownDevice: z.object({ subject: z.string(), paused: z.boolean() }).optional(),
    problem: z.string().optional().openapi({ description: 'The first of `problems`, in words.' }),
    problems: z.array(healthProblemSchema).openapi({ description: 'What is wrong now.' }),
    undecidable: z.int().openapi({ description: 'Policies that cannot be decided now.' }),
    transports: z.array(
      z.object({
        name: z.string(),
        address: z.string(),
        connected: z.boolean(),
        sinceMs: timeMs,
        reason: z.string().optional(),
      }),
    ),
    silent: z.int().openapi({ description: 'Things that are silent, or without a usable value.' }),
    faults: z.int().openapi({ description: 'Errors that nobody expected, since the start.' }),
    bridged: z.object({
      refused: z.int().openapi({ description: 'What gave no reading of plain messages.' }),
      noValue: z.int().openapi({ description: 'Values that said that there is none.' }),
      last: z.string().optional().openapi({ description: 'Why the last one was refused.' }),
      datedByArrival: z.int().openapi({ description: 'Messages whose time was missing or none.' }),
      lastDated: z.string().optional(),
      undated: z.int().openapi({
        description: 'Messages that a broker had kept and that have no time of their own: they are no readings.',
      }),
      lastUndated: z.string().optional(),
      repeated: z.int().openapi({ description: 'Messages that came a second time: passed over.' }),
    }),
    connectors: z.object({
      found: z.int().openapi({ description: 'Things that wait for somebody who accepts them.' }),
      accepted: z.int(),
      heard: z.int().openapi({ description: 'Messages that connectors looked at, since the start.' }),
      refused: z.int().openapi({ description: 'Messages of connectors that gave no reading, or not all.' }),
      unread: z.int().openapi({ description: 'Messages that nothing reads.' }),
    }),
    mqtt: z.string().openapi({ description: 'Address of the broker that readings come through.' }),
    chain: z.object({ isolation: z.string(), kind: z.string() }),
    subject: z.string().openapi({ description: 'What the node itself speaks as: its heartbeat.' }),
    startedMs: timeMs,
    deviceIntervalMs: z.int(),
    version: z.string(),
  })
  .openapi('Overview');
export type Overview = Immutable<z.infer<typeof overviewSchema>>;

/** A copy: what is told now is compared with what was told before. */
const bridgedOf = (counts: Node['plain']) => ({
  refused: counts.refused,
  noValue: counts.noValue,
  last: counts.last,
  datedByArrival: counts.datedByArrival,
  lastDated: counts.lastDated,
  undated: counts.undated,
  lastUndated: counts.lastUndated,
  repeated: counts.repeated,
});

export function overviewRoutes(api: OpenAPIHono, node: Node, version: string): void {
  get(api, '/overview', { about: 'How the node is.', fields: {}, answer: overviewSchema }, () =>
    overviewOf(node, version),
  );
  get(api, '/totals', { about: 'Counts over all decisions and payments.', fields: {}, answer: totalsSchema }, () =>
    node.views.totals(),
  );
  get(
    api,
    '/refusals',
    { about: 'Statements refused last, oldest first.', fields: {}, answer: z.array(refusalSchema) },
    () => node.events.refusals,
  );
}

export function overviewOf(node: Node, version: string): Overview {
  const { genesis, log, ingest, ownDevice, settings, decisions, connectors } = node;
  const { network, chain } = genesis;
  const { problems } = node.health;
  return {
    network: { id: network.id, name: network.name },
    practice: network.chain.kind === 'practice',
    log: { ...logFacts(log, genesis.origin), unreadable: node.runner.unreadable.length },
    ingest: ingestCounts(ingest),
    ownDevice: ownDevice && { subject: ownDevice.subject, paused: ownDevice.paused },
    problem: problems[0]?.message,
    problems,
    undecidable: decisions.problems.size,
    transports: node.transports.map(({ name, address, health }) => ({ name, address, ...health })),
    silent: node.silences?.counts.total ?? 0,
    faults: faults.count,
    bridged: bridgedOf(node.plain),
    connectors: connectors.counts,
    mqtt: node.mqtt.address,
    chain: { isolation: chain.isolation, kind: chain.kind },
    subject: node.subject,
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
