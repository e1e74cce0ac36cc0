// A station for the tests: people book bicycles, which report.
import { Scene } from '@trine/engine/testing/scene.ts';
import { type Entry, entriesOf, type InputStatement, toHex } from '@trine/protocol';
import { BOOKING_TYPE, CANCEL_TYPE } from '../events.ts';
import { booking } from '../index.ts';
import type { BookingTerms } from '../terms.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const START_MS = Date.parse('2026-05-02T00:00Z');
export const terms = {
  resources: ['bicycle/*'],
  openers: [{ subjects: 'person/*', openMax: 2 }],
  startWithinMs: 15 * MINUTE_MS,
  longestMs: 4 * HOUR_MS,
  pricePerUnit: 20,
  deposit: 1_000,
  noShowFee: 300,
  lateFee: 500,
  cancelFreeMs: 5 * MINUTE_MS,
  lateEndMs: 24 * HOUR_MS,
};
/** Some obligations rest on nobody's word but the person's own, or on a silence: the parties agree to that. */
const gate = { ownersMin: 0, classMin: 'software' as const, heartbeat: 'node/1', heartbeatGapMsMax: HOUR_MS };
export const options = {
  terms,
  subject: 'station/1',
  startMs: START_MS,
  endMs: START_MS + 30 * 24 * HOUR_MS,
  policy: { gate, correctableMs: 48 * HOUR_MS },
  heartbeatEveryMs: HOUR_MS / 2,
};

/** A scene in which people and bicycles speak in words of minutes. */
export class Station {
  readonly scene: Scene<BookingTerms>;
  constructor(given: object = {}, others: object = {}) {
    this.scene = new Scene({ domain: booking, ...options, terms: { ...terms, ...given }, ...others });
  }

  ms(minutes: number): number {
    return START_MS + Math.round(minutes * MINUTE_MS);
  }

  book(person: string, resource: string, at: number, { minutes = 30, within = 15 } = {}): Promise<InputStatement> {
    const body = { resource, latestStartMs: this.ms(at + within), minutes };
    return this.scene.event(person, BOOKING_TYPE, body, this.ms(at));
  }

  report(type: string, resource: string, opened: InputStatement, at: number, atMs?: number): Promise<InputStatement> {
    const body = { opening: toHex(opened.statement.id), ...(atMs !== undefined && { atMs }) };
    return this.scene.event(resource, type, body, this.ms(at));
  }

  cancel(person: string, resource: string, opened: InputStatement, at: number): Promise<InputStatement> {
    return this.scene.event(person, CANCEL_TYPE, { opening: toHex(opened.statement.id), resource }, this.ms(at));
  }

  async decide(at: number): Promise<void> {
    await this.scene.decide(this.ms(at));
  }

  /** What was decided on a person, in order, without what was nothing to decide. */
  lines(person: string) {
    return this.scene.decisions.flatMap(({ due, evaluated }) => {
      const row = evaluated.rows.get(person)?.row;
      return row && row.verdict !== 'void' ? [{ trigger: due.obligation.trigger, row }] : [];
    });
  }

  verdicts(person: string): string[] {
    return this.lines(person).map(({ row }) => row.verdict);
  }

  entries(person: string): Entry[] {
    return this.lines(person).flatMap(({ row }) => entriesOf(row));
  }

  short(person: string): string[] {
    return this.entries(person).map(({ from, to, amount }) => `${from} → ${to} ${amount}`);
  }

  /** What stays in escrow. */
  escrow(): number {
    const all = this.scene.decisions.flatMap(({ evaluated }) =>
      [...evaluated.rows.values()].flatMap(({ row }) => entriesOf(row)),
    );
    return all.reduce(
      (sum, { from, to, amount }) => sum + (to === 'escrow' ? amount : from === 'escrow' ? -amount : 0),
      0,
    );
  }
}
