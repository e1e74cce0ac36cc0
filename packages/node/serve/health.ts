// Health: what is wrong with the node now, each with since when, and gone when it is mended.

import { z } from '@hono/zod-openapi';
import type { Chain } from '@trine/ledger/chain.ts';
import type { Log } from '@trine/log/types.ts';
import { countOf } from '@trine/protocol';
import type { Clock, Timers } from '@trine/system/time.ts';
import type { Decisions } from '../decide/decisions.ts';
import type { Probe } from '../dependencies.ts';
import type { Transport } from '../ingest/transport.ts';
import type { Store } from '../projections/tables/store.ts';
import type { Settler } from '../settle/settler.ts';
import type { EventBus } from './events.ts';
import { type Immutable, timeMs } from './schema.ts';
import type { AlertWebhook } from './webhook.ts';

/** What may be wrong. */
const codes = [
  'transport',
  'disk',
  'store',
  'chain',
  'deciding',
  'settling',
  'anchoring',
  'webhook',
  'pseudonyms',
  'fault',
] as const;
type Code = (typeof codes)[number];

/** With these, statements cannot come in, or what came in cannot be seen. */
const keepsOut: readonly Code[] = ['transport', 'disk', 'store'];

export const healthProblemSchema = z
  .object({
    code: z.enum(codes),
    message: z.string(),
    sinceMs: timeMs,
  })
  .openapi('HealthProblem');
export type HealthProblem = Immutable<z.infer<typeof healthProblemSchema>>;

/** For everyone: what is wrong, without the words, which may name addresses. */
export const healthSchema = z
  .object({
    status: z.enum(['ready', 'degraded', 'unready']),
    leaves: z.int(),
    problems: z.array(z.object({ code: z.enum(codes), sinceMs: timeMs })),
  })
  .openapi('Health');

export interface HealthOptions {
  readonly home: string;
  readonly clock: Clock;
  readonly chain: Pick<Chain, 'request'>;
  readonly log: Pick<Log, 'durableSize'>;
  readonly store: Pick<Store, 'position'>;
  readonly decisions: Pick<Decisions, 'scheduler' | 'decider'>;
  readonly settler: Pick<Settler, 'problem'>;
  /** What statements come through from outside besides HTTP. */
  readonly mqtt: Pick<Transport, 'health'>;
  readonly webhook: Pick<AlertWebhook, 'problem'> | undefined;
  readonly events: Pick<EventBus, 'troubles'>;
  readonly timers: Pick<Timers, 'setTimeout' | 'elapsed'>;
  readonly probe: Pick<Probe, 'freeBytes'>;
}

/** Less than this left on the disk is said while there is still time. */
const FREE_BYTES_MIN = 268_435_456;
const CHAIN_MS_MAX = 5_000;
/** The tables follow the log within a moment, decisions what is due: what takes longer is behind. */
const BEHIND_MS_MAX = 60_000;

export class Health {
  readonly #options: HealthOptions;
  /** What the last probe found, in words. */
  readonly #probed = new Map<Code, string>();
  readonly #since = new Map<Code, number>();
  /** A size of the log that the tables had not reached, and when that was. */
  #waitedFor: { readonly size: number; readonly at: number } | undefined;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  /** Looks at what can only be known by asking; never rejects. */
  async probe(): Promise<void> {
    await Promise.all([this.#note('disk', this.#disk()), this.#note('chain', this.#chain())]);
    this.#store();
    await this.#note('deciding', Promise.resolve(this.#late()));
  }

  async #note(code: Code, asked: Promise<string | undefined>): Promise<void> {
    const found = await asked.catch((error: Error) => error.message);
    if (found === undefined) this.#probed.delete(code);
    else this.#probed.set(code, found);
  }

  async #disk(): Promise<string | undefined> {
    const { home, probe } = this.#options;
    const free = await probe.freeBytes(home);
    if (free >= FREE_BYTES_MIN) return undefined;
    return `The disk of the data folder has ${Math.floor(free / 1_048_576)} MiB left: make room.`;
  }

  async #chain(): Promise<string | undefined> {
    const late = Promise.withResolvers<never>();
    const timer = this.#options.timers.setTimeout(
      () => late.reject(new Error(`The chain did not answer within ${CHAIN_MS_MAX / 1_000} s.`)),
      CHAIN_MS_MAX,
    );
    try {
      await Promise.race([this.#options.chain.request({ method: 'eth_blockNumber' }), late.promise]);
      return undefined;
    } finally {
      timer.cancel();
    }
  }

  #store(): void {
    const { store, log, timers } = this.#options;
    const waited = this.#waitedFor;
    if (waited === undefined || store.position >= waited.size) {
      this.#waitedFor = { size: log.durableSize, at: timers.elapsed() };
      this.#probed.delete('store');
    } else if (timers.elapsed() - waited.at > BEHIND_MS_MAX)
      this.#probed.set(
        'store',
        `The tables are ${countOf(log.durableSize - store.position, 'leaf', 'leaves')} behind the log.`,
      );
  }

  /** What is wrong now, what keeps statements out first. */
  get problems(): readonly HealthProblem[] {
    const { clock } = this.#options;
    const found = this.#found();
    for (const code of this.#since.keys()) if (!found.has(code)) this.#since.delete(code);
    for (const code of found.keys()) if (!this.#since.has(code)) this.#since.set(code, clock());
    return codes.flatMap((code) => {
      const message = found.get(code);
      return message === undefined ? [] : [{ code, message, sinceMs: this.#since.get(code) as number }];
    });
  }

  #found(): Map<Code, string> {
    const { mqtt, decisions, settler, webhook, events } = this.#options;
    const found = new Map<Code, string>(this.#probed);
    const add = (code: Code, message: string | undefined) => {
      if (message !== undefined && !found.has(code)) found.set(code, message);
    };
    const { connected, reason } = mqtt.health;
    if (!connected) add('transport', reason ?? 'Statements cannot come in over MQTT.');
    for (const { about, message } of events.troubles) add(about, message);
    const [failed] = decisions.decider.problems.values();
    add('deciding', failed && `Not decided: ${failed}`);
    add('settling', settler.problem);
    add('webhook', webhook?.problem);
    return found;
  }

  /** Policies that wait for longer than a moment. */
  #late(): string | undefined {
    const { decisions, clock } = this.#options;
    const { scheduler } = decisions;
    const late = scheduler.all().filter((one) => scheduler.due(one, clock() - BEHIND_MS_MAX).length > 0);
    return late.length === 0
      ? undefined
      : `Decisions under ${countOf(late.length, 'policy', 'policies')} are more than ${BEHIND_MS_MAX / 1_000} s behind.`;
  }

  /** Can statements come in, and is what came in seen? */
  get isReady(): boolean {
    return !this.problems.some(({ code }) => keepsOut.includes(code));
  }

  get forEveryone(): Immutable<z.infer<typeof healthSchema>> {
    const { problems } = this;
    return {
      status: problems.length === 0 ? 'ready' : this.isReady ? 'degraded' : 'unready',
      leaves: this.#options.log.durableSize,
      problems: problems.map(({ code, sinceMs }) => ({ code, sinceMs })),
    };
  }
}
