// Bills of many customers whose accounts joined, from signed authorizations to paid lines: computed again and signed by a second
// decider, netted in one settlement, each proven alone, and what came late in a batch of its own. Virtual time, the real
// contracts, the real domain.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { installedDomains } from '@trine/domains/released.ts';
import { replayWith, zones, zonesIdentity } from '@trine/engine';
import { readMember, readNumber } from '@trine/ledger/batches.ts';
import { buildEvidence } from '@trine/node/evidence/build.ts';
import type { LoggedAgreement } from '@trine/node/projections/policies.ts';
import { keptIn, secondDecider, twoDeciders } from '@trine/node/testing/co-deciding.ts';
import { addressOf, bankOf, batched, Customers, saysAccount, WINDOW_S } from '@trine/node/testing/customers.ts';
import { installedCounting } from '@trine/node/testing/parts.ts';
import { ServedNode } from '@trine/node/testing/served.ts';
import { openSettling, type Settling } from '@trine/node/testing/settling.ts';
import { T0 } from '@trine/node/testing/world.ts';
import { addressOfPrivateKey, type Decision, didKey, hexOf, type Report, verifyEvidence } from '@trine/protocol';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Midnight in Berlin, the first after T0. */
const DAY_FROM_MS = Date.UTC(2026, 0, 5, 23) - T0;
/** More than the contract lists: the registrar, who is the node's account, admits them. */
const COUNT = 20;
const keys = Array.from({ length: COUNT }, (_, i) => `customer/${i}`);
/** Cents for a unit of ten. */
const PRICE = 30_000_000;

let settling: Settling;
let logged: LoggedAgreement;
let decision: Decision;
let second: ReturnType<typeof secondDecider>;
before(async () => {
  settling = await openSettling({ installed: [installedCounting, ...installedDomains().all()] });
  const { parts, decisions } = settling;
  const policy = batched(settling, keys, {
    domain: 'metering',
    model: parts.domains.identity('metering'),
    title: 'Bills of a district',
    subject: 'district/1',
    terms: parts.domains.get('metering').domain.terms.parse({
      customers: keys.map((customer, i) => ({ customer, meters: [`meter/${i}`] })),
      ...{ timeZone: 'Europe/Berlin', period: 'day', graceMs: HOUR_MS },
      bands: [{ name: 'all', steps: [{ price: PRICE }] }],
    }) as never,
    zones: zonesIdentity(zones),
    period: { startMs: T0, endMs: T0 + 3 * DAY_MS },
    correctableMs: 30 * DAY_MS,
    gate: { ownersMin: 1, classMin: 'software', heartbeat: parts.subject, heartbeatGapMsMax: 3 * DAY_MS },
    joining: { by: [didKey(parts.genesis.keys.member.publicKey)] },
    registrar: addressOfPrivateKey(parts.genesis.keys.account),
    ...twoDeciders(parts.agreement()),
  });
  logged = (await parts.does(decisions.propose(policy))) as LoggedAgreement;
  await settling.settle();
  const served = ServedNode.over(settling);
  second = secondDecider(served, keptIn(served));
  const customers = new Customers(bankOf(() => settling));
  for (const key of keys) {
    await saysAccount(settling, logged, key);
    await customers.fund(key, 1_000n);
    const limits = { perObligation: 1_000n, amount: 1_000n };
    assert.equal((await customers.authorizes(key, logged.id, policy, limits)).state, 'confirmed');
  }
});
after(() => settling.close());

/** What a meter showed at a time, said a minute later unless told. */
const shows = (i: number, ofMs: number, value: number, atMs = ofMs + 60_000) => ({
  ...{ thing: `meter/${i}`, atMs },
  readings: [{ quantity: 'energy/total', unit: 'kWh', timeMs: T0 + ofMs, value }],
});

