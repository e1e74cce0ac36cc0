// A monitor as somebody asks for one: what the node adds, and what it refuses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Domains, zones, zonesIdentity } from '@trine/engine';
import { testIdentity } from '@trine/engine/testing/scene.ts';
import { toyDomain } from '@trine/engine/testing/toy.ts';
import { didKey, FormatError, monitorPayload, NotChecked } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { T0 } from '../testing/world.ts';
import { monitorOf } from './monitor.ts';

const member = temporarySigner();
const network = { id: `trine:${'0'.repeat(32)}` };
const node = (domain = toyDomain()) => ({
  domains: new Domains([{ domain, identity: testIdentity('toy') }]),
  genesis: { network, origin: 'test.example/log', keys: { member } } as never,
  subject: 'node/1',
});
const asked = { subject: 'thing/1', domain: 'toy', title: 'A thing', terms: {} };
const YEARS_MS = 10 * 365 * 86_400_000;

test('from now on for ten years, by the model as it is delivered, decided here, with every class heard', () => {
  const monitor = monitorOf(node(), asked, T0);
  assert.deepEqual(monitor.period, { startMs: T0, endMs: T0 + YEARS_MS });
  assert.deepEqual(monitor.terms, { things: ['thing/1'] }, 'what was left out has its default');
  assert.deepEqual(monitor.deciders, { list: [{ key: didKey(member.publicKey) }] });
  assert.deepEqual(monitor.gate, {
    ...{ ownersMin: 0, classMin: 'simulated', heartbeat: 'node/1', heartbeatGapMsMax: 10_000 },
  });
  assert.equal(monitor.model.code, testIdentity('toy').code);
  for (const name of ['plausibility', 'correctableMs', 'currency', 'zones', 'shadows', 'replaces'])
    assert.equal(Object.hasOwn(monitor, name), false, name);
  assert.deepEqual(monitorPayload.decode(monitorPayload.encode(monitor)), monitor);
});

test('what is asked for stands in it; one about the past lasts ten years from now', () => {
  const given = { ...asked, startMs: T0 - 5_000, correctableMs: 7, currency: 'EUR' };
  const monitor = monitorOf(node(), given, T0);
  assert.deepEqual(monitor.period, { startMs: T0 - 5_000, endMs: T0 + YEARS_MS });
  assert.deepEqual([monitor.correctableMs, monitor.currency], [7, 'EUR']);
  // Windows of a second: the one under way at the end is decided as well.
  const ends = (endMs?: number) => monitorOf(node(), { ...asked, startMs: T0 + 9, endMs }, T0).period.endMs - T0;
  assert.deepEqual([ends(T0 + 1_000), ends(T0 + 1_010), ends()], [1_000, 2_000, YEARS_MS + 1_000]);
});

test('where a calendar says when, the table of its time zones is named', () => {
  const daily = toyDomain({
    triggers: [{ name: 'day', on: 'calendar', period: 'day', timeZone: 'Europe/Lisbon', graceMs: 0 }],
  });
  assert.deepEqual(monitorOf(node(daily), asked, T0).zones, zonesIdentity(zones));
});

test('a domain that is not here, and terms that are wrong, are refused by name', () => {
  assert.throws(() => monitorOf(node(), { ...asked, domain: 'elsewhere' }, T0), NotChecked);
  assert.throws(() => monitorOf(node(), { ...asked, terms: { things: 7 } }, T0), /things/);
  assert.throws(() => monitorOf(node(), { ...asked, title: 'x'.repeat(201) }, T0), FormatError);
  assert.throws(() => monitorOf(node(), { ...asked, currency: 'euro' }, T0), /currency/);
});
