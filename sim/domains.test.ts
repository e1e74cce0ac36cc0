// Domains of other shapes on a whole node: bills for two customers with a credit note when a reading comes late, and a
// booking opened by a person's signed request and ended by a thing. Every line and every correction is provable alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { replayWith } from '@trine/engine';
import { readBalance, readTerms } from '@trine/ledger/agreements.ts';
import { monitorOf } from '@trine/node/decide/monitor.ts';
import type { LoggedAgreement } from '@trine/node/projections/policies.ts';
import type { DecisionView } from '@trine/node/serve/views.ts';
import { addressOf, Customers } from '@trine/node/testing/customers.ts';
import {
  type Agreement,
  contentTypes,
  detachBody,
  didKey,
  encodePack,
  fromHex,
  type Hex,
  hexOf,
  type Report,
  type Signer,
  signStatement,
  toHex,
  toUtf8,
  verifyEvidence,
} from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { practiceTerms } from '../examples/service-credit/terms.ts';
import { type Platform, paid, startPlatform, until } from './platform.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Midnight in Berlin, in winter. */
const monthMs = Date.UTC(2026, 0, 31, 23);
let platform: Platform;
before(async () => {
  platform = await startPlatform();
});
after(() => platform.remove());

class Speaker {
  readonly #signer: Signer = temporarySigner();
  readonly #subject: string;
  #seq = 0;
  #prev: Uint8Array | undefined;

  constructor(subject: string) {
    this.#subject = subject;
  }

  async enrol(): Promise<this> {
    const { publicKey } = this.#signer;
    const subject = this.#subject;
    await platform.node.enrol(subject, {
      key: didKey(publicKey),
      name: subject,
      class: 'software',
      subjects: [subject],
    });
    return this;
  }