async function passWindow(): Promise<void> {
  const { world } = settling.parts;
  settling.settler.round();
  await settling.settle();
  const said = await second.round();
  assert.deepEqual(
    said.map(({ state }) => state),
    ['signed'],
    said[0]?.words,
  );
  settling.settler.round();
  await settling.settle();
  await world.reaches(world.time.elapsedMs + WINDOW_S * 1_000);
  settling.settler.round();
  await settling.settle();
  settling.settler.round();
  await settling.settle();
  assert.equal(settling.settler.problem, undefined);
}

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const { parts } = settling;
  await parts.does(parts.projections.runner.flush());
  return parts.does(parts.store.query(sql));
}

async function verified(id: Uint8Array): Promise<Report> {
  const { parts, settler } = settling;
  const { log, sources, projections, genesis, domains } = parts;
  const file = await parts.does(buildEvidence({ ...sources, log, settler, policies: projections.policies }, id));
  return verifyEvidence(file, { network: genesis.network, replay: replayWith(domains) });
}

const detailOf = ({ steps }: Report, wanted: string) => steps.find(({ name }) => name === wanted)?.detail;

test('bills of many customers are netted in one settlement; each proves its own, paid, alone', async () => {
  const { parts } = settling;
  // Units of the day: the number of the customer, and ten. The last one's meter is silent at its end.
  await parts.say(keys.map((_, i) => shows(i, DAY_FROM_MS - HOUR_MS, 100)));
  await parts.say(keys.slice(1).map((_, i) => shows(i, DAY_FROM_MS + DAY_MS - 60_000, 110 + i)));
  const decided = await parts.decideAt(DAY_FROM_MS + DAY_MS + HOUR_MS + 1_000);
  decision = decided.find(({ outcome }) => outcome === 'pay') as Decision;
  assert.equal(decision.verdict, 'partly');
  await passWindow();
  const [intent, ...more] = await query('SELECT digest FROM intents');
  assert.deepEqual(more, []);
  const payment = await verified(intent?.digest as Uint8Array);
  assert.deepEqual([payment.verdict, payment.about], ['members-word', 'payment']);
  assert.equal(detailOf(payment, 'deciders'), '2 of 2 deciders; 2 needed');
  assert.equal(detailOf(payment, 'intent'), `${COUNT - 1} lines, netted to ${COUNT} accounts`);
  const rows = await query(`SELECT statement, key, amount FROM rows WHERE outcome = 'pay' ORDER BY leaf`);
  assert.equal(rows.length, COUNT - 1);
  for (const { statement, key, amount } of rows.slice(0, 3)) {
    const line = await verified(statement as Uint8Array);
    assert.deepEqual([line.verdict, line.about], ['members-word', 'row']);
    const cents = Number(amount);
    assert.match(detailOf(line, 'intent') ?? '', new RegExp(`^${(cents / 100).toFixed(2)} .* less for ${key},`));
    assert.ok(detailOf(line, 'payment'));
  }
  const { chain, contracts } = parts.genesis;
  const number = await parts.does(readNumber(chain, contracts, hexOf(logged.id), addressOf('customer/0')));
  const member = await parts.does(readMember(chain, contracts, hexOf(logged.id), number as number));
  assert.equal(member.account, addressOf('customer/0'));
});

test('a reading that comes late is billed by a correction, in a batch of its own', async () => {
  const { parts } = settling;
  const last = COUNT - 1;
  const atMs = parts.world.time.elapsedMs + 60_000;
  await parts.say([shows(last, DAY_FROM_MS + DAY_MS - 60_000, 107, atMs)]);
  const decided = await parts.decideAt(atMs + HOUR_MS + 1_000);
  const correction = decided.find(({ obligation }) => obligation.base !== undefined);
  assert.equal(correction?.outcome, 'pay');
  await passWindow();
  assert.equal((await query('SELECT * FROM settlements')).length, 2);
  const [row] = await query(`SELECT statement, amount FROM rows WHERE key = 'customer/${last}' AND outcome = 'pay'`);
  assert.equal(row?.amount, 7 * 30);
  const line = await verified(row?.statement as Uint8Array);
  // A correction of lines is not computed again from a file.
  assert.equal(line.verdict, 'members-word');
  assert.match(detailOf(line, 'intent') ?? '', /^2\.10 .* less for customer\/19, in a batch of 2 accounts$/);
  assert.ok(detailOf(line, 'payment'));
});
