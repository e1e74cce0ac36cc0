// What the gate held, released or dropped by hand: by enough deciders or by all parties; paid once, and proven to be by hand.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { replayWith } from '@trine/engine';
import {
  type Agreement,
  addressOfPrivateKey,
  type Decision,
  decisionId,
  decodeEvidence,
  encodeEvidence,
  encodeIntent,
  fromHex,
  type Hex,
  hexOf,
  type Intent,
  intentEntries,
  NO_BATCH,
  networkIdOnChain,
  obligationId,
  orderedTogether,
  policyHash,
  type Release,
  releaseDigest,
  released,
  releasePayload,
  secondsOf,
  signDigest,
  toHex,
  verifyEvidence,
  ZERO_HASH,
} from '@trine/protocol';
import type { LoggedAgreement, LoggedRelease } from '../projections/policies.ts';
import { keptIn, secondDecider, twoDeciders } from '../testing/co-deciding.ts';
import { DEADLINE_S, Disputable, WINDOW_S } from '../testing/disputable.ts';
import { problemOf, ServedNode } from '../testing/served.ts';
import { openSettling } from '../testing/settling.ts';

const SECOND_KEY = new Uint8Array(32).fill(7);
type Ruling = 'pay' | 'drop';

/** A decision that is held: the terms want more owners than there are. */
class Scene {
  readonly served: ServedNode;
  readonly logged: LoggedAgreement;
  readonly decision: Decision;

  constructor(served: ServedNode, logged: LoggedAgreement, decision: Decision) {
    this.served = served;
    this.logged = logged;
    this.decision = decision;
  }

  static async open(t: TestContext, change: (made: Agreement) => Partial<Agreement> = () => ({})): Promise<Scene> {
    const served = await ServedNode.open();
    t.after(() => served.close());
    const { parts, decisions, settle } = served.settling;
    const made = parts.agreement({ gate: { ...parts.agreement().gate, ownersMin: 3 } });
    const logged = await served.does(decisions.propose({ ...made, ...change(made) }));
    await parts.say([{ atMs: 1_000 }]);
    const [decision] = await parts.decideAt(12_000);
    await settle();
    return new Scene(served, logged as LoggedAgreement, decision as Decision);
  }

  get id(): Uint8Array {
    return decisionId(this.decision);
  }

  get keys() {
    return this.served.node.genesis.keys;
  }

  async says(key: Uint8Array, ruling: Ruling, about: Ruling = ruling) {
    const { held } = this.served.node.settler;
    const signature = signDigest(held.digestOf(this.logged, this.id, { ruling: about }), key);
    const body = { ruling, reason: 'Looked at on the spot', signature };
    return this.served.post(`/api/v1/held/${toHex(this.id)}/release`, body, { token: '' });
  }

  async state(key: Uint8Array, ruling: Ruling): Promise<string> {
    const answer = await this.says(key, ruling);
    return answer.status === 200 ? (answer.json() as { state: string }).state : problemOf(answer).code;
  }

  /** What was said of it by hand, as the log has it. */
  get word(): LoggedRelease | undefined {
    return this.served.node.policies.release(this.logged.hash, toHex(this.id));
  }

  /** What those who have the say in another agreement say of this one's decision, as a member seals it who is one of them. */
  async saysElsewhere(ruling: Ruling): Promise<void> {
    const { parts, decisions } = this.served.settling;
    const policy = parts.agreement({ title: 'Another' });
    const logged = (await this.served.does(decisions.propose(policy))) as LoggedAgreement;
    const about = { decision: this.id, ruling };
    const signature = fromHex(signDigest(releaseDigest(logged.id, about, policy.money), this.keys.account));
    const release: Release = {
      ...{ trine: 'release/1', policy: policyHash(policy), ...about },
      ...{ reason: 'Said elsewhere', signatures: [signature] },
    };
    await this.served.does(parts.identities.member.issue('release', policy.subject, releasePayload.encode(release)));
    this.served.settling.settler.decided({ outcome: 'pay' });
    await this.served.recorded();
  }

