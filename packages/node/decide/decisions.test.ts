// Deciding, joined: what is proposed, said and learnt by people, and what is said where a round fails.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Agreement, decisionId, equalBytes, type Monitor, modelHash, policyHash, toHex } from '@trine/protocol';
import { openSettling, type Settling } from '../testing/settling.ts';
import { teachable } from '../testing/teachable.ts';
import { checkDecidable } from './decisions.ts';

const installed = [teachable];
const rows = ({ parts }: Settling, sql: string) => parts.does(parts.store.query(sql));

/** A policy under which one statement is missing in the first window. */
async function missed(settling: Settling, policy: Agreement | Monitor): Promise<string> {
  const { parts, decisions } = settling;
  await parts.does(decisions.propose(policy));
  await parts.say([{ atMs: 1_000 }]);
  const decided = await parts.decideAt(12_000);
  const own = decided.find((one) => equalBytes(one.policy, policyHash(policy)));
  return toHex(decisionId(own ?? assert.fail()));
}

test('what cannot be decided here is refused before anything is appended, and the reason says what to do', async (t) => {
  const { parts, decisions, close } = await openSettling({ installed });
  t.after(close);
  const { size } = parts.log;
  const refused = async (policy: Agreement | Monitor, code: string, words: RegExp) => {
    await assert.rejects(parts.does(decisions.propose(policy)), (error: Error & { code: string }) => {
      assert.equal(error.code, code);
      return words.test(error.message);
    });
  };
  const { model, parties } = parts.agreement();
  await refused(parts.agreement({ domain: 'elsewhere' }), 'unsupported', /elsewhere is not installed/);
  await refused(parts.monitor({ model: { ...model, code: 'f'.repeat(64) } }), 'unsupported', /agreed one/);
  await refused(parts.monitor({ terms: { thing: 'thing/1', due: 1.5 } as never }), 'malformed', /due/);
  const arbiter = { role: 'umpire', name: 'U', address: `0x${'8'.repeat(40)}` };
  await refused(
    parts.agreement({ parties: [...parties, arbiter] }),
    'invalid',
    /umpire is none of the roles payer, recipient/,
  );
  const { money } = parts.agreement();
  const timed = (change: object) => parts.agreement({ money: { ...money, ...change } });
  // Windows of ten seconds, a second of grace.
  await refused(timed({ obligationMaxS: 9 }), 'invalid', /obligationMaxS: obligations of window may last 10 s/);
  await refused(timed({ settleWithinS: 1 }), 'invalid', /settleWithinS: obligations of window may be decided 1 s/);
  assert.equal(parts.log.size, size);
  await checkDecidable(parts.sources, timed({ obligationMaxS: 10, settleWithinS: 2 }));
});

test('a monitor is decided from its statement on, and its standing is known', async (t) => {
  const { parts, decisions, close } = await openSettling({ installed });
  t.after(close);
  const logged = await parts.does(decisions.propose(parts.monitor()));
  assert.deepEqual([logged.index, logged.id], [parts.log.size - 1, undefined]);
  assert.equal(decisions.standing(logged)?.untilMs, logged.policy.period.startMs);
  assert.equal(decisions.problems.size, 0);
  assert.equal(decisions.decider, parts.decider);
});

test('who decides others’ policies is named among the problems', async (t) => {
  const { parts, decisions, close } = await openSettling({ installed });
  t.after(close);
  const key = `${parts.monitor().deciders.list[0]?.key.slice(0, -3)}abc`;
  const logged = await parts.propose(parts.monitor({ deciders: { list: [{ key }] } }));
  assert.match(decisions.problems.get(logged.hash) ?? '', /none of its deciders/);
  assert.equal(decisions.standing(logged), undefined);
});

