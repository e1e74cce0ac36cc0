// An intent against the decision and the agreement that order it: it differs in one point, and is refused by that.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex } from '../../bytes.ts';
import { agreementId } from '../../evm/agreement.ts';
import type { Intent } from '../../evm/intent.ts';
import { type Hex, hexOf } from '../../evm/words.ts';
import { type Decision, obligationId, type Row } from '../../payloads/decision.ts';
import { type NetworkDocument, networkIdOnChain } from '../../payloads/network.ts';
import { policyHash } from '../../payloads/policy.ts';
import { agreement, decision as anyDecision, row as anyRow } from '../../testing/values.ts';
import { checkIntent, NO_BATCH, secondsOf } from './intent.ts';

const address = (digit: string): Hex => `0x${digit.repeat(40)}`;
const { money } = agreement;
const networkOf = (kind: NetworkDocument['chain']['kind'], more = {}) =>
  ({
    id: agreement.network,
    chain: {
      ...{ id: money.chainId, kind, terms: address('7'), direct: money.contract, batch: address('8') },
      ...{ tokens: [{ address: money.token, currency: money.currency, decimals: 2 }], ...more },
    },
  }) as unknown as NetworkDocument;
const practice = networkOf('practice');
const real = networkOf('evm');

const agreed = agreementId(agreement, practice.chain.terms as Hex);
const passed = { outcome: 'pay', gate: { ...anyDecision.gate, verdict: 'pass', reasons: [] as string[] } } as const;
const decision: Decision = {
  ...anyDecision,
  ...passed,
  agreement: fromHex(agreed.slice(2)),
  policy: policyHash(agreement),
};
const id = new Uint8Array(32).fill(3);
const intent: Intent = {
  network: networkIdOnChain(agreement.network),
  chainId: BigInt(money.chainId),
  settler: money.contract as Hex,
  agreement: agreed,
  termsHash: hexOf(decision.policy),
  obligation: hexOf(obligationId(decision.obligation)),
  ...secondsOf(decision.obligation),
  entries: [{ from: address('1'), to: address('2'), amount: 5n }],
  ...NO_BATCH,
  token: money.token as Hex,
  validAfter: 0n,
  deadline: 2n ** 40n,
  decision: hexOf(id),
  supersedes: `0x${'00'.repeat(32)}`,
};
const check = (
  given: { intent?: Partial<Intent>; decision?: Partial<Decision>; rows?: ReadonlyMap<string, Row> } = {},
  network = practice,
) =>
  checkIntent(
    { ...intent, ...given.intent },
    { policy: agreement, decision: { ...decision, ...given.decision }, id, rows: given.rows } as never,
    network,
  );
const ofClass = (name: Decision['gate']['class']) => ({ gate: { ...decision.gate, class: name } });

test('an intent is the decision’s in every field', () => {
  check();
  const word: Hex = `0x${'77'.repeat(32)}`;
  const others: Partial<Intent> = {
    ...{ network: word, chainId: 1n, settler: address('8'), agreement: word, termsHash: word, obligation: word },
    ...{ begin: 1n, end: 2n, rowsHash: word, rowCount: 1n, positionsBefore: word, positionsAfter: word },
    ...{ token: address('9'), decision: word },
  };
  for (const [field, value] of Object.entries(others))
    assert.throws(() => check({ intent: { [field]: value } }), {
      message: new RegExp(`^The intent's ${field} is not`),
    });
  const [entry] = intent.entries as [Intent['entries'][number]];
  for (const entries of [
    [],
    [entry, { ...entry, to: address('3') }],
    [{ ...entry, amount: 6n }],
    [{ ...entry, from: address('3') }],
    [{ ...entry, to: address('3') }],
  ])
    assert.throws(() => check({ intent: { entries } }), /The intent's entries are not those of the decision/);
});

test('what is no order to pay, or is of another chain or token, orders nothing', () => {
  assert.throws(() => check({ decision: { outcome: 'hold' } }), /outcome is hold: nothing was to be paid/);
  assert.throws(() => check({ decision: { agreement: id } }), /not the one that the contract knows by these terms/);
  for (const chain of [{ id: 5 }, { direct: address('9') }])
    assert.throws(() => check({}, networkOf('practice', chain)), /another chain or contract than the network/);
  for (const token of [{ address: address('9') }, { currency: 'CHF' }]) {
    const tokens = [{ address: money.token, currency: money.currency, decimals: 2, ...token }];
    assert.throws(() => check({}, networkOf('practice', { tokens })), /not one of the network for this currency/);
  }
});

test('imported and simulated readings move money in practice alone, in the decision and in each line that pays', () => {
  for (const one of ['hardware', 'software', 'gateway'] as const) check({ decision: ofClass(one) }, real);
  const row = (more: Partial<Row>) => ({
    rows: new Map([['payer', { ...anyRow, ...passed, key: 'payer', effects: [], ...more } as Row]]),
  });
  for (const one of ['imported', 'simulated'] as const) {
    const refusal = { message: `Readings of class ${one} never move money outside a practice network.` };
    assert.throws(() => check({ decision: ofClass(one) }, real), refusal);
    assert.throws(() => check(row(ofClass(one)), real), refusal);
    check(row({ ...ofClass(one), outcome: 'hold' }), real);
    check({ decision: ofClass(one), ...row(ofClass(one)) }, practice);
  }
});

test('together with what was not paid: what was held in between moves nothing, whatever it rests on', () => {
  const correction = { ...decision.obligation, base: obligationId(decision.obligation), revision: 2 };
  const held = {
    ...decision,
    ...ofClass('imported'),
    outcome: 'hold' as const,
    obligation: { ...correction, revision: 1 },
  };
  held.gate = { ...held.gate, verdict: 'hold' };
  const ask = (between: typeof held, network: NetworkDocument) =>
    checkIntent(
      {
        ...intent,
        ...secondsOf(correction),
        entries: [{ ...(intent.entries[0] as Intent['entries'][number]), amount: 10n }],
      },
      {
        policy: agreement,
        decision: { ...decision, obligation: correction },
        id,
        before: [{ decision: between }, { decision }],
      } as never,
      network,
    );
  ask(held, real);
  const passing = { ...held, gate: { ...held.gate, verdict: 'pass' as const } };
  assert.throws(() => ask(passing, real), /Readings of class imported never move money/);
});
