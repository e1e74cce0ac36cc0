// Connectors with their settings: which are switched on, what they want to hear, and who may push to them.
import { timingSafeEqual } from 'node:crypto';
import type { Connector, RunningConnector } from '@trine/mapping/connector.ts';
import type { MappingCode } from '@trine/mapping/message/map.ts';
import type { RawMessage } from '@trine/mapping/message/message.ts';
import { isTopicFilter, matchTopic, TrineError } from '@trine/protocol';
import type { Random } from '@trine/system/random.ts';
import type { KeptConnectors } from './kept.ts';

const SECRET_BYTES = 24;

/** A connector as it is set. */
export interface Running {
  readonly connector: Connector;
  enabled: boolean;
  /** Somebody set it: nothing of it is by default. */
  isSet: boolean;
  settings: object;
  running: RunningConnector;
  /** Messages that it looked at, and those that it could not read, since the start of the node. */
  heard: number;
  refused: number;
  lastRefused: string | undefined;
}

export class RunningConnectors {
  readonly #kept: KeptConnectors;
  readonly #random: Random;
  readonly #code: MappingCode;
  readonly #running = new Map<string, Running>();

  constructor(connectors: readonly Connector[], kept: KeptConnectors, random: Random, code: MappingCode) {
    this.#code = code;
    this.#kept = kept;
    this.#random = random;
    for (const connector of connectors) {
      const { name } = connector.manifest;
      const set = kept.connector(name);
      const parsed = connector.settings.safeParse(set?.settings ?? {});
      // Settings that an earlier release kept and this one cannot read are those of a new connector.
      const settings = parsed.success ? parsed.data : connector.settings.parse({});
      const running = connector.start(settings, code);
      this.#running.set(name, {
        ...{ connector, settings, running, enabled: set?.enabled ?? true, isSet: set !== undefined },
        ...{ heard: 0, refused: 0, lastRefused: undefined },
      });
    }
  }

  get all(): readonly Running[] {
    return [...this.#running.values()];
  }

  get(name: string): Running | undefined {
    return this.#running.get(name);
  }

  /** @throws TrineError `not-found` */
  need(name: string): Running {
    const one = this.#running.get(name);
    if (one === undefined) throw new TrineError('not-found', `There is no connector ${name}.`);
    return one;
  }

  /** What they want to hear by MQTT. @param isOwnBroker not to ask a broker of others for everything unless somebody says so */
  filters(isOwnBroker: boolean): string[] {
    return this.all
      .filter(({ enabled, connector }) => enabled && connector.manifest.ways.includes('mqtt'))
      .filter((one) => isOwnBroker || one.isSet || !takesAny(one))
      .flatMap(({ running }) => running.filters);
  }

  /** Those that a message is for, last those that look at any. @param by the one that it was pushed to */
  *hearing({ topic }: RawMessage, by: string | undefined): Generator<Running> {
    const all = [...this.#running.values()];
    for (const one of [...all.filter((some) => !takesAny(some)), ...all.filter(takesAny)]) {
      const { name, ways } = one.connector.manifest;
      const isFor =
        by === undefined
          ? ways.includes('mqtt') && one.running.filters.some((filter) => matchTopic(filter, topic) !== undefined)
          : by === name;
      if (one.enabled && isFor) yield one;
    }
  }

  /** What the settings of those that are on hold. */
  get formatters(): string[] {
    return this.all.flatMap(({ enabled, running }) => (enabled ? (running.formatters ?? []) : []));
  }

  /**
   * A connector as it would be with other settings.
   * @throws TrineError `not-found`, or `invalid` in words
   */
  prepared(name: string, settings: unknown): Pick<Running, 'settings' | 'running'> {
    const { connector } = this.need(name);
    const parsed = connector.settings.safeParse(settings);
    if (parsed.success) {
      const running = connector.start(parsed.data, this.#code);
      const odd = running.filters.find((filter) => !isTopicFilter(filter));
      if (odd === undefined) return { settings: parsed.data, running };
      throw new TrineError(
        'invalid',
        `"${odd.slice(0, 80)}" is no topic filter (MQTT 3.1.1 §4.7): + and # stand for whole levels, # for the last.`,
      );
    }
    const [problem] = parsed.error.issues;
    throw new TrineError('invalid', `${problem?.path.join('.') || 'The settings'}: ${problem?.message}.`);
  }

  /** Sets a connector anew: the next message is looked at as it is set then. */
  set(name: string, enabled: boolean, next: Pick<Running, 'settings' | 'running'>): void {
    this.#kept.setConnector(name, { enabled, settings: next.settings });
    Object.assign(this.need(name), { enabled, isSet: true, ...next });
  }

  /** The secret in the address that systems push to: made when it is first asked for. */
  secret(name: string, isNew = false): string {
    this.need(name);
    const known = isNew ? undefined : this.#kept.secret(name);
    if (known !== undefined) return known;
    const made = Buffer.from(this.#random(SECRET_BYTES)).toString('base64url');
    this.#kept.setSecret(name, made);
    return made;
  }

  /**
   * Who takes what is pushed to an address: asked before anything of it is read.
   * @throws TrineError `not-found` where connector or secret are wrong
   */
  pushedTo(name: string, secret: string): Required<Pick<RunningConnector, 'messages'>> {
    const one = this.#running.get(name);
    const known = this.#kept.secret(name);
    const isRight = known !== undefined && isSame(known, secret);
    if (!one?.enabled || !isRight || one.running.messages === undefined)
      throw new TrineError(
        'not-found',
        'No connector takes messages at this address: look the address up in the console.',
      );
    return one.running as Required<RunningConnector>;
  }
}

/** Does it look at any topic, where no other knows what it is? */
export function takesAny({ running }: Running): boolean {
  return running.filters.includes('#');
}

/**
 * May a message by MQTT speak of its things? Of a connector that is pushed to as well, on the topics that it hears alone: else
 * whoever may publish would speak for what has the secret of the address.
 */
export function speaksByMqtt({ connector, running }: Running, topic: string): boolean {
  const { ways } = connector.manifest;
  if (!ways.includes('mqtt')) return false;
  return !ways.includes('http') || running.filters.some((filter) => matchTopic(filter, topic) !== undefined);
}

/** In a time that does not depend on where they differ. */
function isSame(known: string, given: string): boolean {
  const [a, b] = [Buffer.from(known), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
