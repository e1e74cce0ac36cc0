// From two logs to money that moved: both deciders decide, one orders, both sign; anchored, announced, published, settled.
import assert from 'node:assert/strict';
import { readBalance } from '@trine/ledger/agreements.ts';
import { announceBatchCall, claimCall, publishCalls, settleBatchCall } from '@trine/ledger/batches.ts';
import { anchorCall } from '@trine/ledger/calls.ts';
import { publicClient } from '@trine/ledger/chain.ts';
import { LedgerError } from '@trine/ledger/errors.ts';
import {
  actDigest,
  anchorDigest,
  decisionPayload,
  fromHex,
  type Hex,
  hexOf,
  intentDigest,
  originHash,
  rowPayload,
  settlementPayload,
  signDigest,
} from '@trine/protocol';
import { accountOf, type Cost, type CrowdChain, keyOf, TX_GAS_MAX } from './chain.ts';
import { CENTS, type City, CUT_MS, MEMBERS, usedBy } from './city.ts';
import { CityDecider, type Decided, type OrderedBatch } from './decider.ts';
import type { Place } from './log.ts';
import type { Paid } from './proof.ts';

/** Gas by what was done, and how long it took. */
export interface Measured {
  readonly gas: Map<string, number>;
  /** Told as it goes: thousands take minutes. */
  readonly say: (words: string) => void;
}

export async function timed<T>({ say }: Measured, what: string, work: () => Promise<T>): Promise<T> {
  const from = performance.now();
  const result = await work();
  say(`${what}: ${Math.round(performance.now() - from)} ms`);
  return result;
}

/** Both, and what each decided. */
type Deciders = readonly [readonly [CityDecider, Decided], readonly [CityDecider, Decided]];

/** Each for itself, and to the same bytes. */
export async function decideTwice(city: City, measured: Measured): Promise<Deciders> {
  const [north, south] = MEMBERS.map((name) => new CityDecider(name, city)) as [CityDecider, CityDecider];
  const one = await timed(measured, 'deciding, the first', () => north.decide());
  const other = await timed(measured, 'deciding, the second', () => south.decide());
  assert.deepEqual(decisionPayload.encode(one.decision), decisionPayload.encode(other.decision));
  assert.equal(one.decision.outcome, 'pay');
  assert.equal(one.rows.size, city.homes);
  assert.equal(one.joined.size, city.homes);
  assert.equal(one.decision.facts.billed, city.homes);
  return [
    [north, one],
    [south, other],
  ];
}

/** Rows and decision, as the first of the deciders puts them into its log. */
export async function sealDecision(city: City, { decision, rows }: Decided) {
  const places = new Map<string, Place>();
  for (const [key, { row, commitment, disclosure }] of rows) {
    assert.equal(row.outcome, 'pay');
    rowPayload.encode(row);
    const about = { subject: key, arrivalMs: CUT_MS + 2_000 };
    places.set(key, await city.says('north', 'row', about, commitment, disclosure));
  }
  const about = { subject: city.policy.subject, arrivalMs: CUT_MS + 3_000 };
  return { rows: places, decision: await city.says('north', 'decision', about, decisionPayload.encode(decision)) };
}

const bySigner = (signed: readonly (readonly [name: string, signature: Hex])[]): Hex[] =>
  [...signed].sort(([a], [b]) => (accountOf(a) < accountOf(b) ? -1 : 1)).map(([, signature]) => signature);

async function anchor({ logs }: City, { chain, contracts, send }: Sender) {
  const { origin, size } = logs.north;
  const root = logs.north.root();
  const said = { origin, size: BigInt(size), root: hexOf(root) };
  const digest = anchorDigest(said, { chainId: chain.chainId, verifyingContract: contracts.checkpoints });
  const signatures = bySigner(MEMBERS.map((name) => [name, signDigest(digest, keyOf(name))]));
  const { hash } = await send('anchor', anchorCall(contracts, { ...said, consistency: [], signatures }));
  return { size, root, hash };
}

/** @param name of the contract's error */
const refused = (name: string, sent: Promise<unknown>): Promise<void> =>
  assert.rejects(sent, (error) => {
    assert.ok(error instanceof LedgerError, String(error));
    assert.equal(error.revert?.name, name);
    return true;
  });

type Sender = Pick<CrowdChain, 'chain' | 'contracts'> & {
  readonly send: (what: string, call: Parameters<CrowdChain['send']>[0]) => Promise<Cost>;
};

function sender(on: CrowdChain, { gas }: Measured): Sender {
  const send: Sender['send'] = async (what, call) => {
    const cost = await on.send(call);
    assert.ok(cost.gas < TX_GAS_MAX, `${what}: ${cost.gas} gas in one transaction`);
    gas.set(what, (gas.get(what) ?? 0) + cost.gas);
    return cost;
  };
  return { chain: on.chain, contracts: on.contracts, send };
}

