// Gas of both ways of settling, against the committed snapshot: what every party's act costs, and what a cycle costs a
// party when 1, 100 or 10,000 settle in it. UPDATE_SNAPSHOTS=1 writes a new one.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Hex, keccak256, size } from 'viem';
import { account } from './chain.ts';
import { CHUNK_ROWS, chunksOf, encodeRows, PositionTree, type Row } from './positions.ts';
import { DAY, type SettlementScene, startSettlementScene, WINDOW } from './settlement-scene.ts';

const file = new URL('../snapshots/settlement-gas.json', import.meta.url);
/** Signatures and addresses differ in zero bytes from case to case; the chain's clock in one. */
const TOLERANCE = 0.01;
/** What one transaction may carry: EIP-7825, and what nodes relay. */
const GAS_MAX = 2 ** 24;
const BYTES_MAX = 128 * 1024;

type Measured = Record<string, number>;
const gasOf = async (sent: Promise<{ gasUsed: bigint }>) => Number((await sent).gasUsed);

/** Amounts of a month's bills, seeded: some euros each way, adding up to nothing. */
function rowsOf(count: number): Row[] {
  const rows: Row[] = [];
  let sum = 0n;
  for (let i = 0; i + 1 < count; i++) {
    const some = (BigInt(keccak256(`0x${(i + 1).toString(16).padStart(8, '0')}`)) % 10_000n) + 1n;
    const amount = i % 2 === 0 ? some : -some;
    rows.push([i + 1, amount]);
    sum += amount;
  }
  rows.push([count, -sum]);
  return rows;
}

async function direct(scene: SettlementScene, measured: Measured) {
  const id = await scene.open(await scene.terms({ window: 0n, settleWithin: 30n * DAY }));
  measured['open terms'] = await gasOf(
    scene.send(scene.terms_, 'open', [await scene.terms({ salt: keccak256('0x01') })]),
  );
  measured.deposit = await gasOf(scene.fund(scene.payer, 1500n));
  measured['authorize, direct'] = await gasOf(scene.authorize(scene.payer, id));
  const other = account('other');
  const entries = [{ from: scene.payer.address, to: scene.recipient.address, amount: 1n }];
  const settle = async (name: string, count: number) => {
    const what = await scene.intent(id, {
      entries:
        count === 1
          ? entries
          : [{ ...entries[0]!, to: '0x0000000000000000000000000000000000000000' as Hex }, ...entries],
    });
    measured[name] = await gasOf(scene.send(scene.direct, 'settle', [what, ...(await scene.seal(what))]));
  };
  await settle('settle, direct, first of its parties', 1);
  await settle('settle, direct, 1 entry', 1);
  await settle('settle, direct, 2 entries', 2);
  const waiting = await scene.open(await scene.terms({ salt: keccak256('0x02') }));
  await scene.fund(scene.payer, 1500n);
  await scene.authorize(scene.payer, waiting);
  const what = await scene.intent(waiting);
  measured['announce, direct, 1 entry'] = await gasOf(
    scene.send(scene.direct, 'announce', [what, ...(await scene.seal(what))]),
  );
  measured.hold = await gasOf(scene.hold(what, scene.payer));
  measured.rule = await gasOf(scene.rule(what, 1, scene.arbiter));
  measured.revoke = await gasOf(scene.revoke(scene.payer, waiting));
  const message = { account: other.address, token: scene.token, to: other.address, amount: 5n };
  await scene.fund(other, 10n);
  const { act, proof } = await scene.sign(scene.accounts, 'Withdrawal', other, message);
  measured.withdraw = await gasOf(scene.send(scene.accounts, 'withdraw', [act, proof]));
}

