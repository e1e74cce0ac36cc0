// Watch: advice on any thing, without an agreement. What a person gives is completed to what is sealed.
import { type Monitor, monitorPayload, type Plausibility, TrineError } from '@trine/protocol';
import type { Node } from '../node.ts';

export interface MonitorRequest {
  readonly subject: string;
  readonly domain: string;
  readonly title: string;
  readonly windowMs: number;
  readonly graceMs: number;
  readonly startMs?: number | undefined;
  readonly rule: Readonly<Record<string, number | string>>;
  readonly plausibility?: unknown;
  readonly currency?: string | undefined;
}

const YEARS_MS = 10 * 365 * 86_400_000;
const WITNESS_GAP_MS = 15_000;

/**
 * @returns the whole watch, checked
 * @throws TrineError when the domain is not installed, FormatError naming a field that is wrong
 */
export function monitorOf(node: Node, wish: MonitorRequest): Monitor {
  const { subject, domain: name, title, windowMs: lengthMs, graceMs, rule, currency } = wish;
  const domain = node.domains.find((one) => one.name === name);
  if (domain === undefined) throw new TrineError('unsupported', `The domain ${name} is not installed here.`);
  const nowMs = Date.now();
  const startMs = wish.startMs ?? Math.ceil(nowMs / lengthMs) * lengthMs;
  const windows = Math.ceil((Math.max(nowMs, startMs) + YEARS_MS - startMs) / lengthMs);
  const watch: Monitor = {
    trine: 'watch/1',
    network: node.genesis.network.id,
    domain: name,
    title,
    subject,
    window: { startMs, endMs: startMs + windows * lengthMs, lengthMs, graceMs },
    rule,
    model: domain.model(),
    gate: {
      ownersMin: 0,
      classMin: 'simulated',
      heartbeat: node.subject,
      heartbeatGapMsMax: Math.max(WITNESS_GAP_MS, lengthMs),
    },
    ...(wish.plausibility !== undefined && { plausibility: wish.plausibility as Plausibility }),
    ...(currency && { currency }),
  };
  return monitorPayload.decode(monitorPayload.encode(watch));
}
