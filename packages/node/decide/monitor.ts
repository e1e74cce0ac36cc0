// A monitor as a person asks for one: the node adds network, model, gate and deciders.
import { type Domains, endOfWindows, zones, zonesIdentity } from '@trine/engine';
import { didKey, type Monitor, monitorPayload, type Plausibility } from '@trine/protocol';
import type { Genesis } from '../genesis/genesis.ts';
import { heartbeatGapMs } from './heartbeat-gap.ts';

export interface MonitorRequest {
  readonly subject: string;
  readonly domain: string;
  readonly title: string;
  /** As the form of the domain asks for them. */
  readonly terms: Readonly<Record<string, unknown>>;
  /** Obligations from here on are decided; those that are over at once. Default: from now on. */
  readonly startMs?: number | undefined;
  /** What is under way then is decided to its end: the period lasts until no window is cut short. */
  readonly endMs?: number | undefined;
  readonly plausibility?: Plausibility | undefined;
  readonly correctableMs?: number | undefined;
  /** Of the amounts, where the domain has any. */
  readonly currency?: string | undefined;
}

const YEARS_MS = 10 * 365 * 86_400_000;

/**
 * @throws NotChecked when the domain is not installed, FormatError naming a field that is wrong
 * @example await node.decisions.propose(monitorOf(node, { subject: 'pump/7', domain: 'service-level', title: 'Pump 7', terms }, Date.now()))
 */
export function monitorOf(
  node: {
    readonly domains: Domains;
    readonly genesis: Pick<Genesis, 'network' | 'keys' | 'origin'>;
    readonly subject: string;
  },
  { domain: name, terms: given, startMs, endMs, plausibility, correctableMs, currency, ...asked }: MonitorRequest,
  nowMs: number,
): Monitor {
  const { domain } = node.domains.get(name);
  const terms = domain.terms.parse(given);
  const triggers = domain.triggers(terms);
  const fromMs = startMs ?? nowMs;
  const monitor: Monitor = {
    trine: 'monitor/1',
    network: node.genesis.network.id,
    origins: [node.genesis.origin],
    domain: name,
    title: asked.title,
    subject: asked.subject,
    terms: terms as Monitor['terms'],
    period: { startMs: fromMs, endMs: endOfWindows(triggers, endMs ?? Math.max(nowMs, fromMs) + YEARS_MS) },
    ...(triggers.some(({ on }) => on === 'calendar') && { zones: zonesIdentity(zones) }),
    model: node.domains.identity(name),
    // Advice: nobody is paid for it, so every class may speak.
    gate: { ownersMin: 0, classMin: 'simulated', heartbeat: node.subject, heartbeatGapMsMax: heartbeatGapMs(triggers) },
    ...(plausibility && { plausibility }),
    ...(correctableMs !== undefined && { correctableMs }),
    deciders: { list: [{ key: didKey(node.genesis.keys.member.publicKey) }] },
    ...(currency && { currency }),
  };
  return monitorPayload.decode(monitorPayload.encode(monitor));
}
