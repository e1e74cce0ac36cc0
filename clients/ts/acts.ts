// Acts of parties as the interface takes them: ids without their `0x`, exact numbers as JSON has them.
import type { Act } from '@trine/protocol';
import type { Schemas } from './client.ts';

const IDS: readonly string[] = ['agreement', 'obligation', 'intent', 'statement'];

/** @example actAsJson({ kind: 'revoke', agreement, account, nonce: 1n, deadline: 1_767_571_200n }) */
export function actAsJson(act: Act): Schemas['Act'] {
  const entries = Object.entries(act).map(([name, value]) => {
    if (IDS.includes(name)) return [name, (value as string).slice(2)];
    if (name === 'nonce') return [name, (value as bigint).toString(16).padStart(64, '0')];
    return [name, typeof value === 'bigint' ? Number(value) : value];
  });
  return Object.fromEntries(entries) as Schemas['Act'];
}
