// Rounds: what a node does by the clock: its heartbeat, deciding what is due, anchoring, and snapshots.
import { WAY_IN } from '@trine/engine';
import { LogStoppedError } from '@trine/log/errors.ts';
import type { Log } from '@trine/log/types.ts';
import type { Logger } from 'pino';
import type { Pseudonyms } from './access/pseudonyms.ts';
import type { Decisions } from './decide/decisions.ts';
import type { NodeDependencies } from './dependencies.ts';
import type { Ingest } from './ingest/ingest.ts';
import type { Issuer } from './ingest/issuer.ts';
import type { Transport } from './ingest/transport.ts';
import type { EventBus } from './serve/events.ts';
import type { Health } from './serve/health.ts';
import type { Settings } from './settings.ts';
import type { Settler } from './settle/settler.ts';
import { SILENCE_ROUND_MS, type Silences } from './silence/silences.ts';

const HEARTBEAT_MS = 5_000;
const TICK_MS = 500;
const PSEUDONYMS_MS = 2_000;
const PROBE_MS = 5_000;
const SNAPSHOT_MS = 600_000;

export interface RoundsOptions {
  readonly dependencies: Pick<NodeDependencies, 'timers' | 'clock' | 'probe' | 'end'>;
  readonly log: Log;
  readonly ingest: Ingest;
  readonly gateway: Issuer;
  readonly subject: string;
  /** Every way in there is by now. */
  readonly transports: readonly Pick<Transport, 'name' | 'health'>[];
  readonly decisions: Decisions;
  readonly settler: Settler;
  readonly pseudonyms: Pick<Pseudonyms, 'round'>;
  readonly events: EventBus;
  readonly health: Health;
  readonly silences: Pick<Silences, 'round'> | undefined;
  readonly logger: Logger;
  readonly settings: Settings;
}

/** @returns ends them */
export function startRounds(options: RoundsOptions): () => Promise<void> {
  const { log, ingest, decisions, settler, pseudonyms, events, health, silences, logger, settings } = options;
  const { timers } = options.dependencies;
  void heartbeat(options);
  void health.probe();
  const rounds = [
    timers.setInterval(() => void heartbeat(options), HEARTBEAT_MS),
    timers.setInterval(() => void decisions.tick(), TICK_MS),
    timers.setInterval(() => void health.probe(), PROBE_MS),
    timers.setInterval(() => silences?.round(), SILENCE_ROUND_MS),
    timers.setInterval(() => {
      pseudonyms.round().then(
        () => events.mended('pseudonyms'),
        (error: Error) => events.trouble('pseudonyms', `Pseudonyms: ${error.message}`),
      );
    }, PSEUDONYMS_MS),
    timers.setInterval(() => {
      if (log.durableSize > 0)
        settler.anchor(log.durableSize).then(
          () => events.mended('anchoring'),
          (error: Error) => events.trouble('anchoring', `Anchoring: ${error.message}`),
        );
    }, settings.anchorIntervalMs),
    timers.setInterval(() => {
      // A start after a crash reads again what came after the last one.
      ingest.snapshot().catch((error: Error) => logger.warn({ err: error.message }, 'snapshot'));
    }, SNAPSHOT_MS),
  ];
  return async () => {
    for (const round of rounds) round.cancel();
  };
}

/**
 * The node's own sign of life: what shows later that the log was awake, and by which ways in statements could come. The terms
 * of an agreement know no broker: one of ours and one of the user's are both MQTT.
 */
async function heartbeat(options: RoundsOptions): Promise<void> {
  const { gateway, subject, log, logger, dependencies, transports } = options;
  const timeMs = dependencies.clock();
  const readings = [
    { quantity: 'log/size', unit: 'count', timeMs, value: log.durableSize },
    { quantity: 'memory/resident', unit: 'B', timeMs, value: dependencies.probe.residentBytes() },
    ...transports.map(({ name, health }) => ({
      ...{ quantity: WAY_IN + (name === 'mqtt-attached' ? 'mqtt' : name), unit: '', timeMs },
      value: health.connected,
    })),
  ];
  try {
    await gateway.measure(subject, readings, { class: 'software', isOpen: true });
  } catch (error) {
    const { message } = error as Error;
    if (!(error instanceof LogStoppedError)) logger.warn({ err: message }, 'heartbeat');
    // Nothing more can be appended: better gone, and started again, than there and useless.
    else dependencies.end(logger, error as Error, 'the log stopped');
  }
}
