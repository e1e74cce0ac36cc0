// Open sessions: openings that nothing closed yet, found by the key that a close names and counted by opener.
import type { LoggedEvent } from './domain.ts';

export interface OpenSession {
  readonly trigger: string;
  readonly key: string;
  readonly opening: LoggedEvent;
}

/** Memory is bounded, and one opener cannot take the room of the others. */
const SESSIONS_MAX = 100_000;
const SESSIONS_PER_OPENER_MAX = 1_000;

export class OpenSessions {
  readonly #byOpening = new Map<string, OpenSession>();
  readonly #byKey = new Map<string, Set<OpenSession>>();
  readonly #countByOpener = new Map<string, number>();

  /** @returns false where there is no room for another */
  add(session: OpenSession): boolean {
    const { trigger, key, opening } = session;
    const count = this.#countByOpener.get(opening.subject) ?? 0;
    if (this.#byOpening.size >= SESSIONS_MAX || count >= SESSIONS_PER_OPENER_MAX) return false;
    this.#byOpening.set(`${trigger} ${opening.id}`, session);
    this.#countByOpener.set(opening.subject, count + 1);
    const place = `${trigger} ${key}`;
    const same = this.#byKey.get(place);
    if (same) same.add(session);
    else this.#byKey.set(place, new Set([session]));
    return true;
  }

  /** Those that a close with this key is about, in the order in which they were opened. */
  under(trigger: string, key: string): readonly OpenSession[] {
    return [...(this.#byKey.get(`${trigger} ${key}`) ?? [])];
  }

  /** @param opening id of the statement, hex */
  delete(trigger: string, opening: string): void {
    const name = `${trigger} ${opening}`;
    const session = this.#byOpening.get(name);
    if (session === undefined) return;
    this.#byOpening.delete(name);
    const place = `${trigger} ${session.key}`;
    const same = this.#byKey.get(place);
    same?.delete(session);
    if (same?.size === 0) this.#byKey.delete(place);
    const { subject } = session.opening;
    const left = (this.#countByOpener.get(subject) ?? 1) - 1;
    if (left > 0) this.#countByOpener.set(subject, left);
    else this.#countByOpener.delete(subject);
  }

  /** Does a subject have any open? */
  isOpener(subject: string): boolean {
    return this.#countByOpener.has(subject);
  }

  all(): readonly OpenSession[] {
    return [...this.#byOpening.values()];
  }
}
