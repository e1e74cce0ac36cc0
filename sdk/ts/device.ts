// Device: signs readings, queues them while there is no connection, and discards them only on the gateway's signed
// acknowledgement.

import {
  type Answer,
  type ClockQuality,
  checkReading,
  concatBytes,
  contentTypes,
  detachBody,
  encodeDelivery,
  encodePack,
  FormatError,
  fromHex,
  limits,
  type Reading,
  signStatement,
  TrineError,
  toHex,
  verifyAcknowledgement,
} from '@trine/protocol';
import { type Device, type DeviceOptions, type PackAbout, UnfitReadingsError } from './api.ts';
import { type ChainHead, type DeviceStorage, memoryStorage, type Queued, type SetAside } from './queue.ts';

export { type Device, type DeviceOptions, UnfitReadingsError } from './api.ts';

const STATEMENTS_PER_MESSAGE = 256;
const MESSAGE_BYTES = 256_000;
/**
 * Refusals that another try cannot mend: found in what was signed, after the signature. Every other one may come from
 * what was changed on the way (signature, body, frame), or from what changes at the gateway.
 */
const finalRefusals: ReadonlySet<string> = new Set([
  'revoked-key',
  'not-permitted',
  'absurd-time',
  'wrong-unit',
  'bad-value',
  'too-many-quantities',
]);
/** Then a statement is set aside, so that what the gateway will not have holds up nothing. */
const TRIES_MAX = 5;
const SET_ASIDE_MAX = 10_000;
const PAUSE_MS = 1_000;

interface Said {
  readonly kind: 'pack' | 'event';
  readonly contentType: number | string;
  readonly body: Uint8Array;
  /** First and last event time of a pack. */
  readonly times?: { readonly firstMs: number; readonly lastMs: number };
}

/** What can be said, and what cannot, with the reason. */
function sorted(readings: readonly Reading[], clock: ClockQuality) {
  const now = Date.now();
  const fit: Reading[] = [];
  const unfit: { readonly reading: Reading; readonly error: FormatError }[] = [];
  for (const reading of readings)
    try {
      checkReading(reading, clock, now);
      fit.push(reading);
    } catch (error) {
      unfit.push({ reading, error: error as FormatError });
    }
  return { fit, unfit };
}

/** Does this refusal pass? The gateway says when to come again, or the key is not enrolled yet. */
function passes(answer: Answer): boolean {
  return answer.verdict === 'refused' && (answer.retryAfterMs !== undefined || answer.reason === 'unknown-key');
}

/**
 * @example const device = await openDevice({ signer, subject, network, gateway, transport });
 *   await device.measure([{ quantity: 'temperature', unit: 'Cel', timeMs: Date.now(), value: 21.5 }]);
 */
export async function openDevice(options: DeviceOptions): Promise<Device> {
  const device = new QueueingDevice(options);
  await device.restore();
  return device;
}

class QueueingDevice implements Device {
  dropped = 0;
  sealed = 0;
  refused = 0;
  readonly #options: DeviceOptions;
  readonly #storage: DeviceStorage;
  /** Oldest first. */
  readonly #queue = new Map<string, Queued>();
  readonly #sentAt = new Map<string, number>();
  /** Times a statement was refused in a way that another try may mend. */
  readonly #tries = new Map<string, number>();
  readonly #aside = new Map<string, SetAside>();
  /** The gateway does not know the key yet, or asked to come later: one statement asks whether it does now. */
  #isAsking = false;
  #head: ChainHead | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  /** Settles when everything signed so far is stored. */
  #storing: Promise<unknown> = Promise.resolve();
  #failure: Error | undefined;
  #pumping = false;
  #pausedUntil = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  readonly #idle = new Set<() => void>();

  constructor(options: DeviceOptions) {
    this.#options = options;
    this.#storage = options.storage ?? memoryStorage();
    options.transport.onAcknowledgement((message) => {
      this.#turn = this.#turn.then(() => this.#acknowledge(message)).catch((error: Error) => this.#fail(error));
    });
    options.transport.onConnected?.(() => {
      this.#sentAt.clear();
      void this.#pump();
    });
  }

  get setAside(): readonly SetAside[] {
    return [...this.#aside.values()];
  }

  get waiting(): number {
    return this.#queue.size;
  }

  get #retryMs(): number {
    return this.#options.retryMs ?? 5_000;
  }

