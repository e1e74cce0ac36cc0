// Webhook: tells another system of every new alert, at least once and in the order in which they were raised. How far it
// came is kept in a file, so that a restart neither loses one nor begins again.
import { join } from 'node:path';
import { type Disk, isMissing, replaceNow } from '@trine/system/disk.ts';
import type { Clock, Timer, Timers } from '@trine/system/time.ts';
import type { PolicyRegistry } from '../projections/policies.ts';
import type { ProjectionRunner } from '../projections/runner.ts';
import type { Store } from '../projections/tables/store.ts';
import type { Settings } from '../settings.ts';
import type { ToldSilence } from '../silence/silences.ts';
import { type AlertView, alertsRaisedNext, type RaisedAlert } from './views/alerts.ts';

const TIMEOUT_MS = 10_000;
/** What waits while nothing can be delivered. */
const TOLD_MAX = 1_000;
const PAUSE_MS = 1_000;
const PAUSE_MS_MAX = 300_000;
/** From then on it is a problem that people should see. */
const PROBLEM_AFTER_MS = 300_000;

/** What is posted. */
export interface PostedAlert extends AlertView {
  /** Of the policy. */
  readonly title: string;
}

export interface WebhookOptions {
  readonly url: string;
  /** Keeps how far it came. */
  readonly file: string;
  readonly store: Store;
  readonly policies: Pick<PolicyRegistry, 'get'>;
  readonly clock: Clock;
  readonly timers: Pick<Timers, 'setTimeout' | 'elapsed'>;
  readonly disk: Disk;
}

/** The webhook of the settings; undefined where they name none. */
export function openWebhook(
  options: Omit<WebhookOptions, 'url' | 'file'> & {
    readonly settings: Pick<Settings, 'home'> & { readonly alerts: Pick<Settings['alerts'], 'webhook'> };
    readonly runner: Pick<ProjectionRunner, 'onCommit'>;
  },
): AlertWebhook | undefined {
  const { settings, runner, ...rest } = options;
  const { webhook: url } = settings.alerts;
  if (url === undefined) return undefined;
  const webhook = new AlertWebhook({ ...rest, url, file: join(settings.home, 'alerts-webhook.json') });
  runner.onCommit(({ rows }) => {
    if (rows.some(({ table }) => table === 'alerts')) webhook.wake();
  });
  webhook.wake();
  return webhook;
}

export class AlertWebhook {
  readonly #options: WebhookOptions;
  /** Alerts that were raised at this leaf or before are delivered. */
  #leaf: number;
  /** Those of the next leaf that were taken already. */
  readonly #taken = new Set<string>();
  /** What no decision raised, by its key. */
  readonly #told = new Map<string, ToldSilence>();
  #working: Promise<void> = Promise.resolve();
  #isWorking = false;
  #isWanted = false;
  readonly #stopping = new AbortController();
  #pause: Timer | undefined;
  #pauseMs = PAUSE_MS;
  /** Since when: for people, and on the clock that nobody can set. */
  #failure: { readonly sinceMs: number; readonly at: number; readonly reason: string } | undefined;

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.#leaf = readLeaf(options.disk, options.file) ?? this.#begin();
  }

  /** A new webhook is not told of the past. */
  #begin(): number {
    const leaf = this.#options.store.position - 1;
    this.#keep(leaf);
    return leaf;
  }

  /** What people should see: nothing could be delivered for a while. The address may be a secret: its host alone is named. */
  get problem(): string | undefined {
    const { timers, url } = this.#options;
    if (this.#failure === undefined || timers.elapsed() - this.#failure.at < PROBLEM_AFTER_MS) return undefined;
    const since = new Date(this.#failure.sinceMs).toISOString();
    return `Alerts have not been delivered to ${new URL(url).host} since ${since}: ${this.#failure.reason}.`;
  }

  /** Something that no decision raised. @param key the same for the same; where too many wait it is left out: the list has it */
  tell(key: string, told: ToldSilence): void {
    if (this.#told.size < TOLD_MAX) this.#told.set(key, told);
    this.wake();
  }

  /** There may be new alerts. */
  wake(): void {
    this.#isWanted = true;
    if (this.#isWorking || this.#pause !== undefined || this.#stopping.signal.aborted) return;
    this.#isWorking = true;
    this.#working = this.#work();
  }

  /** Ends it; what was under way is delivered again after the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#pause?.cancel();
    await this.#working;
  }

  async #work(): Promise<void> {
    try {
      while (this.#isWanted) {
        this.#isWanted = false;
        while (await this.#deliverNext());
        while (await this.#deliverTold());
      }
    } catch (error) {
      if (!this.#stopping.signal.aborted) this.#failed(error as Error);
    } finally {
      // In one turn with the last look at what is wanted: a call in between would be lost.
      this.#isWorking = false;
    }
  }

  /** Delivers the alerts of one leaf. @returns whether there were any */
  async #deliverNext(): Promise<boolean> {
    const raised = await alertsRaisedNext(this.#options.store, this.#leaf);
    const [first] = raised;
    if (first === undefined) return false;
    for (const one of raised) {
      // One decision may raise the same about several things; a header has no room for every letter.
      const key = [one.decision, one.alert.code, one.alert.subject].map(encodeURIComponent).join(':');
      if (this.#taken.has(key)) continue;
      await this.#post(key, this.#posted(one));
      this.#taken.add(key);
      this.#failure = undefined;
      this.#pauseMs = PAUSE_MS;
    }
    this.#leaf = first.leaf;
    this.#keep(first.leaf);
    this.#taken.clear();
    return true;
  }

  async #deliverTold(): Promise<boolean> {
    const [next] = this.#told;
    if (next === undefined) return false;
    await this.#post(...next);
    this.#told.delete(next[0]);
    this.#failure = undefined;
    this.#pauseMs = PAUSE_MS;
    return true;
  }

  #posted({ alert }: RaisedAlert): PostedAlert {
    return { ...alert, title: this.#options.policies.get(alert.policy)?.policy.title ?? '' };
  }

  async #post(key: string, posted: PostedAlert | ToldSilence): Promise<void> {
    const { url, timers } = this.#options;
    const late = new AbortController();
    const timer = timers.setTimeout(
      () => late.abort(new Error(`no answer within ${TIMEOUT_MS / 1_000} s`)),
      TIMEOUT_MS,
    );
    try {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(posted),
        signal: AbortSignal.any([late.signal, this.#stopping.signal]),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`it answered with HTTP status ${response.status}`);
    } finally {
      timer.cancel();
    }
  }

  #failed(error: Error): void {
    const { clock, timers } = this.#options;
    // What fetch itself says is "fetch failed"; its cause says why.
    const cause = error.cause as NodeJS.ErrnoException | undefined;
    const reason = cause?.code ?? cause?.message ?? error.message;
    this.#failure = { ...(this.#failure ?? { sinceMs: clock(), at: timers.elapsed() }), reason };
    this.#pause = timers.setTimeout(() => {
      this.#pause = undefined;
      this.wake();
    }, this.#pauseMs);
    this.#pauseMs = Math.min(2 * this.#pauseMs, PAUSE_MS_MAX);
  }

  #keep(leaf: number): void {
    const { disk, file } = this.#options;
    replaceNow(disk, file, `${JSON.stringify({ leaf })}\n`);
  }
}

/** @returns undefined where nothing was kept yet */
function readLeaf(disk: Disk, file: string): number | undefined {
  try {
    return (JSON.parse(disk.read(file).toString('utf8')) as { leaf: number }).leaf;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