  /** The order that follows once it is released, as a node gives it that asks nobody. */
  order(): Intent {
    const { policy, id } = this.logged;
    const { decision } = released(this.decision);
    const place = { obligation: hexOf(obligationId(decision.obligation)), supersedes: ZERO_HASH };
    const paying = { decision, id: this.id, policy, rows: new Map(), before: [] };
    const nowS = BigInt(Math.floor(this.served.parts.world.now() / 1_000));
    return {
      ...{ network: networkIdOnChain(policy.network), chainId: BigInt(policy.money.chainId) },
      ...{ settler: policy.money.contract as Hex, agreement: hexOf(id), termsHash: `0x${this.logged.hash}` },
      ...{ ...secondsOf(decision.obligation), ...place, ...NO_BATCH, token: policy.money.token as Hex },
      entries: intentEntries(policy, orderedTogether(place, paying)),
      ...{ validAfter: 0n, deadline: nowS + BigInt(policy.money.disputeWindowS + policy.money.deadlineS) },
      decision: hexOf(this.id),
    };
  }

  query(sql: string): Promise<Record<string, unknown>[]> {
    return this.served.does(this.served.parts.store.query(sql));
  }

  async paid(): Promise<number> {
    await this.served.settling.settle();
    return (await this.query('SELECT * FROM settlements')).length;
  }
}

const held = (scene: Scene) =>
  scene.served.get<{ id: string; amount: number; gate: string[]; words: object[] }[]>('/api/v1/held');

test('held, it is shown; released by a decider it is paid once, and the proof says that it was by hand', async (t) => {
  const scene = await Scene.open(t);
  assert.equal(scene.decision.outcome, 'hold');
  assert.equal(await scene.paid(), 0);
  const [shown, ...others] = await held(scene);
  assert.deepEqual([shown?.id, shown?.amount, others], [toHex(scene.id), 5, []]);
  assert.match(shown?.gate[0] ?? '', /needed: 3/);
  assert.equal(await scene.state(scene.keys.account, 'pay'), 'sealed');
  assert.equal(await scene.paid(), 1);
  assert.deepEqual(await held(scene), []);
  assert.equal(await scene.state(scene.keys.account, 'pay'), 'conflict');
  assert.equal(await scene.paid(), 1);
  const [row] = await scene.query('SELECT digest FROM intents');
  const file = await scene.served.does(scene.served.node.evidence(row?.digest as Uint8Array));
  const options = { network: scene.served.node.genesis.network, replay: replayWith(scene.served.node.domains) };
  const report = await verifyEvidence(file, options);
  assert.equal(report.verdict, 'members-word', JSON.stringify(report.steps, undefined, 1));
  assert.match(
    report.steps.find(({ name }) => name === 'intent')?.detail ?? '',
    /^released by hand by 1 decider; the gate had held it; /,
  );
  assert.equal(report.facts.released, 'by hand, by 1 decider: Looked at on the spot');
  // Without the word by hand it is not payable: no file passes without it.
  const evidence = decodeEvidence(file);
  const at = scene.word?.index;
  const logs = evidence.logs.map((log) => ({ ...log, leaves: log.leaves.filter(({ index }) => index !== at) }));
  assert.equal((await verifyEvidence(encodeEvidence({ ...evidence, logs }), options)).verdict, 'broken');
});

test('one party alone releases nothing, both do; a stranger, and a signature over something else, are refused', async (t) => {
  const scene = await Scene.open(t, (made) => ({ ...twoDeciders(made, new Uint8Array(32).fill(8)) }));
  const { account, recipient } = scene.keys;
  assert.equal(await scene.state(new Uint8Array(32).fill(9), 'pay'), 'forbidden');
  assert.equal(problemOf(await scene.says(recipient, 'pay', 'drop')).code, 'forbidden');
  assert.equal(await scene.state(recipient, 'pay'), 'waits');
  assert.equal(await scene.state(recipient, 'pay'), 'waits');
  assert.equal((await held(scene))[0]?.words.length, 1);
  // Who pays is a decider here, too: it says drop, and then the same as the other.
  assert.equal(await scene.state(account, 'drop'), 'waits');
  assert.equal(await scene.state(account, 'pay'), 'sealed');
  assert.equal(scene.word?.by, 'Operator and Customer');
});