async function cycle(scene: SettlementScene, parties: number, measured: Measured) {
  const people = [account('one'), account('two')];
  const salt = keccak256(`0x${parties.toString(16).padStart(8, '0')}`);
  const id = await scene.open(
    await scene.terms({ salt, settler: scene.batch, parties: people.map(({ address }) => address) }),
  );
  for (const person of people) {
    await scene.fund(person, 100_000n);
    measured['join a circle'] = await gasOf(
      scene.authorize(person, id, { amount: 100_000n, perObligation: 100_000n }, undefined, scene.batch),
    );
  }
  const rows: Row[] =
    parties === 1
      ? [
          [1, -5n],
          [2, 5n],
        ]
      : rowsOf(parties);
  const tree = new PositionTree();
  const before = tree.clone();
  tree.apply(rows);
  const { bytes, hashes, rowsHash } = chunksOf(rows);
  let what = await scene.intent(id, {
    settler: scene.batch,
    entries: [],
    rowsHash,
    rowCount: rows.length,
    positionsBefore: before.root(),
    positionsAfter: tree.root(),
  });
  const spent = [await gasOf(scene.send(scene.batch, 'announce', [what, hashes, ...(await scene.seal(what))]))];
  const together = Math.max(1, Math.floor(BYTES_MAX / 2 / size(bytes[0] as Hex)));
  for (let at = 0; at < bytes.length; at += together) {
    const part = encodeRows(rows.slice(at * CHUNK_ROWS, (at + together) * CHUNK_ROWS));
    spent.push(await gasOf(scene.send(scene.batch, 'publish', [what, part])));
  }
  if (parties > 1) {
    const attempt = scene.send(scene.batch, 'refuteRow', [what, 3, 0n, bytes[0]]);
    measured[`refute a row of ${parties}`] = await gasOf(attempt);
    // What was refuted does not come again: the next one is signed anew.
    what = { ...what, decision: keccak256('0x02') };
    await scene.send(scene.batch, 'announce', [what, hashes, ...(await scene.seal(what))]);
    for (const chunk of bytes) await scene.send(scene.batch, 'publish', [what, chunk]);
    const chunk = rows.slice(0, CHUNK_ROWS);
    const step = [what, bytes[0], chunk.map(() => 0n), before.pathBeside(chunk.map(([number]) => number))];
    measured[`recompute ${chunk.length} rows`] = await gasOf(scene.send(scene.batch, 'recompute', step));
  }
  await scene.chain.advance(Number(WINDOW));
  spent.push(await gasOf(scene.send(scene.batch, 'settle', [what])));
  assert.ok(Math.max(...spent) < GAS_MAX, 'no transaction above 2^24 gas');
  measured[`a cycle of ${parties}, a party`] = Math.round(spent.reduce((sum, gas) => sum + gas) / parties);
  measured[`a cycle of ${parties}, largest transaction`] = Math.max(...spent);
  const winner = rows.findIndex(([, amount]) => amount > 0n);
  const amount = rows[winner]![1];
  const own = people[winner]!;
  const { act, proof } = await scene.sign(scene.batch, 'Claim', own, { agreement: id, account: own.address, amount });
  measured[`claim in a circle of ${parties}`] = await gasOf(
    scene.send(scene.batch, 'claim', [act, tree.prove(winner + 1), proof]),
  );
}

test('gas is as in the snapshot', async () => {
  const scene = await startSettlementScene();
  for (let i = 0; i < 1000; i++) scene.log.append(Uint8Array.of(1, i & 255, i >> 8));
  await scene.anchor();
  const measured: Measured = {};
  await direct(scene, measured);
  for (const parties of [1, 100, 10_000]) await cycle(scene, parties, measured);
  if (process.env.UPDATE_SNAPSHOTS) writeFileSync(file, `${JSON.stringify(measured, null, 2)}\n`);
  assert.ok((measured['a cycle of 10000, a party'] as number) <= 2_000);
  const expected = JSON.parse(readFileSync(file, 'utf8')) as Measured;
  assert.deepEqual(Object.keys(measured), Object.keys(expected));
  for (const [name, gas] of Object.entries(expected)) {
    const got = measured[name] as number;
    assert.ok(Math.abs(got - gas) <= gas * TOLERANCE, `${name}: ${got}, was ${gas}; UPDATE_SNAPSHOTS=1 to accept`);
  }
});
