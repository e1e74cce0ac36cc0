// Erasure: the bodies about a thing are made unreadable here, and that is certified in the log. Every step may be repeated:
// a crash before the certificate is put right by asking again.
import type { Log } from '@trine/log/types.ts';
import { countOf, type Erasure, erasurePayload, plural, statementKinds, TrineError, toHex } from '@trine/protocol';
import type { Random } from '@trine/system/random.ts';
import { nextTurn, type Timers } from '@trine/system/time.ts';
import type { Origins } from '../connectors/origins.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { Issuer } from '../ingest/issuer.ts';
import type { ProjectionRunner } from '../projections/runner.ts';
import type { Store } from '../projections/tables/store.ts';
import type { Contests } from '../settle/contests.ts';
import type { Bodies } from './bodies.ts';

export interface EraserOptions {
  readonly log: Pick<Log, 'size'>;
  readonly bodies: Bodies;
  readonly store: Store;
  readonly runner: Pick<ProjectionRunner, 'snapshot'>;
  readonly ingest: Pick<Ingest, 'atRest'>;
  readonly issuer: Pick<Issuer, 'issue'>;
  readonly timers: Pick<Timers, 'setImmediate'>;
  readonly random: Random;
  /** What is kept of a line beside the log. */
  readonly settler?: { readonly contests: Pick<Contests, 'forget'> };
  /** Messages as they came. */
  readonly origins?: Pick<Origins, 'forget'>;
}

/** What became of what was said about a thing. */
export interface Erased {
  /** Bodies erased. */
  readonly bodies: number;
  /** Statements that stay, because their bodies are in the log itself. */
  readonly open: number;
  /** Leaf of the certificate. */
  readonly leaf: number;
}

interface Standing {
  readonly kept: readonly number[];
  readonly erased: readonly number[];
  readonly open: number;
}

const LEAVES_PER_TURN = 4_096;