test('dropped, it is never paid, and no later word changes that', async (t) => {
  const scene = await Scene.open(t);
  assert.equal(await scene.state(scene.keys.account, 'drop'), 'sealed');
  assert.equal(await scene.state(scene.keys.account, 'pay'), 'conflict');
  assert.equal(await scene.paid(), 0);
  assert.deepEqual(await scene.query('SELECT * FROM intents'), []);
});

test('with two deciders a release takes both, and the second signs the order that follows', async (t) => {
  const scene = await Scene.open(t, (made) => twoDeciders(made));
  const second = secondDecider(scene.served, keptIn(scene.served));
  assert.deepEqual(await second.round(), []);
  assert.equal(await scene.state(scene.keys.account, 'pay'), 'waits');
  assert.equal(await scene.state(SECOND_KEY, 'pay'), 'sealed');
  assert.equal(await scene.paid(), 0);
  const [said] = await second.round();
  assert.equal(said?.state, 'signed', said?.words);
  assert.equal(await scene.paid(), 1);
  assert.notEqual(addressOfPrivateKey(SECOND_KEY), addressOfPrivateKey(scene.keys.account));
});

test('what those of another agreement say of a decision counts for nothing, and keeps nobody from saying it', async (t) => {
  const scene = await Scene.open(t, (made) => twoDeciders(made));
  await scene.saysElsewhere('pay');
  assert.equal(await scene.paid(), 0);
  assert.equal(scene.served.settling.settler.problem, undefined);
  assert.equal((await held(scene)).length, 1);
  // A node that orders it nevertheless: the second decider does not take that for a release.
  const { parts } = scene.served;
  await scene.served.does(parts.ingest.appendIntent(encodeIntent(scene.order())));
  await scene.served.recorded();
  const [said] = await secondDecider(scene.served, keptIn(scene.served, '/lied-to')).round();
  assert.deepEqual([said?.state, said?.words], ['refused', "The decision's outcome is hold: nothing was to be paid."]);
  assert.equal(await scene.state(scene.keys.account, 'pay'), 'waits');
  assert.equal(await scene.state(SECOND_KEY, 'pay'), 'sealed');
});

test('what was decided again is not released', async (t) => {
  const scene = await Scene.open(t, () => ({ correctableMs: 600_000 }));
  const { parts } = scene.served;
  // The other statement of the window, late: nothing is owed any more, and nothing is held.
  await parts.say([{ atMs: 60_000, ofMs: 3_000 }]);
  const again = await parts.decideAt(72_000);
  assert.ok(again.some(({ obligation }) => obligation.base !== undefined));
  await scene.served.recorded();
  assert.equal(await scene.state(scene.keys.account, 'pay'), 'conflict');
});

test('a release that was sealed although it was decided again orders nothing', async (t) => {
  const scene = await Scene.open(t, () => ({ correctableMs: 600_000 }));
  const { parts, settling } = scene.served;
  await parts.say([{ atMs: 60_000, ofMs: 3_000 }]);
  const again = await parts.decideAt(72_000);
  assert.ok(again.some(({ obligation }) => obligation.base !== undefined));
  // As a member does who takes no notice of it.
  const { logged, id } = scene;
  const about = { decision: id, ruling: 'pay' as const };
  const signature = fromHex(signDigest(releaseDigest(logged.id, about, logged.policy.money), scene.keys.account));
  const release: Release = {
    ...{ trine: 'release/1', policy: policyHash(logged.policy), ...about },
    ...{ reason: 'Never mind', signatures: [signature] },
  };
  const { member } = parts.identities;
  await scene.served.does(member.issue('release', logged.policy.subject, releasePayload.encode(release)));
  settling.settler.decided({ outcome: 'pay' });
  assert.equal(await scene.paid(), 0);
  assert.deepEqual(await scene.query('SELECT * FROM intents'), []);
  assert.match(settling.settler.waiting.get(toHex(id))?.reason ?? '', /decided again before it was released by hand/);
});

