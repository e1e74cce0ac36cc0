// A copied key: two devices speak at once. Nothing is paid on that until the member who enrolled the thing lets it go on
// with another key; what was said in between stays in the log, and is no value to any decision.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { replayWith } from '@trine/engine';
import type { DecisionView } from '@trine/node/serve/views.ts';
import {
  contentTypes,
  didKey,
  encodePack,
  fromHex,
  type Report,
  type Signer,
  type Statement,
  type StatementContent,
  signStatement,
  verifyEvidence,
} from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { practiceTerms } from '../../examples/service-credit/terms.ts';
import { decided, type Platform, paid, startPlatform } from '../platform.ts';

const THING = 'thermo/1';
const WINDOW_MS = 2_000;
const [copied, fresh] = [temporarySigner(), temporarySigner()];
let platform: Platform;
let policy: string;

before(async () => {
  platform = await startPlatform();
  const { node } = platform;
  const key = didKey(copied.publicKey);
  await node.enrol(THING, { key, name: 'Thermometer', class: 'software', subjects: [THING] });
  const { settings, genesis, domains } = node;
  const practice = practiceTerms({
    settings,
    genesis,
    subject: THING,
    heartbeat: node.subject,
    domains,
    nowMs: Date.now(),
  });
  // More statements than come: every window is a breach, so that only the gate decides what is paid.
  const agreed = {
    ...practice,
    title: 'Cold store',
    terms: { ...(practice.terms as object), thing: THING, statementsMin: 1_000 },
  };
  policy = (await node.decisions.propose(agreed)).hash;
});
after(() => platform.remove());

async function say(
  signer: Signer,
  place: Pick<StatementContent, 'epoch' | 'seq' | 'prev'>,
  value = 4,
): Promise<Statement> {
  const statement = await signStatement(signer, {
    kind: 'pack',
    subject: THING,
    network: platform.node.genesis.network.id,
    ...place,
    clock: 'synchronised',
    class: 'software',
    contentType: contentTypes.senmlCbor,
    payload: encodePack([{ quantity: 'temperature', unit: 'Cel', timeMs: Date.now(), value }]),
  });
  const { answers } = await platform.node.ingest.submit([{ statement: statement.bytes }], 'test');
  assert.equal(answers[0]?.verdict, 'sealed', JSON.stringify(answers[0]));
  return statement;
}

async function trusted({ id }: DecisionView): Promise<Report> {
  const { node } = platform;
  const report = await verifyEvidence(await node.evidence(fromHex(id)), {
    network: node.genesis.network,
    replay: replayWith(node.domains),
  });
  assert.deepEqual(
    report.steps.filter(({ status }) => status !== 'ok'),
    [],
  );
  assert.equal(report.verdict, 'trusted');
  return report;
}

test('a fork pays nothing; recovered, what begins afterwards is paid; in between nothing is a value', async () => {
  const { node } = platform;
  const own = (one: DecisionView) => one.policy === policy;
  const first = await say(copied, { epoch: 0, seq: 0 });
  const before = await decided(node, (one) => own(one) && one.outcome === 'pay');
  await paid(node, ({ decision }) => decision === before.id);

  const forkedMs = Date.now();
  const one = await say(copied, { epoch: 0, seq: 1, prev: first.id }, 5);
  await say(copied, { epoch: 0, seq: 1, prev: first.id }, 6);
  await say(copied, { epoch: 0, seq: 2, prev: one.id }, 7);
  const held = await decided(node, (each) => own(each) && each.fromMs >= forkedMs);
  assert.deepEqual([held.outcome, held.gate], ['hold', ['a sequence with two sides: a fork or a clone']]);
  await trusted(held);
  const fork = async () =>
    (await node.views.devices({ limit: 1_000 })).items.find(({ subject }) => subject === THING)?.fork;
  assert.equal(await fork(), 'standing');

  const key = didKey(fresh.publicKey);
  const { leaf, epoch, revoked } = await node.recover({ subject: THING, keyOwner: THING, key, reason: 'copied' });
  assert.deepEqual(revoked, [didKey(copied.publicKey)]);
  assert.equal(await fork(), 'recovered');
  const recoveredMs = Date.now();
  const chain = node.sequences.get(THING, THING);
  const prev = Uint8Array.from(chain?.headId ?? '', (char) => char.charCodeAt(0));
  const said = await say(fresh, { epoch, seq: 0, prev });

  const spans = await decided(node, (each) => own(each) && each.fromMs < recoveredMs && each.toMs > recoveredMs);
  assert.deepEqual([spans.outcome, spans.gate], ['hold', ['a sequence with two sides: a fork or a clone']]);
  assert.match(
    (await trusted(spans)).steps.find(({ name }) => name === 'order')?.detail ?? '',
    /recovered from a fork/,
  );

  const since = recoveredMs + WINDOW_MS;
  await say(fresh, { epoch, seq: 1, prev: said.id });
  const after = await decided(node, (each) => own(each) && each.fromMs >= since);
  assert.equal(after.outcome, 'pay', after.gate.join());
  await paid(node, ({ decision }) => decision === after.id);
  await trusted(after);
  const refused = await signStatement(copied, {
    ...first.header,
    kind: 'pack',
    epoch: 9,
    seq: 0,
    payload: first.payload,
  });
  const { answers } = await node.ingest.submit([{ statement: refused.bytes }], 'test');
  assert.equal(answers[0]?.reason, 'revoked-key', 'the copy is heard no more');
  assert.ok(leaf < after.leaf);
  await assert.rejects(node.recover({ subject: THING, keyOwner: THING, key, reason: 'again' }), { code: 'conflict' });
});