  async restore(): Promise<void> {
    const { head, queue, setAside = [] } = await this.#storage.load();
    this.#head = head;
    if (head === undefined && this.#options.lastKnown) {
      const last = await this.#options.lastKnown();
      if (last) this.#head = { epoch: last.epoch + 1, seq: -1, id: last.id };
    }
    for (const item of queue) this.#queue.set(item.id, item);
    for (const item of setAside) this.#aside.set(item.id, item);
    this.#timer = setInterval(() => void this.#pump(), Math.min(1_000, Math.max(50, this.#retryMs / 4)));
    (this.#timer as { unref?: () => void }).unref?.();
    void this.#pump();
  }

  async measure(readings: readonly Reading[], { origin }: PackAbout = {}): Promise<string> {
    const { fit, unfit } = sorted(readings, this.#options.clock ?? 'synchronised');
    const body = fit.length > 0 || unfit.length === 0 ? encodePack(fit, origin) : undefined;
    const times = { firstMs: fit[0]?.timeMs ?? 0, lastMs: fit[0]?.timeMs ?? 0 };
    for (const { timeMs } of fit) {
      times.firstMs = Math.min(times.firstMs, timeMs);
      times.lastMs = Math.max(times.lastMs, timeMs);
    }
    const said = { kind: 'pack', contentType: contentTypes.senmlCbor, times } as const;
    const id = body && (await this.#say({ ...said, body }));
    if (unfit.length > 0 || id === undefined) throw new UnfitReadingsError(unfit, readings.length, id);
    return id;
  }

  async event(mediaType: string, body: Uint8Array): Promise<string> {
    const max = this.#options.open ? limits.eventInlineBytesMax : limits.bodyBytesMax;
    if (body.length > max)
      throw new FormatError(
        'too-large',
        `An event ${this.#options.open ? 'in the log itself ' : ''}has at most ${max} bytes.`,
      );
    return this.#say({ kind: 'event', contentType: mediaType, body });
  }

  async #say(said: Said): Promise<string> {
    const signed = this.#turn.then(() => this.#sign(said));
    this.#turn = signed.catch(() => undefined);
    const { item, stored } = await signed;
    await stored;
    return item.id;
  }

  /** Signs the next statement of the chain and gives it to the storage; the next one need not wait until it is there. */
  async #sign({ kind, contentType, body, times }: Said): Promise<{ item: Queued; stored: Promise<void> }> {
    if (this.#failure) throw this.#failure;
    const { signer, subject, network, open, clock, class: assurance } = this.#options;
    const sealedBody = open ? undefined : detachBody(body);
    const previous = this.#head;
    const low = this.#promise(previous?.low, times);
    const statement = await signStatement(signer, {
      kind,
      subject,
      network,
      epoch: previous?.epoch ?? 0,
      seq: previous === undefined ? 0 : previous.seq + 1,
      ...(previous?.id !== undefined && { prev: fromHex(previous.id) }),
      clock: clock ?? 'synchronised',
      class: assurance ?? 'software',
      contentType,
      sealed: sealedBody !== undefined,
      payload: sealedBody?.commitment ?? body,
      ...(low !== undefined && { low }),
    });
    const id = toHex(statement.id);
    const delivery = encodeDelivery({
      statement: statement.bytes,
      ...(sealedBody && { disclosure: sealedBody.disclosure }),
    });
    const { epoch, seq } = statement.header;
    const item = { id, delivery };
    this.#head = { epoch, seq, id, ...(low !== undefined && { low }) };
    const stored = this.#storage.add(item, this.#head).then(() => this.#enqueue(item));
    this.#storing = stored.catch((error: Error) => this.#fail(error));
    return { item, stored };
  }

  /** @returns what the next statement promises @throws FormatError where it would break what was promised */
  #promise(low: number | undefined, times: Said['times']): number | undefined {
    if (!this.#options.inOrder || this.#options.clock === 'none') return undefined;
    if (times === undefined) return low;
    if (low !== undefined && times.firstMs < low)
      throw new FormatError(
        'malformed',
        `A reading of ${new Date(times.firstMs).toISOString()} came after one of ${new Date(low).toISOString()}: the device promised to measure in order. Was its clock set back?`,
      );
    return Math.max(low ?? 0, times.lastMs);
  }

  /** What is not stored is never sent: a restart would sign something else for its place in the chain. */
  async #enqueue(item: Queued): Promise<void> {
    if (this.#failure) throw this.#failure;
    this.#queue.set(item.id, item);
    await this.#bound();
    void this.#pump();
  }

  #fail(error: Error): void {
    this.#failure ??= new TrineError(
      'unavailable',
      `The device's queue cannot be kept (${error.message}): make room, then start it again.`,
    );
  }

