// The first agreement: proposed where none can be decided here, opened on a practice chain, and not a second time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counting } from '@trine/engine/testing/counting.ts';
import { testIdentity } from '@trine/engine/testing/scene.ts';
import type { Agreement } from '@trine/protocol';
import { openSettling, type Settling } from '../testing/settling.ts';
import { settingsOf } from '../testing/world.ts';
import { openFirstAgreement } from './first-agreement.ts';

interface Given {
  readonly settings?: ReturnType<typeof settingsOf>;
  readonly kind?: 'embedded' | 'external';
  readonly makes?: boolean;
}

/** @returns titles of what was made, and of what was to be opened */
async function opened({ parts, decisions }: Settling, { settings = settingsOf(), kind, makes = true }: Given = {}) {
  const made: string[] = [];
  const open: string[] = [];
  const { genesis, domains, subject, projections, world } = parts;
  const chain = { ...genesis.chain, kind: kind ?? genesis.chain.kind };
  const firstAgreement = ({
    subject: thing,
    heartbeat,
    nowMs,
  }: {
    subject: string;
    heartbeat: string;
    nowMs: number;
  }) => {
    assert.deepEqual([thing, heartbeat, nowMs], ['machine/test', subject, world.now()]);
    made.push('First');
    return parts.agreement({ title: 'First' });
  };
  await parts.does(
    openFirstAgreement({
      ...{ settings, genesis: { ...genesis, chain }, subject: 'machine/test', heartbeat: subject, clock: world.now },
      options: { domains, ...(makes && { firstAgreement }) },
      ...{ decisions, policies: projections.policies },
      propose: (agreement) => decisions.propose(agreement),
      settler: { open: ({ title }: Agreement) => void open.push(title) },
    }),
  );
  return { made, open };
}

test('one is made where there is none, and all that can be decided here are opened at each start', async (t) => {
  const first = await openSettling();
  assert.deepEqual(await opened(first), { made: ['First'], open: ['First'] });
  assert.equal(first.parts.projections.policies.agreements().length, 1);
  await first.close();
  const settling = await openSettling({ world: first.parts.world });
  t.after(() => settling.close());
  await settling.parts.does(settling.decisions.propose(settling.parts.agreement({ title: 'Second' })));
  assert.deepEqual(await opened(settling), { made: [], open: ['First', 'Second'] });
});

test('none without a device, without somebody who makes one, or on a chain of others that is not for practice', async (t) => {
  const settling = await openSettling();
  t.after(() => settling.close());
  const none = { made: [], open: [] };
  const { device, chain } = settingsOf();
  assert.deepEqual(await opened(settling, { settings: settingsOf({ device: { ...device, enabled: false } }) }), none);
  assert.deepEqual(await opened(settling, { makes: false }), none);
  assert.deepEqual(await opened(settling, { kind: 'external' }), none);
  const practice = settingsOf({ chain: { ...chain, practice: true } });
  assert.deepEqual((await opened(settling, { kind: 'external', settings: practice })).made, ['First']);
});

test('after an update that changed the model another is made: the old terms bind nobody to the new one', async (t) => {
  const first = await openSettling();
  await opened(first);
  await first.close();
  const updated = { domain: counting, identity: { ...testIdentity('counting'), code: 'c'.repeat(64) } };
  const settling = await openSettling({ world: first.parts.world, installed: [updated] });
  t.after(() => settling.close());
  assert.deepEqual(await opened(settling), { made: ['First'], open: ['First'] });
  assert.equal(settling.parts.projections.policies.agreements().length, 2);
});
