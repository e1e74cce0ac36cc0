// Pseudonyms: a person is let in under a name of its own for each session. Public are the key and the pseudonym; whom it
// stands for is a body behind a commitment, encrypted under the pseudonym's key. Letting in and shutting out follow the
// pseudonym's own doings alone: what happens to one says nothing about another of the same person.
import { detachBody, type Enrolment, limits as formatLimits, linkPayload, TrineError } from '@trine/protocol';
import type { Random } from '@trine/system/random.ts';
import type { Clock } from '@trine/system/time.ts';
import type { Scheduler } from '../decide/scheduler.ts';
import type { Issuer } from '../ingest/issuer.ts';
import type { KeyDirectory } from '../projections/keys.ts';
import type { ProjectionRunner } from '../projections/runner.ts';
import type { SequenceTracker } from '../projections/sequences.ts';
import type { Store } from '../projections/tables/store.ts';
import type { Settings } from '../settings.ts';

/** The same for everybody: a name would say who it is. */
const NAME = 'Pseudonym';

export interface PseudonymsOptions {
  readonly store: Store;
  readonly runner: Pick<ProjectionRunner, 'flush'>;
  readonly keyDirectory: KeyDirectory;
  readonly sequences: SequenceTracker;
  readonly scheduler: Pick<Scheduler, 'all'>;
  readonly member: Pick<Issuer, 'issueDetached'>;
  readonly enrol: (subject: string, enrolment: Enrolment) => Promise<void>;
  readonly revoke: (did: string, reason: string) => Promise<void>;
  readonly random: Random;
  readonly now: Clock;
  readonly limits: Settings['pseudonyms'];
}

export interface PseudonymView {
  readonly subject: string;
  /** did:key; undefined where a crash came before it was let in. */
  readonly key: string | undefined;
  /** May it still speak? */
  readonly isLive: boolean;
}

export class Pseudonyms {
  readonly #options: PseudonymsOptions;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: PseudonymsOptions) {
    this.#options = options;
  }

  /**
   * Lets a person in under a pseudonym.
   *
   * @param given the person, by a name that no public statement ever has; the did:key and the subject that it derived
   * @throws TrineError `conflict` where either was used before, or the person has as many as it may
   */
  open(given: { readonly person: string; readonly key: string; readonly subject: string }): Promise<void> {
    const opened = this.#turn.then(() => this.#open(given));
    this.#turn = opened.catch(() => undefined);
    return opened;
  }

  async #open({ person, key, subject }: { person: string; key: string; subject: string }): Promise<void> {
    const { keyDirectory, sequences, member, enrol, random, limits } = this.#options;
    if (keyDirectory.get(key) || keyDirectory.keysOf(subject).length > 0 || sequences.get(subject, subject))
      throw new TrineError('conflict', 'This key or pseudonym was used before: take that of the next session.');
    const live = (await this.of(person)).filter(({ isLive }) => isLive);
    if (live.length >= limits.perPersonMax)
      throw new TrineError('conflict', `${person} has ${live.length} pseudonyms: one must be over before the next.`);
    const { commitment, disclosure } = detachBody(
      linkPayload.encode({ trine: 'link/1', person }),
      random(formatLimits.saltBytes),
    );
    await member.issueDetached('link', subject, commitment, disclosure);
    await enrol(subject, { key, name: NAME, class: 'software', subjects: [subject] });
  }

  /** Pseudonyms of a person, as long as the links are kept. */
  async of(person: string): Promise<PseudonymView[]> {
    const { store, runner, keyDirectory } = this.#options;
    await runner.flush();
    const rows = await store.query<{ pseudonym: string }>(
      'SELECT DISTINCT pseudonym FROM links WHERE person = $1 ORDER BY pseudonym',
      [person],
    );
    return rows.map(({ pseudonym: subject }) => {
      const [entry] = keyDirectory.keysOf(subject);
      return { subject, key: entry?.did, isLive: entry !== undefined && entry.revokedAt === undefined };
    });
  }

  /** Shuts out those whose session is over, and those that were never used. */
  round(): Promise<void> {
    const done = this.#turn.then(() => this.#round());
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #round(): Promise<void> {
    const { store, runner, keyDirectory, scheduler, revoke, now, limits } = this.#options;
    const candidates = keyDirectory.entries().filter((one) => one.name === NAME && one.revokedAt === undefined);
    if (candidates.length === 0) return;
    await runner.flush();
    // Only those with a link: somebody may have enrolled a thing of that name.
    const said = await store.query<{ pseudonym: string; entered: number; last: number | null }>(
      `SELECT l.pseudonym, max(e.arrival_ms) AS entered, any_value(s.last) AS last
       FROM links l JOIN statements e ON e.leaf = l.leaf LEFT JOIN (
         SELECT key_owner, max(arrival_ms) AS last FROM statements JOIN sequences USING (sequence)
         WHERE key_owner IN (SELECT pseudonym FROM links) GROUP BY key_owner) s ON s.key_owner = l.pseudonym
       GROUP BY l.pseudonym`,
    );
    const byPseudonym = new Map(said.map((one) => [one.pseudonym, one]));
    const isOpen = (subject: string) => scheduler.all().some(({ agenda }) => agenda.isOpener(subject));
    for (const { did, keyOwner } of candidates) {
      const known = byPseudonym.get(keyOwner);
      if (known === undefined || isOpen(keyOwner)) continue;
      const overMs = known.last === null ? known.entered + limits.unusedMs : known.last + limits.idleMs;
      if (now() >= overMs) await revoke(did, 'over');
    }
  }
}