export class Eraser {
  readonly #options: EraserOptions;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: EraserOptions) {
    this.#options = options;
  }

  /**
   * Erases the bodies about a subject, of a person those about all pseudonyms that are linked to it: their keys, and what the tables have from them. What is said of it later is kept
   * under a new key.
   *
   * @param said why, and who asks: both stand in the log for ever
   * @returns once the certificate is durable
   * @throws TrineError `erased` or `not-found` when there is nothing to erase
   */
  forget(subject: string, said: Pick<Erasure, 'reason' | 'by'>): Promise<Erased> {
    const erased = this.#turn.then(async () => {
      this.#options.settler?.contests.forget(subject);
      this.#options.origins?.forget(subject);
      const links = await this.#linksOf(subject);
      return links.length > 0 ? this.#forgetPerson(subject, links, said) : this.#forget(subject, said);
    });
    this.#turn = erased.catch(() => undefined);
    return erased;
  }

  async #forget(subject: string, said: Pick<Erasure, 'reason' | 'by'>): Promise<Erased> {
    const { ingest, issuer, bodies } = this.#options;
    const counts = await ingest.atRest(() => this.#erase(subject));
    const { index } = await issuer.issue(
      'erasure',
      subject,
      erasurePayload.encode({ trine: 'erasure/1', ...said, ...counts }),
    );
    bodies.certified(subject);
    return { ...counts, leaf: index };
  }

  async #linksOf(person: string): Promise<{ leaf: number; pseudonym: string }[]> {
    const { runner, store, log } = this.#options;
    await runner.snapshot(log.size);
    return store.query<{ leaf: number; pseudonym: string }>(
      'SELECT leaf, pseudonym FROM links WHERE person = $1 ORDER BY leaf',
      [person],
    );
  }

  /** One certificate, about nobody: one for each pseudonym would say in public that they are of one person. */
  async #forgetPerson(
    person: string,
    links: readonly { readonly leaf: number; readonly pseudonym: string }[],
    said: Pick<Erasure, 'reason' | 'by'>,
  ): Promise<Erased> {
    const { ingest, issuer, bodies, store, random, settler } = this.#options;
    const pseudonyms = [...new Set(links.map(({ pseudonym }) => pseudonym))];
    // Before their accounts are erased, by which it is found.
    for (const pseudonym of pseudonyms) settler?.contests.forget(pseudonym);
    const linked = links.map(({ leaf }) => leaf);
    if ((await this.#standingOf(person)).kept.length > 0) await this.#forget(person, said);
    const counts = await ingest.atRest(() => this.#eraseAll(pseudonyms, linked));
    const about = `erased/${toHex(random(16))}`;
    const { index } = await issuer.issue(
      'erasure',
      about,
      erasurePayload.encode({ trine: 'erasure/1', ...said, ...counts }),
    );
    for (const pseudonym of pseudonyms) bodies.certified(pseudonym);
    // Last: until it is certified, whoever asks again must find whose they were.
    await ingest.atRest(() => store.erase(linked));
    return { ...counts, leaf: index };
  }

  /** @param linked leaves of the links themselves, whose rows stay for now */
  async #eraseAll(pseudonyms: readonly string[], linked: readonly number[]): Promise<Pick<Erasure, 'bodies' | 'open'>> {
    const { bodies, runner, store, log } = this.#options;
    await runner.snapshot(log.size);
    const leaves: number[] = [];
    const counts = { bodies: 0, open: 0 };
    for (const pseudonym of pseudonyms) {
      const { kept, erased, open } = await this.#standingOf(pseudonym);
      if (kept.length > 0) bodies.forget(pseudonym, kept.length, log.size);
      counts.bodies += bodies.uncertified(pseudonym)?.bodies ?? 0;
      counts.open += open;
      leaves.push(...[...kept, ...erased].filter((leaf) => !linked.includes(leaf)));
    }
    await store.erase(leaves.sort((a, b) => a - b));
    return counts;
  }

  async #erase(subject: string): Promise<Pick<Erasure, 'bodies' | 'open'>> {
    const { bodies, runner, store, log } = this.#options;
    // Commits what is under way, and replaces a snapshot that a start would read the tables' past from.
    await runner.snapshot(log.size);
    await this.#noteCertificate(subject);
    const { kept, erased, open } = await this.#standingOf(subject);
    if (kept.length > 0) bodies.forget(subject, kept.length, log.size);
    const due = bodies.uncertified(subject);
    if (due === undefined) throw nothingToErase(subject, erased.length, open);
    await store.erase([...kept, ...erased].sort((a, b) => a - b));
    return { bodies: due.bodies, open };
  }

  /** A crash may have come between a certificate and the note that it is there. */
  async #noteCertificate(subject: string): Promise<void> {
    const { bodies, store } = this.#options;
    const due = bodies.uncertified(subject);
    if (due === undefined) return;
    const found = await store.query(
      'SELECT leaf FROM statements JOIN sequences USING (sequence) WHERE subject = $1 AND kind = $2 AND leaf >= $3 LIMIT 1',
      [subject, statementKinds.erasure, due.size],
    );
    if (found.length > 0) bodies.certified(subject);
  }

  async #standingOf(subject: string): Promise<Standing> {
    const { bodies, store, timers } = this.#options;
    const rows = await store.query<{ leaf: number }>(
      'SELECT leaf FROM statements JOIN sequences USING (sequence) WHERE subject = $1 AND kind <> $2 ORDER BY leaf',
      [subject, statementKinds.erasure],
    );
    const found = { kept: [] as number[], erased: [] as number[], open: 0 };
    for (const [i, { leaf }] of rows.entries()) {
      const standing = bodies.standing(leaf);
      if (standing === 'none') found.open++;
      else found[standing].push(leaf);
      if (i % LEAVES_PER_TURN === LEAVES_PER_TURN - 1) await nextTurn(timers);
    }
    return found;
  }
}

function nothingToErase(subject: string, erased: number, open: number): TrineError {
  const stay =
    open > 0
      ? ` ${countOf(open, 'statement')} about it ${plural(open, 'stands in the open log and stays', 'stand in the open log and stay')}.`
      : '';
  return erased > 0
    ? new TrineError(
        'erased',
        `There is nothing of ${subject} to erase: ${countOf(erased, 'body', 'bodies')} about it ${plural(erased, 'was', 'were')} erased before.${stay}`,
      )
    : new TrineError('not-found', `There is nothing of ${subject} to erase: no body about it is kept here.${stay}`);
}