test('what was released by hand is not corrected: what comes late moves nothing more, by hand neither', async (t) => {
  // Three are due: one came, and ten cents are owed and held.
  const scene = await Scene.open(t, (made) => ({
    ...twoDeciders(made),
    correctableMs: 600_000,
    terms: { ...(made.terms as object), due: 3 } as Agreement['terms'],
  }));
  await scene.state(scene.keys.account, 'pay');
  assert.equal(await scene.state(SECOND_KEY, 'pay'), 'sealed');
  const second = secondDecider(scene.served, keptIn(scene.served));
  await scene.paid();
  assert.deepEqual(
    (await second.round()).map(({ state }) => state),
    ['signed'],
  );
  assert.equal(await scene.paid(), 1);
  const { parts, node } = scene.served;
  await parts.say([{ atMs: 120_000, ofMs: 3_000 }]);
  const later = (await parts.decideAt(132_000)).find(({ obligation }) => obligation.base !== undefined);
  // As if nothing had been ordered: what is held counts for nothing.
  assert.deepEqual([later?.outcome, later?.effects.length], ['hold', 1]);
  await scene.served.recorded();
  const id = decisionId(later as Decision);
  assert.ok((await held(scene)).every((one) => one.id !== toHex(id)));
  const signature = signDigest(node.settler.held.digestOf(scene.logged, id, { ruling: 'pay' }), scene.keys.account);
  const body = { ruling: 'pay', reason: 'Again', signature };
  const refused = await scene.served.post(`/api/v1/held/${toHex(id)}/release`, body);
  assert.match(problemOf(refused).error, /that was the last word on it/);
  assert.equal(await scene.paid(), 1);
});

test('what was released and not paid in time is ordered anew, and paid once', async (t) => {
  const settling = await openSettling();
  const { parts, decisions, settler } = settling;
  const { gate, money } = parts.agreement();
  const times = { disputeWindowS: WINDOW_S, deadlineS: DEADLINE_S };
  const policy = parts.agreement({ gate: { ...gate, ownersMin: 3 }, money: { ...money, ...times } });
  const logged = (await parts.does(decisions.propose(policy))) as LoggedAgreement;
  await parts.say([{ atMs: 1_000 }]);
  const [decision] = await parts.decideAt(12_000);
  const id = decisionId(decision as Decision);
  const signature = signDigest(settler.held.digestOf(logged, id, { ruling: 'pay' }), parts.genesis.keys.account);
  await parts.does(settler.held.take(id, { ruling: 'pay', reason: 'Seen' }, fromHex(signature)));
  await settling.settle();
  const one = new Disputable(settling, '', []);
  t.after(() => one.settling.close());
  [one.digest = ''] = await one.ordered();
  assert.equal(one.course?.state, 'announced');
  await one.powerFails(WINDOW_S + DEADLINE_S + 60);
  await one.pass(20);
  assert.deepEqual(one.course, { state: 'expired' });
  await one.pass(60);
  const [, again = '', ...more] = await one.ordered();
  assert.notEqual(again, '');
  assert.deepEqual(more, []);
  one.digest = again;
  await one.pass(WINDOW_S);
  assert.equal(await one.paid(), true);
  assert.equal(await one.received(), 5n);
  assert.equal(one.settling.settler.problem, undefined);
});

test('on a practice network one call says it for all whose keys are here; elsewhere it is refused', async (t) => {
  const scene = await Scene.open(t);
  const path = `/api/v1/held/${toHex(scene.id)}/practice`;
  const answer = await scene.served.post(path, { ruling: 'pay', reason: 'Tried' });
  assert.deepEqual(answer.json(), { state: 'sealed' });
  assert.equal(await scene.paid(), 1);
  const unknown = await scene.served.post(`/api/v1/held/${'0'.repeat(64)}/practice`, {
    ruling: 'pay',
    reason: 'Tried',
  });
  assert.equal(problemOf(unknown).code, 'not-found');
});