/** Orders, signs, announces, publishes and settles. What is too early, alone, or again is refused. */
export async function pay(
  city: City,
  on: CrowdChain,
  [[north, own], [south, other]]: Deciders,
  sealed: { readonly rows: ReadonlyMap<string, Place>; readonly decision: Place },
  measured: Measured,
): Promise<Paid> {
  const batch = await timed(measured, 'ordering the batch', () => north.order(own, on));
  assert.equal(batch.lines.length, city.homes);
  assert.equal(Number(batch.intent.rowCount), city.homes + 1);
  const signed = [
    [
      'decider north',
      await timed(measured, 'signing, the first', () => north.sign(batch.intent, batch.chunks, own, on)),
    ],
    [
      'decider south',
      await timed(measured, 'signing, the second', () => south.sign(batch.intent, batch.chunks, other, on)),
    ],
  ] as const;
  const more = { ...batch.intent, positionsAfter: batch.intent.positionsBefore };
  await assert.rejects(south.sign(more, batch.chunks, other, on), /would be refuted: root/);
  const intent = city.logs.north.appendIntent(batch.intent);
  const to = sender(on, measured);
  const anchored = await anchor(city, to);
  const proof = {
    originHash: originHash(intent.origin),
    ...{ index: BigInt(intent.index), size: BigInt(anchored.size), root: hexOf(anchored.root) },
    path: city.logs.north.inclusion(intent.index).map(hexOf),
  };
  const announcing = (signatures: readonly Hex[]) => announceBatchCall(batch.intent, batch.hashes, signatures, proof);
  for (const [, alone] of signed) await refused('NotEnoughSignatures', on.send(announcing([alone])));
  await to.send('announce', announcing(bySigner(signed)));
  for (const call of publishCalls(batch.intent, batch)) await to.send('publish', call);
  const settling = settleBatchCall(batch.intent);
  await refused('TooEarly', on.send(settling));
  on.time.set(on.time.now() + 3_700_000);
  await on.chain.refresh();
  const { hash } = await to.send('settle', settling);
  await refused('BadRows', on.send(settling));
  await refused('AlreadyFinal', on.send(announcing(bySigner(signed))));
  const vouched = await vouch(city, on, batch, { settled: hash, anchored: anchored.hash });
  const signatures = bySigner(signed).map(fromHex);
  return { batch, signatures, intent, ...sealed, vouched, anchor: anchored, settled: hash };
}

/** Each member says in its own log in which blocks it was anchored and paid. */
async function vouch(
  city: City,
  { chain, time }: CrowdChain,
  { intent }: OrderedBatch,
  hashes: { readonly settled: Hex; readonly anchored: Hex },
): Promise<Place[]> {
  const client = publicClient(chain);
  const blockOf = async (hash: Hex) => {
    const { blockHash } = await client.getTransactionReceipt({ hash });
    return client.getBlock({ blockHash });
  };
  const [paidIn, anchoredIn] = [await blockOf(hashes.settled), await blockOf(hashes.anchored)];
  const payload = settlementPayload.encode({
    ...{ intent: fromHex(intentDigest(intent)), transaction: fromHex(hashes.settled) },
    block: {
      ...{ chainId: Number(chain.chainId), number: Number(paidIn.number), hash: fromHex(paidIn.hash) },
      timeS: Number(paidIn.timestamp),
    },
    anchorBlock: { number: Number(anchoredIn.number), hash: fromHex(anchoredIn.hash) },
  });
  const about = { subject: city.policy.subject, arrivalMs: Math.max(time.now(), CUT_MS + 10_000) };
  return Promise.all(MEMBERS.map((name) => city.says(name, 'settlement', about, payload)));
}

/** The operator takes out what all bills together come to, and not a cent more. */
export async function claimAll(city: City, on: CrowdChain, { batch }: Paid, measured: Measured): Promise<void> {
  const { chain, contracts } = on;
  const account = accountOf('recipient');
  const total = Array.from({ length: city.homes }, (_, i) => usedBy(i + 1) * CENTS).reduce((sum, one) => sum + one, 0);
  const position = batch.after.prove(batch.numbers.get(account) as number);
  const claiming = (amount: bigint, nonce: bigint) => {
    const act = { agreement: hexOf(city.agreement), account, amount, nonce, deadline: 2n ** 63n };
    const digest = actDigest({ kind: 'claim', ...act }, { chainId: chain.chainId, verifyingContract: contracts.batch });
    return claimCall(contracts, act, position, { signer: '0x', signature: signDigest(digest, keyOf('recipient')) });
  };
  await refused('NothingToClaim', on.send(claiming(BigInt(total) + 1n, 7n)));
  await sender(on, measured).send('claim', claiming(BigInt(total), 8n));
  assert.equal(await readBalance(chain, contracts, account), BigInt(total));
}
