// What the contracts tell of each act: nodes and strangers read it, and nothing else, to follow the money.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { getAddress, type Hex, type Log, parseEventLogs, zeroAddress, zeroHash } from 'viem';
import { accountsAbi } from '../artifacts/Accounts.ts';
import { agreementTermsAbi } from '../artifacts/AgreementTerms.ts';
import { directSettlementAbi } from '../artifacts/DirectSettlement.ts';
import { reverts } from './scene.ts';
import {
  DAY,
  DROP,
  type Intent,
  PAY,
  REDECIDE,
  type SettlementScene,
  startSettlementScene,
  WINDOW,
} from './settlement-scene.ts';

let scene: SettlementScene;
before(async () => {
  scene = await startSettlementScene();
});
const abi = [...directSettlementAbi, ...accountsAbi, ...agreementTermsAbi];
/** Events in their order, with all that they say. */
const told = ({ logs }: { logs: Log[] }) =>
  parseEventLogs({ abi, logs }).map(({ eventName, args }) => [eventName, args] as const);
const timeOf = async ({ blockNumber }: { blockNumber: bigint }) =>
  (await scene.chain.reader.getBlock({ blockNumber })).timestamp;

let salt = 1;
async function agreed(over: Record<string, unknown> = {}) {
  const terms = await scene.terms({ salt: `0x${(salt++).toString(16).padStart(64, '0')}`, ...over });
  const opened = told(await scene.send(scene.terms_, 'open', [terms]));
  const id = (await scene.read(scene.terms_, 'termsDigest', [terms])) as Hex;
  assert.deepEqual(
    opened.map(([name]) => name),
    ['Opened'],
  );
  assert.ok(opened.every(([, args]) => 'agreement' in args && args.agreement === id));
  return id;
}
const NOWHERE = { originHash: zeroHash, index: 0n, size: 0n, root: zeroHash, path: [] };
const announce = async (what: Intent) => scene.send(scene.direct, 'announce', [what, ...(await scene.seal(what))]);
const settle = (what: Intent) => scene.send(scene.direct, 'settle', [what, [], NOWHERE]);

test('money that comes, is allowed, taken back and returned', async () => {
  const agreement = await agreed({ validUntil: (await scene.chain.now()) + DAY });
  const { payer } = scene;
  const account = payer.address;
  const token = getAddress(scene.token);
  const moved = { account, token, controller: getAddress(scene.direct) };
  const deposited = told(await scene.fund(payer, 1500n));
  assert.deepEqual(deposited, [['Deposited', { account, token, amount: 1500n }]]);
  const until = (await scene.chain.now()) + 300n * DAY;
  assert.deepEqual(told(await scene.authorize(payer, agreement, { until, amount: 700n })), [
    ['Locked', { ...moved, amount: 700n }],
    ['Authorized', { agreement, account, amount: 700n, perObligation: 500n, until }],
  ]);
  const revoked = await scene.revoke(payer, agreement);
  assert.deepEqual(told(revoked), [['Revoked', { agreement, account, revokedAt: await timeOf(revoked) }]]);
  await scene.chain.advance(Number(3n * DAY));
  assert.deepEqual(told(await scene.send(scene.direct, 'release', [agreement, account])), [
    ['Released', { agreement, account, amount: 700n }],
    ['Credited', { ...moved, amount: 700n }],
  ]);
});

test('an intent that is announced, held, ruled on and paid', async () => {
  const agreement = await agreed();
  const { payer, recipient, arbiter } = scene;
  await scene.fund(payer, 1500n);
  await scene.authorize(payer, agreement);
  const what = await scene.intent(agreement);
  const { obligation } = what;
  const intent = await scene.digestOf(what);
  const about = { agreement, obligation, intent };
  const announced = await announce(what);
  assert.deepEqual(told(announced), [['Announced', { ...about, due: (await timeOf(announced)) + WINDOW }]]);
  assert.deepEqual(told(await scene.hold(what, payer)), [['HeldBy', { ...about, account: payer.address }]]);
  for (const [ruling, by] of [
    [REDECIDE, arbiter],
    [PAY, arbiter],
  ] as const)
    assert.deepEqual(told(await scene.rule(what, ruling, by)), [
      ['HoldEnded', { ...about, ruling, account: by.address }],
    ]);
  assert.deepEqual(told(await settle(what)), [
    ['Settled', { ...about, decision: what.decision }],
    ['Paid', { agreement, obligation, to: recipient.address, from: payer.address, amount: 300n }],
    [
      'Credited',
      {
        account: recipient.address,
        token: getAddress(scene.token),
        controller: getAddress(scene.direct),
        amount: 300n,
      },
    ],
  ]);
  const given = await scene.intent(agreement);
  await announce(given);
  await scene.hold(given, payer);
  const gave = { agreement, obligation: given.obligation, intent: await scene.digestOf(given) };
  assert.deepEqual(told(await scene.rule(given, PAY, payer)), [
    ['HoldEnded', { ...gave, ruling: PAY, account: payer.address }],
  ]);
  await scene.chain.advance(Number(32n * DAY));
  assert.deepEqual(told(await scene.send(scene.direct, 'expire', [given])), [['Expired', gave]]);
});

