// Which lines go into a batch now: what one account cannot keeps none of the others, but for what a party owes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Member } from '@trine/ledger/batches.ts';
import { type Agreement, type Decision, type Entry, type Hex, netsOf, type Row, StepError } from '@trine/protocol';
import { type Book, choose, losing } from './lines.ts';

const address = (digit: string): Hex => `0x${digit.repeat(40)}`;
const [PAYER, RECIPIENT, ADA, BOB, EVE] = ['1', '2', 'a', 'b', 'e'].map(address) as [Hex, Hex, Hex, Hex, Hex];
const policy = {
  parties: [
    { role: 'payer', name: 'Utility', address: PAYER },
    { role: 'recipient', name: 'Operator', address: RECIPIENT },
  ],
  accounts: [
    { key: 'ada', address: ADA },
    { key: 'bob', address: BOB },
    { key: 'eve', address: EVE },
  ],
  money: { currency: 'EUR' },
} as unknown as Agreement;
const entry = (from: string, to: string, amount: number): Entry => ({
  tag: 'entry',
  from,
  to,
  amount,
  currency: 'EUR',
});
const rowsOf = (all: Record<string, Entry[]>) =>
  new Map(Object.entries(all).map(([key, effects]) => [key, { key, effects, outcome: 'pay' } as unknown as Row]));
const decisionOf = (effects: Entry[] = [], verdict = 'pass') => ({ effects, gate: { verdict } }) as unknown as Decision;
const TIMES = { begin: 10n, end: 20n };

/** Everybody joined, and has and allows so much. */
function bookOf(has: Partial<Record<Hex, bigint>>, positions: Partial<Record<Hex, bigint>> = {}): Book {
  const accounts = Object.keys(has) as Hex[];
  return {
    numberOf: (account) => accounts.indexOf(account) + 1 || undefined,
    memberOf: (account) => {
      const limit = has[account] ?? 0n;
      const cover = { since: 1n, from: 0n, until: 100n, revokedAt: 0n };
      return { account, perObligation: limit, limit, stake: limit, cover } satisfies Member;
    },
    positionOf: (number) => positions[accounts[number - 1] as Hex] ?? 0n,
  };
}

const all = { [PAYER]: 50n, [RECIPIENT]: 0n, [ADA]: 100n, [BOB]: 100n, [EVE]: 100n };
const chosen = (rows: ReturnType<typeof rowsOf>, book: Book, decision = decisionOf(), part = 0) => {
  const { lines, held, nets } = choose({ policy, decision, rows }, part, TIMES, book);
  return { lines, held: Object.fromEntries(held), nets };
};

test('lines of those who can go; what one account cannot keeps no other', () => {
  const rows = rowsOf({
    ada: [entry('ada', 'recipient', 30)],
    bob: [entry('bob', 'recipient', 101)],
    eve: [entry('eve', 'recipient', 60)],
  });
  const { lines, held, nets } = chosen(rows, bookOf(all, { [EVE]: -50n }));
  assert.deepEqual(lines, ['ada']);
  assert.deepEqual(held, {
    bob: 'it is more than was authorised for one obligation',
    eve: '10 minor units more than it has in the agreement',
  });
  assert.deepEqual(
    [...nets],
    [
      [ADA, -30n],
      [RECIPIENT, 30n],
    ],
  );
});

test('a line that moves money between others alone waits: it would be paid with every batch anew', () => {
  const rows = rowsOf({
    ada: [entry('payer', 'ada', 5), entry('ada', 'recipient', 5)],
    bob: [entry('bob', 'recipient', 30)],
    eve: [entry('payer', 'recipient', 5)],
    // It moves nothing at all.
    pat: [entry('payer', 'recipient', 5), entry('recipient', 'payer', 5)],
  });
  const { lines, held, nets } = chosen(rows, bookOf(all));
  assert.deepEqual(lines, ['bob', 'pat']);
  assert.deepEqual(Object.keys(held), ['ada', 'eve']);
  assert.match(held.ada ?? '', /^it moves money between others, /);
  assert.equal(nets.get(PAYER), undefined);
});

