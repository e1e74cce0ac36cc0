// Over crashes: what all parties have signed is sealed once, with each signature once, however often it is gone on with.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policyHash, toHex } from '@trine/protocol';
import { openSettling } from '../testing/settling.ts';
import { settingsOf } from '../testing/world.ts';
import { openProposals, signInPractice } from './open.ts';

test('a crash after any step of the sealing leaves an agreement that the next start completes, once', async (t) => {
  for (let keeps = 0; keeps <= 3; keeps++) {
    const settling = await openSettling();
    t.after(() => settling.close());
    const { parts, decisions, settler } = settling;
    const { genesis, world, projections, identities } = parts;
    const { policies, runner } = projections;
    const agreement = parts.agreement();
    const opened: string[] = [];
    let issued = 0;
    let isCrashing = true;
    const member: Parameters<typeof openProposals>[0]['member'] = {
      issue: async (...given) => {
        if (isCrashing && issued === keeps) throw new Error('crashed');
        issued++;
        return identities.member.issue(...given);
      },
      issueDetached: () => assert.fail('nobody joins'),
    };
    const { random, disk, timers } = world.system(parts.life);
    const options = { settings: settingsOf(), genesis, decisions, policies, clock: world.now, timers, random, disk };
    const opens = {
      open: (...given: Parameters<typeof settler.open>) => {
        opened.push(given[0].title);
        settler.open(...given);
      },
    };
    const before = openProposals({ ...options, member, settler: opens });
    const signed = signInPractice(before, agreement, genesis);
    // The agreement and two signatures are three steps.
    if (keeps < 3) await assert.rejects(parts.does(signed), /crashed/);
    else await parts.does(signed);
    await parts.does(before.close());
    isCrashing = false;
    const next = openProposals({ ...options, member, settler: opens });
    await parts.does(next.resume());
    await parts.does(next.resume());
    assert.equal(issued, 3);
    assert.deepEqual(opened, [agreement.title]);
    assert.deepEqual(
      next.list(10).map(({ state, policy }) => [state, policy]),
      [['sealed', toHex(policyHash(agreement))]],
    );
    assert.deepEqual(
      policies.consents(toHex(policyHash(agreement))).map(({ role }) => role),
      ['payer', 'recipient'],
    );
    await parts.does(runner.flush());
    await parts.does(next.close());
  }
});