test('people label what was decided and say what they did about an alert; of what was not they cannot', async (t) => {
  const settling = await openSettling({ installed });
  t.after(() => settling.close());
  const { parts, decisions } = settling;
  const id = await missed(settling, parts.monitor());
  const said = { assessment: 'wrong', by: 'Ada', note: 'It was away.' } as const;
  await parts.does(decisions.label(id, said));
  const labels = await rows(settling, 'SELECT assessment, said_by AS "by", note, verdict FROM labels');
  assert.deepEqual(labels, [{ ...said, verdict: null }]);
  await parts.does(decisions.alertStatus(id, { status: 'resolved', code: 'missing', by: 'Ada', note: '' }));
  assert.equal((await rows(settling, 'SELECT * FROM alert_status')).length, 1);
  const { size } = parts.log;
  const unknown = { code: 'not-found' };
  await assert.rejects(parts.does(decisions.label('0'.repeat(64), said)), unknown);
  const none = { code: 'not-found', message: /no line of home\/7/ };
  await assert.rejects(parts.does(decisions.label(id, { ...said, row: 'home/7' })), none);
  await assert.rejects(
    parts.does(decisions.alertStatus(id, { status: 'resolved', code: 'flood', by: 'Ada', note: '' })),
    /no alert flood/,
  );
  const corrected = { assessment: 'corrected', by: 'Ada', note: '' } as const;
  await assert.rejects(parts.does(decisions.label(id, corrected)), /exactly where/);
  assert.equal(parts.log.size, size);
});

test('what labels teach goes into a monitor from its next obligation on, and beside an agreement', async (t) => {
  const settling = await openSettling({ installed });
  t.after(() => settling.close());
  const { parts, decisions } = settling;
  const said = { assessment: 'wrong', by: 'Ada', note: '' } as const;
  const change = { approvals: ['payer'], shadowsMin: 1, differencesMaxPpm: 0 };
  const agreement = await parts.does(decisions.propose(parts.agreement({ modelChange: change })));
  await parts.does(decisions.label(await missed(settling, parts.monitor()), said));
  const monitor = parts.projections.policies.monitors()[0] ?? assert.fail();
  const lenient = toHex(modelHash(parts.domains.identity('counting', { lenient: 1 })));
  assert.equal(await parts.does(decisions.learn(monitor.hash)), lenient);
  assert.equal(parts.projections.policies.replacedFrom(monitor.hash), monitor.policy.period.startMs + 10_000);
  const [ours] = parts.decided.filter(({ policy }) => toHex(policy) === agreement.hash);
  await parts.does(decisions.label(toHex(decisionId(ours ?? assert.fail())), said));
  assert.equal(await parts.does(decisions.learn(toHex(agreement.id ?? assert.fail()))), lenient);
  const [shadow] = parts.projections.policies.shadowsOf(agreement.id ?? assert.fail());
  assert.equal(toHex(modelHash(shadow?.policy.model ?? assert.fail())), lenient);
  await assert.rejects(parts.does(decisions.learn('0'.repeat(64))), { code: 'not-found' });
});

test('a monitor that is over ends as it was: what was learnt is registered alone', async (t) => {
  const settling = await openSettling({ installed });
  t.after(() => settling.close());
  const { parts, decisions } = settling;
  const { period } = parts.monitor();
  const id = await missed(settling, parts.monitor({ period: { ...period, endMs: period.startMs + 10_000 } }));
  await parts.does(decisions.label(id, { assessment: 'wrong', by: 'Ada', note: '' }));
  const [monitor] = parts.projections.policies.monitors();
  const hash = await parts.does(decisions.learn(monitor?.hash ?? ''));
  assert.ok(parts.projections.models.get(hash));
  assert.equal(parts.projections.policies.monitors().length, 1);
});

test('calls while a round is under way join it; one that fails is said, and the next is well', async (t) => {
  const settling = await openSettling({ installed });
  t.after(() => settling.close());
  const { parts, decisions, troubles } = settling;
  const one = decisions.tick();
  assert.equal(decisions.tick(), one);
  await parts.does(one);
  assert.deepEqual(troubles, [undefined]);
  parts.lifecycle.round = () => Promise.reject(new Error('The rules are away.'));
  await parts.does(decisions.tick());
  assert.deepEqual(troubles, [undefined, undefined], 'nothing happened that the rules of models look at');
  await parts.does(
    decisions.label(await missed(settling, parts.monitor()), { assessment: 'right', by: 'A', note: '' }),
  );
  await parts.does(decisions.tick());
  assert.equal(troubles.at(-1), 'Deciding: The rules are away.');
  Reflect.deleteProperty(parts.lifecycle, 'round');
  await parts.does(decisions.tick());
  assert.equal(troubles.at(-1), undefined);
});