test('a hold on which nobody ruled ends by the terms, and nobody is named', async () => {
  for (const [payAfterHold, ruling] of [
    [true, PAY],
    [false, DROP],
  ] as const) {
    const agreement = await agreed({ payAfterHold });
    await scene.fund(scene.payer, 1500n);
    await scene.authorize(scene.payer, agreement);
    const what = await scene.intent(agreement);
    await announce(what);
    await scene.hold(what, scene.payer);
    await scene.chain.advance(Number(7n * DAY) + 5);
    const about = { agreement, obligation: what.obligation, intent: await scene.digestOf(what) };
    assert.deepEqual(told(await scene.send(scene.direct, 'endHold', [what])), [
      ['HoldEnded', { ...about, ruling, account: zeroAddress }],
    ]);
  }
});

test('what the escrow still holds goes back once, and to whom the terms say', async () => {
  const agreement = await agreed({ window: 0n, validUntil: (await scene.chain.now()) + DAY });
  const { payer, recipient } = scene;
  await scene.fund(payer, 1500n);
  await scene.authorize(payer, agreement);
  const into = await scene.intent(agreement, { entries: [{ from: payer.address, to: zeroAddress, amount: 400n }] });
  const paid = told(await scene.send(scene.direct, 'settle', [into, ...(await scene.seal(into))]));
  const { obligation } = into;
  assert.deepEqual(paid.at(-1), [
    'Paid',
    { agreement, obligation, to: zeroAddress, from: payer.address, amount: 400n },
  ]);
  await scene.chain.advance(Number(3n * DAY));
  assert.deepEqual(told(await scene.send(scene.direct, 'returnEscrow', [agreement])), [
    ['EscrowReturned', { agreement, to: recipient.address, amount: 400n }],
    [
      'Credited',
      {
        account: recipient.address,
        token: getAddress(scene.token),
        controller: getAddress(scene.direct),
        amount: 400n,
      },
    ],
  ]);
  await reverts(scene.send(scene.direct, 'returnEscrow', [agreement]), 'NothingToRelease');
});

test('an authorization begins before it ends, ends after now, and says a limit per period whole', async () => {
  const agreement = await agreed();
  const { payer } = scene;
  await scene.fund(payer, 1500n);
  const now = await scene.chain.now();
  const allow = (over: Record<string, unknown>) => scene.authorize(payer, agreement, { amount: 100n, ...over });
  const refused: Record<string, unknown>[] = [
    { until: now },
    { from: now + 2n * DAY, until: now + 2n * DAY - 1n },
    { period: DAY },
    { perPeriod: 5n },
  ];
  for (const over of refused) await reverts(allow(over), 'BadAuthorization');
  await allow({ from: now + 2n * DAY, until: now + 2n * DAY, period: DAY, perPeriod: 100n });
  // While it stands: earlier, longer and more, never later, shorter or less; the period stays what it is.
  const standing = { from: now + 2n * DAY, until: now + 2n * DAY, period: DAY, perPeriod: 100n, amount: 0n };
  for (const over of [
    { from: now + 2n * DAY + 1n, until: now + 3n * DAY },
    { from: now, until: now + 2n * DAY - 1n },
    { perObligation: 499n },
    { perPeriod: 99n },
    { period: DAY + 1n },
    { period: 2n * DAY, perPeriod: 200n },
  ])
    await reverts(allow({ ...standing, ...over }), 'BadAuthorization');
  await allow({ ...standing, from: now, until: now + 3n * DAY, perPeriod: 101n, perObligation: 501n });
  await allow({ ...standing, from: now, until: now + 3n * DAY, perPeriod: 0n, period: 0n, perObligation: 501n });
});