  /** @returns id of the statement, hex */
  async say(kind: 'pack' | 'event', contentType: number | string, body: Uint8Array): Promise<string> {
    const { commitment, disclosure } = detachBody(body);
    const statement = await signStatement(this.#signer, {
      kind,
      subject: this.#subject,
      network: platform.node.genesis.network.id,
      epoch: 0,
      seq: this.#seq++,
      ...(this.#prev && { prev: this.#prev }),
      clock: 'synchronised',
      class: 'software',
      contentType,
      sealed: true,
      payload: commitment,
    });
    this.#prev = statement.id;
    const { answers } = await platform.node.ingest.submit([{ statement: statement.bytes, disclosure }], this.#subject);
    assert.equal(answers[0]?.verdict, 'sealed', JSON.stringify(answers[0]));
    return toHex(statement.id);
  }

  shows(timeMs: number, value: number): Promise<string> {
    const reading = { quantity: 'energy/total', unit: 'kWh', timeMs, value };
    return this.say('pack', contentTypes.senmlCbor, encodePack([reading]));
  }

  tells(type: string, body: object): Promise<string> {
    return this.say('event', `application/vnd.trine.${type}+json`, toUtf8(JSON.stringify(body)));
  }
}

const verify = async (id: string): Promise<Report> =>
  verifyEvidence(await platform.node.evidence(fromHex(id)), {
    network: platform.node.genesis.network,
    replay: replayWith(platform.node.domains),
  });
const under = async (policy: string) =>
  (await platform.node.views.decisions({ limit: 1_000, policy })).items.toSorted((a, b) => a.leaf - b.leaf);
const when = (what: string, policy: string, which: (decision: DecisionView) => boolean) =>
  until(what, async () => (await under(policy)).find(which));

function assertTrusted(report: Report, about: Report['about']): void {
  assert.deepEqual(
    report.steps.filter(({ status }) => status !== 'ok'),
    [],
  );
  const verdict = about === 'payment' ? 'members-word' : 'trusted';
  assert.deepEqual([report.verdict, report.about], [verdict, about]);
}

test('metering: a line for each customer, provable alone; a late reading makes a credit note', async () => {
  const { node } = platform;
  const one = await new Speaker('meter/1').enrol();
  const two = await new Speaker('meter/2').enrol();
  for (const [day, value] of [
    [0, 1_000],
    [28, 1_100],
  ] as const)
    await one.shows(monthMs + day * DAY_MS - HOUR_MS, value);
  await two.shows(monthMs - HOUR_MS, 500);
  const monitor = monitorOf(
    node,
    {
      subject: 'district/1',
      domain: 'metering',
      title: 'Bills of a district',
      startMs: monthMs,
      endMs: monthMs + 28 * DAY_MS,
      correctableMs: 10 * 365 * DAY_MS,
      currency: 'EUR',
      terms: {
        customers: [
          { customer: 'customer/1', meters: ['meter/1'] },
          { customer: 'customer/2', meters: ['meter/2'] },
        ],
        timeZone: 'Europe/Berlin',
        graceMs: 0,
        bands: [{ name: 'all', steps: [{ upTo: 60, price: 30_000_000 }, { price: 20_000_000 }] }],
        baseFee: 100,
      },
    },
    Date.now(),
  );
  const { hash } = await node.decisions.propose(monitor);
  const first = await when('the month', hash, ({ base }) => base === undefined);
  assert.equal(first.rowCount, 2);
  const { items: lines } = await node.views.rowsOf(first, { limit: 10 });
  assert.deepEqual(
    lines.map(({ key, verdict, amount }) => [key, verdict, amount]),
    [
      // 60 units at 30 cents, 40 at 20 cents, and the fee.
      ['customer/1', 'billed', 60 * 30 + 40 * 20 + 100],
      ['customer/2', 'incomplete', 0],
    ],
  );
  assertTrusted(await verify(first.id), 'decision');
  for (const { id } of lines) assertTrusted(await verify(id), 'row');

  await two.shows(monthMs + 28 * DAY_MS - HOUR_MS, 510);
  const correction = await when('the correction', hash, ({ base }) => base !== undefined);
  assert.equal(correction.supersedes, first.id);
  const { items: corrected } = await node.views.rowsOf(correction, { limit: 10 });
  assert.deepEqual(
    corrected.map(({ key, amount }) => [key, amount]),
    [
      ['customer/1', 0],
      ['customer/2', 10 * 30 + 100],
    ],
  );
});

test('booking: accepted, begun, returned; what was used is owed and the rest of the deposit goes back', async () => {
  const { node } = platform;
  const ada = await new Speaker('person/7f3a').enrol();
  const eve = await new Speaker('person/11aa').enrol();
  const bicycle = await new Speaker('bicycle/1').enrol();
  const terms = {
    resources: ['bicycle/*'],
    openers: [{ subjects: 'person/*' }],
    longestMs: HOUR_MS,
    pricePerUnit: 25,
    deposit: 2_000,
    noShowFee: 300,
    graceMs: 200,
  };
  const wish = { subject: 'station/1', domain: 'booking', title: 'Bicycles', currency: 'EUR', terms };
  const { hash } = await node.decisions.propose(monitorOf(node, wish, Date.now() - 1_000));
  const request = { resource: 'bicycle/1', latestStartMs: Date.now() + 5_000, minutes: 10 };
  const opening = await ada.tells('booking', request);
  const accepted = await when('the request', hash, ({ trigger }) => trigger === 'request');
  assert.equal(accepted.verdict, 'accepted');
  await eve.tells('booking', request);
  const refused = await when('the second request', hash, ({ verdict }) => verdict === 'refused');
  assert.ok(refused.leaf > accepted.leaf);
  await bicycle.tells('session-start', { opening });
  await bicycle.tells('session-end', { opening });
  const session = await when('the session', hash, ({ trigger }) => trigger === 'session');
  const {
    items: [line],
  } = await node.views.rowsOf(session, { limit: 10 });
  assert.deepEqual([line?.key, line?.verdict], ['person/7f3a', 'used']);
  assert.deepEqual(
    line?.entries.map(({ from, to, amount }) => [from, to, amount]),
    [
      ['escrow', 'recipient', 25],
      ['escrow', 'person/7f3a', 1_975],
    ],
  );
  for (const { id } of [accepted, refused, session]) assertTrusted(await verify(id), 'decision');
  assertTrusted(await verify(line?.id as string), 'row');
});

test('booking under an agreement: the deposit is taken, what was used is paid and the rest goes back, and it is proven', async () => {
  const { node } = platform;
  const { settings, genesis, domains, settler } = node;
  const grace = await new Speaker('person/grace').enrol();
  const boat = await new Speaker('boat/1').enrol();
  const options = { settings, genesis, subject: 'station/2', heartbeat: node.subject, domains, nowMs: Date.now() };
  const { modelChange: _, ...practice } = practiceTerms(options);
  const terms = {
    resources: ['boat/*'],
    openers: [{ subjects: 'person/*' }],
    deposit: 100,
    pricePerUnit: 25,
    graceMs: 200,
  };
  const policy: Agreement = {
    ...practice,
    domain: 'booking',
    model: domains.identity('booking'),
    title: 'Boats',
    terms: domains.get('booking').domain.terms.parse(terms) as never,
    accounts: [{ key: 'person/grace', address: addressOf('grace') }],
    period: { startMs: Date.now() - 1_000, endMs: Date.now() + 60 * DAY_MS },
    money: { ...practice.money, perObligationMax: 1_000, obligationMaxS: 60 * 86_400 },
  };
  const { hash, id } = (await node.decisions.propose(policy)) as LoggedAgreement;
  const customers = new Customers({
    ...{ genesis, acts: () => settler.acts, now: Date.now, does: (work) => work },
    until: (what, holds) => until(what, async () => holds() || undefined),
  });
  const opened = () => readTerms(genesis.chain, genesis.contracts, hexOf(id));
  await until('the agreement on the chain', opened);
  await customers.fund('grace', 100n);
  assert.equal((await customers.authorizes('grace', id, policy)).state, 'confirmed');
  const opening = await grace.tells('booking', {
    ...{ resource: 'boat/1', latestStartMs: Date.now() + 60_000, minutes: 10 },
  });
  const accepted = await when('the request', hash, ({ trigger }) => trigger === 'request');
  assert.deepEqual([accepted.verdict, accepted.outcome, accepted.awaits], ['accepted', 'pay', undefined]);
  const deposit = await paid(node, ({ decision }) => decision === accepted.id);
  await boat.tells('session-start', { opening });
  await boat.tells('session-end', { opening });
  const session = await when('the session', hash, ({ trigger }) => trigger === 'session');
  const returned = await paid(node, ({ decision }) => decision === session.id);
  const words = async (payment: string) => {
    const report = await verify(payment);
    assertTrusted(report, 'payment');
    return report.steps.find(({ name }) => name === 'intent')?.detail;
  };
  assert.match((await words(deposit.id)) ?? '', /^1\.00 EUR from person\/grace to escrow$/);
  assert.match((await words(returned.id)) ?? '', /0\.25 .* from escrow to Practice customer/);
  assert.match((await words(returned.id)) ?? '', /0\.75 EUR from escrow to person\/grace/);
  const free = (account: Hex) => readBalance(genesis.chain, genesis.contracts, account);
  assert.equal(await free(addressOf('grace')), 75n);
  assert.equal(settler.problem, undefined);
});

test('a line whose key has no account in the terms: decided and shown as waiting, no trouble of the node', async () => {
  const { node } = platform;
  const { settings, genesis, domains } = node;
  const ida = await new Speaker('person/ida').enrol();
  const options = { settings, genesis, subject: 'station/3', heartbeat: node.subject, domains, nowMs: Date.now() };
  const { modelChange: _, ...practice } = practiceTerms(options);
  const terms = { resources: ['canoe/*'], openers: [{ subjects: 'person/*' }], deposit: 100, graceMs: 200 };
  const { hash } = await node.decisions.propose({
    ...practice,
    domain: 'booking',
    model: domains.identity('booking'),
    title: 'Canoes',
    terms: domains.get('booking').domain.terms.parse(terms) as never,
    period: { startMs: Date.now() - 1_000, endMs: Date.now() + 60 * DAY_MS },
    money: { ...practice.money, obligationMaxS: 60 * 86_400 },
  });
  await ida.tells('booking', { resource: 'canoe/1', latestStartMs: Date.now() + 60_000, minutes: 10 });
  const accepted = await when('that it waits', hash, ({ awaits }) => awaits !== undefined);
  assert.deepEqual([accepted.verdict, accepted.outcome, accepted.payment], ['accepted', 'pay', undefined]);
  assert.equal(accepted.awaits, 'The terms name no account of person/ida.');
  assert.equal(node.settler.problem, undefined);
});