test('where a party cannot pay what lines get from it, those wait; others go', () => {
  const rows = rowsOf({
    ada: [entry('payer', 'ada', 40)],
    bob: [entry('payer', 'bob', 20)],
    eve: [entry('eve', 'recipient', 5)],
  });
  const { lines, held } = chosen(rows, bookOf(all));
  assert.deepEqual(
    [lines, held],
    [
      ['eve'],
      {
        ada: 'Utility: it is more than was authorised for one obligation',
        bob: 'Utility: it is more than was authorised for one obligation',
      },
    ],
  );
  assert.deepEqual(chosen(rows, bookOf({ ...all, [PAYER]: 60n })).lines, ['ada', 'bob', 'eve']);
  // Nobody is credited who has no number, a party included.
  const { [RECIPIENT]: _, ...unjoined } = all;
  assert.deepEqual(chosen(rows, bookOf({ ...unjoined, [PAYER]: 60n })).held, {
    eve: 'Operator: its account has not joined the agreement on the chain',
  });
});

test('what a line may not move waits: another line’s money, an escrow, a name without an account, another currency', () => {
  const rows = rowsOf({
    ada: [entry('bob', 'recipient', 1)],
    bob: [entry('bob', 'escrow', 1)],
    nobody: [entry('nobody', 'recipient', 1)],
    eve: [{ ...entry('eve', 'recipient', 1), currency: 'USD' }],
  });
  const { lines, held } = chosen(rows, bookOf(all));
  assert.deepEqual(lines, []);
  assert.deepEqual(held, {
    ada: 'It moves money from bob to recipient: a line moves it between its own account and a party.',
    bob: 'an agreement that settles in batches has no escrow',
    nobody: 'The terms name no account of nobody.',
    eve: 'It is of another currency.',
  });
});

test('what is common goes with the first part, if it is not held, and is all or nothing', () => {
  const rows = rowsOf({ ada: [entry('ada', 'recipient', 30)] });
  const common = decisionOf([entry('payer', 'recipient', 50)]);
  assert.equal(chosen(rows, bookOf(all), common).nets.get(PAYER), -50n);
  assert.equal(chosen(rows, bookOf(all), common, 1).nets.get(PAYER), undefined);
  assert.equal(
    chosen(rows, bookOf(all), decisionOf([entry('payer', 'recipient', 50)], 'hold')).nets.get(PAYER),
    undefined,
  );
  const more = decisionOf([entry('payer', 'recipient', 51)]);
  assert.throws(
    () => chosen(new Map(), bookOf(all), more),
    new StepError('Utility: it is more than was authorised for one obligation.'),
  );
  assert.deepEqual([...losing(policy, common, rows)].sort(), [PAYER, ADA]);
});

test('property: what is chosen sums to zero, and nobody in it loses more than it may', () => {
  let seed = 7;
  const random = (n: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % n;
  };
  for (let run = 0; run < 300; run++) {
    const rows = rowsOf(
      Object.fromEntries(
        ['ada', 'bob', 'eve'].map((key) => {
          const party = random(2) ? 'recipient' : 'payer';
          return [key, [random(2) ? entry(key, party, 1 + random(150)) : entry(party, key, 1 + random(80))]];
        }),
      ),
    );
    const has = Object.fromEntries(Object.entries(all).filter(() => random(8) > 0)) as typeof all;
    const { nets, lines, held } = chosen(rows, bookOf(has));
    assert.equal(
      [...nets.values()].reduce((sum, net) => sum + net, 0n),
      0n,
    );
    assert.equal(lines.length + Object.keys(held).length, rows.size);
    for (const [account, net] of nets) {
      assert.ok(account in has);
      assert.ok(-net <= (has[account as keyof typeof has] ?? 0n));
    }
  }
  assert.deepEqual([...netsOf([])], []);
});
