// Lines whose accounts come from statements: paid where one stands below the cut, proven with it, and with no other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Agreement,
  addressOfPrivateKey,
  decodeEvidence,
  didKey,
  encodeEvidence,
  type Report,
  verifyEvidence,
} from '@trine/protocol';
import { Audit } from '../projections/audit.ts';
import { WINDOW_S } from '../testing/customers.ts';
import { District, homes } from '../testing/district.ts';

const START_MS = 60_000;
const detailOf = ({ steps }: Report, wanted: string) => steps.find(({ name }) => name === wanted)?.detail ?? '';
const failed = ({ steps }: Report) => steps.find(({ status }) => status === 'failed')?.detail ?? '';

const open = (t: Parameters<typeof District.open>[0]) =>
  District.open(t, [], ({ parts }) => ({
    joining: { by: [didKey(parts.genesis.keys.member.publicKey)] },
    registrar: addressOfPrivateKey(parts.genesis.keys.account),
  }));

test('who joined is paid and proves it; who did not waits, and joins for what comes later', async (t) => {
  const district = await open(t);
  const { settling } = district;
  // The registrar admits nobody who did not join.
  await assert.rejects(district.join('home/1'), /is in no agreement that is known here/);
  for (const home of homes.slice(0, 2)) {
    await district.says(home);
    await district.join(home);
  }
  for (const [home, by] of [
    ['home/1', 'home/3'],
    ['home/3', 'home/1'],
  ] as const)
    await assert.rejects(district.says(home, by), /not-permitted/);
  const decision = await district.decide(START_MS, [3, 4, 2]);
  assert.deepEqual(district.waiting(decision), [['home/3', 'No account of home/3 joined in time.']]);
  // What joined later is none for what was cut before.
  await district.says('home/3');
  await district.join('home/3');
  const nextMs = settling.parts.world.time.elapsedMs + 20_000;
  const startMs = nextMs - (nextMs % 10_000);
  await district.decide(startMs, [1, 1, 1]);
  assert.deepEqual(district.waiting(decision), [['home/3', 'No account of home/3 joined in time.']]);
  await district.pass(WINDOW_S);
  assert.equal(settling.settler.problem, undefined);
  // Whoever has the files and no body finds nothing wrong with them.
  const { log, genesis } = settling.parts;
  const audit = new Audit(genesis.network);
  for (let leaf = 0; leaf < log.size; leaf++) audit.take(leaf, log.read(leaf));
  assert.deepEqual([audit.problems, audit.kinds.account], [[], 3]);
  const [intent] = await district.query('SELECT digest FROM intents ORDER BY leaf');
  const payment = await district.verify(intent?.digest as Uint8Array);
  assert.deepEqual(
    [payment.verdict, detailOf(payment, 'intent')],
    ['members-word', '2 lines, netted to 3 accounts; 1 went into no batch, or into another'],
  );
  assert.match(payment.assumptions.join('\n'), /no other account joined for these 2 lines/);
  const file = await district.file(await district.lineOf('home/2', START_MS));
  const line = await verifyEvidence(file, district.options);
  assert.equal(line.verdict, 'members-word', failed(line));
  assert.match(detailOf(line, 'intent'), /^0\.40 .* less for home\/2, in a batch of 3 accounts$/);
  assert.match(line.assumptions.join('\n'), /no other account joined for this line/);
  await district.pass(WINDOW_S);
  const later = await district.verify(await district.lineOf('home/3', startMs));
  assert.match(detailOf(later, 'intent'), /^0\.10 .* less for home\/3, in a batch of 4 accounts$/);
  assert.ok(detailOf(later, 'payment'));
});

test('terms by which nobody could join, or whose lines no contract settles, are refused', async (t) => {
  const { settling, logged } = await open(t);
  const { parts, decisions } = settling;
  const { policy } = logged;
  const stranger = didKey(parts.signerOf('thing/9').publicKey);
  const cases: [Partial<Agreement>, RegExp][] = [
    [{ joining: { by: [stranger] } }, /^joining\.by: did:key:\S+ is not of this network/],
    [
      { money: { ...policy.money, contract: parts.genesis.network.chain.direct } },
      /^money\.contract: lines whose accounts join/,
    ],
  ];
  for (const [change, message] of cases)
    await assert.rejects(parts.does(decisions.propose({ ...policy, ...change })), { message });
});

test('an account in a file counts only with its body, by itself, and for its own line', async (t) => {
  const district = await open(t);
  for (const home of homes) {
    await district.says(home);
    await district.join(home);
  }
  await district.decide(START_MS, [3, 4, 2]);
  await district.pass(WINDOW_S);
  const fileOf = async (home: string) => district.file(await district.lineOf(home, START_MS));
  const [own, other] = [decodeEvidence(await fileOf('home/1')), decodeEvidence(await fileOf('home/2'))];
  const [log] = own.logs;
  assert.ok(log);
  const account = log.bodies.find(({ disclosure }) => Buffer.from(disclosure).includes('account/1'));
  const without = log.bodies.filter((one) => one !== account);
  const changed = async (bodies: typeof without) =>
    failed(await verifyEvidence(encodeEvidence({ ...own, logs: [{ ...log, bodies }] }), district.options));
  assert.match(await changed(without), /body|disclosure/i);
  const foreign = other.logs[0]?.bodies.find(({ disclosure }) => Buffer.from(disclosure).includes('account/1'));
  assert.ok(account && foreign);
  const swapped = log.bodies.map((one) => (one === account ? { ...one, disclosure: foreign.disclosure } : one));
  assert.match(await changed(swapped), /./);
});