  /** Full: the oldest goes. Its place in the chain stays visible as a gap. */
  async #bound(): Promise<void> {
    const max = this.#options.queueMax ?? 100_000;
    while (this.#queue.size > max) {
      const oldest = this.#queue.keys().next().value as string;
      this.#queue.delete(oldest);
      this.#sentAt.delete(oldest);
      this.dropped++;
      await this.#storage.remove([oldest]);
    }
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      for (let batch = this.#next(); batch.length > 0; batch = this.#next()) {
        const now = Date.now();
        for (const { id } of batch) this.#sentAt.set(id, now);
        try {
          await this.#options.transport.send(concatBytes(...batch.map(({ delivery }) => delivery)));
        } catch {
          // No connection: they stay queued and are tried again later.
          for (const { id } of batch) this.#sentAt.delete(id);
          return;
        }
      }
    } finally {
      this.#pumping = false;
    }
  }

  /** What to send next: oldest first, within the limits of one message and of what may be under way. */
  #next(): Queued[] {
    if (Date.now() < this.#pausedUntil) return [];
    const inFlightMax = this.#isAsking ? 1 : (this.#options.inFlightMax ?? 4_096);
    const oldestToWaitFor = Date.now() - this.#retryMs;
    const batch: Queued[] = [];
    let bytes = 0;
    let underWay = 0;
    for (const item of this.#queue.values()) {
      if ((this.#sentAt.get(item.id) ?? 0) > oldestToWaitFor) {
        underWay++;
        continue;
      }
      if (underWay + batch.length >= inFlightMax || batch.length >= STATEMENTS_PER_MESSAGE) break;
      if (batch.length > 0 && bytes + item.delivery.length > Math.min(MESSAGE_BYTES, limits.messageBytesMax)) break;
      batch.push(item);
      bytes += item.delivery.length;
    }
    return batch;
  }

  async #acknowledge(message: Uint8Array): Promise<void> {
    let answers: ReturnType<typeof verifyAcknowledgement>;
    try {
      answers = verifyAcknowledgement(message, this.#options.gateway);
    } catch {
      return; // Not from our gateway: nothing may be discarded on it.
    }
    const settled: string[] = [];
    for (const answer of answers) {
      const id = toHex(answer.id);
      if (!this.#queue.has(id) && !this.#aside.has(id)) continue;
      this.#options.onAnswer?.(id, answer);
      if (answer.verdict !== 'refused') {
        this.#isAsking = false;
        this.sealed++;
        settled.push(id);
      } else if (this.#queue.has(id)) await this.#hearRefusal(id, answer);
    }
    this.#forget(settled);
    if (settled.length > 0) await this.#storage.remove(settled);
    this.#wakeIfIdle();
    void this.#pump();
  }

  #forget(ids: readonly string[]): void {
    for (const id of ids) {
      this.#queue.delete(id);
      this.#aside.delete(id);
      this.#sentAt.delete(id);
      this.#tries.delete(id);
    }
  }

  #wakeIfIdle(): void {
    if (this.#queue.size === 0) for (const resolve of this.#idle) resolve();
  }

  /**
   * Someone on the way must not be able to have good statements discarded by spoiling them: what may have been changed
   * there goes again as it was signed, at once and then ever later, and is kept where nothing helps.
   */
  async #hearRefusal(id: string, answer: Answer): Promise<void> {
    if (passes(answer)) {
      this.#sentAt.delete(id);
      this.#isAsking = true;
      this.#pausedUntil = Date.now() + (answer.retryAfterMs ?? PAUSE_MS);
      return;
    }
    const reason = answer.reason ?? 'refused';
    const tries = (this.#tries.get(id) ?? 0) + 1;
    if (finalRefusals.has(reason) || tries >= TRIES_MAX) return this.#putAside(id, reason);
    this.#tries.set(id, tries);
    if (tries === 1) this.#sentAt.delete(id); // Later tries come after the time for an acknowledgement.
  }

  async #putAside(id: string, reason: string): Promise<void> {
    const { delivery } = this.#queue.get(id) as Queued;
    this.#options.onSetAside?.(id, reason);
    this.#forget([id]);
    this.refused++;
    this.#aside.set(id, { id, delivery, reason });
    await this.#storage.setAside(id, reason);
    while (this.#aside.size > (this.#options.setAsideMax ?? SET_ASIDE_MAX)) {
      const oldest = this.#aside.keys().next().value as string;
      this.dropped++;
      await this.discard(oldest);
    }
  }

  async resend(id: string): Promise<void> {
    const item = this.#aside.get(id);
    if (item === undefined) return;
    await this.#storage.setAside(id, undefined);
    this.#aside.delete(id);
    this.#queue.set(id, { id, delivery: item.delivery });
    void this.#pump();
  }

  async discard(id: string): Promise<void> {
    if (this.#aside.delete(id)) await this.#storage.remove([id]);
  }

  async stored(): Promise<void> {
    await this.#turn;
    await this.#storing;
    if (this.#failure) throw this.#failure;
  }

  async drain(timeoutMs = 30_000): Promise<void> {
    await this.stored();
    if (this.#queue.size === 0) return;
    let wake!: () => void;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        wake = resolve;
        this.#idle.add(wake);
        timer = setTimeout(
          () => reject(new TrineError('timed-out', `${this.#queue.size} statements still wait after ${timeoutMs} ms.`)),
          timeoutMs,
        );
      });
    } finally {
      clearTimeout(timer);
      this.#idle.delete(wake);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#turn;
    await this.#storing;
    await this.#options.transport.close();
  }
}
