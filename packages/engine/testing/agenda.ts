// Agendas for tests: of the toy domain, about times after the start of 2026.

import { zones } from '../../protocol/calendar/zones.ts';
import { Agenda, type Noted } from '../agenda.ts';
import type { LoggedEvent, Trigger } from '../domain.ts';
import { Scene, type SceneOptions } from './scene.ts';
import { type ToyParts, type ToyTerms, toyDomain } from './toy.ts';

/** 2026-01-01. */
export const T0: number = 1_767_225_600_000;
export const HOUR_MS: number = 3_600_000;

export function agendaOf(
  parts: ToyParts = {},
  options: Partial<SceneOptions<ToyTerms>> = {},
  sinceMs?: number,
): Agenda {
  const domain = toyDomain(parts);
  const given = { domain, terms: {}, subject: 'thing/1', startMs: T0, endMs: T0 + 100 * HOUR_MS, ...options };
  return new Agenda(domain, new Scene(given).policy, zones, sinceMs);
}

/** An event as it is noted when it arrives. */
export function said(event: LoggedEvent): Noted {
  const { leaf, timeMs, subject } = event;
  return { leaf, arrivalMs: timeMs, kind: 'event', subject, firstMs: timeMs, lastMs: timeMs, event };
}

/** Terms that late statements may correct. */
export const correctable: Partial<SceneOptions<ToyTerms>> = { policy: { correctableMs: 10_000 } };

/** Opens and closes under the key that a body of JSON names. */
export const SESSION: Extract<Trigger, { on: 'session' }> = {
  name: 'session',
  on: 'session',
  graceMs: 10,
  subjects: ['person/*', 'gate/1'],
  maxMs: 1_000,
  opens: ({ body }) => keyOf(body, 'open'),
  closes: ({ body }) => keyOf(body, 'close'),
};

function keyOf(body: Uint8Array, word: string): string | undefined {
  const { [word]: key } = JSON.parse(new TextDecoder().decode(body)) as Record<string, string>;
  return key;
}
