import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { zonesTable } from './zones.ts';

test('the table of time zones is the one of the release it names: node scripts/zones.ts writes it', () => {
  const file = new URL('../packages/protocol/calendar/zones.json', import.meta.url);
  assert.equal(readFileSync(file, 'utf8'), zonesTable());
});
