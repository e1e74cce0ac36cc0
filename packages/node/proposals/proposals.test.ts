// Over crashes: what all parties have signed is sealed once, with each signature once, however often it is gone on with.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, hexOf, policyHash, signDigest, TrineError, toHex } from '@trine/protocol';
import { openSettling } from '../testing/settling.ts';
import { settingsOf } from '../testing/world.ts';
import { openProposals, signInPractice } from './open.ts';
import type { Signed } from './proposals-store.ts';

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
    await parts.does(next.resume(assert.fail));
    await parts.does(next.resume(assert.fail));
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

test('what could not be sealed stops no start: it is said, and tried again or taken back; what can be in no log is refused before anybody signs', async (t) => {
  const settling = await openSettling();
  t.after(() => settling.close());
  const { parts, decisions, settler } = settling;
  const { genesis, world, projections, identities } = parts;
  const { policies } = projections;
  const { random, disk, timers } = world.system(parts.life);
  let isRefused = true;
  const member: Parameters<typeof openProposals>[0]['member'] = {
    issue: async (...given) => {
      if (isRefused) throw new TrineError('too-large', 'More than fits.');
      return identities.member.issue(...given);
    },
    issueDetached: () => assert.fail('nobody joins'),
  };
  const proposals = openProposals({
    ...{ settings: settingsOf(), genesis, decisions, policies, clock: world.now, timers, random, disk },
    ...{ member, settler },
  });
  t.after(() => proposals.close());
  const accounts = Array.from({ length: 1_200 }, (_, i) => ({
    key: `line/${i}`,
    address: `0x${String(i).padStart(40, '0')}`,
  }));
  const huge = parts.agreement({ accounts, registrar: `0x${'9'.repeat(40)}` });
  await assert.rejects(parts.does(signInPractice(proposals, huge, genesis)), { code: 'too-large' });
  assert.deepEqual(proposals.list(10), []);

  const [one, other] = [parts.agreement(), parts.agreement({ title: 'Another' })];
  await assert.rejects(parts.does(signInPractice(proposals, one, genesis)), { code: 'too-large' });
  await assert.rejects(parts.does(signInPractice(proposals, other, genesis)), { code: 'too-large' });
  const told: string[] = [];
  await parts.does(proposals.resume((problem) => told.push(problem)));
  assert.equal(told.length, 2);
  assert.match(told[0] as string, /could not be sealed: More than fits\./);
  const idOf = (title: string) => proposals.list(10).find(({ draft }) => draft.title === title)?.id as string;
  assert.equal((await parts.does(proposals.withdraw(idOf('Another')))).state, 'withdrawn');
  isRefused = false;
  const signed = proposals.get(idOf(one.title));
  const [{ role, signature }] = signed.signed as [Signed];
  assert.equal((await parts.does(proposals.sign(signed.id, role, fromHex(signature)))).state, 'sealed');
  await assert.rejects(proposals.withdraw(signed.id), { code: 'conflict' });
  await parts.does(proposals.resume(assert.fail));
});

test('nobody signs what is over', async (t) => {
  const settling = await openSettling();
  t.after(() => settling.close());
  const { parts, decisions, settler } = settling;
  const { genesis, world, projections, identities } = parts;
  const { random, disk, timers } = world.system(parts.life);
  const proposals = openProposals({
    ...{ settings: settingsOf(), genesis, decisions, settler, timers, random, disk },
    ...{ policies: projections.policies, clock: () => nowMs, member: identities.member },
  });
  t.after(() => proposals.close());
  const agreement = parts.agreement();
  let nowMs = agreement.period.startMs;
  const proposal = await parts.does(proposals.propose(agreement));
  nowMs = agreement.period.endMs;
  const id = proposals.agreementOf(proposal)?.id as Uint8Array;
  const signature = fromHex(signDigest(hexOf(id), genesis.keys.account));
  await assert.rejects(proposals.sign(proposal.id, 'payer', signature), { code: 'conflict' });
});
