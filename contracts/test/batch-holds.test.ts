import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keccak256, type Log, type PrivateKeyAccount, parseEventLogs, zeroHash } from 'viem';
import { batchSettlementAbi } from '../artifacts/BatchSettlement.ts';
import { account } from './chain.ts';
import { startCircles } from './circle.ts';
import type { Row } from './positions.ts';
import { reverts } from './scene.ts';
import { DAY, DROP, PAY, REDECIDE, WINDOW } from './settlement-scene.ts';

const { scene, circle, batchOf, announce, publish, settle, under, settled, refutePosition } = await startCircles();

test('only the arbiter holds a batch; what it releases can still be refuted until the window is over', async () => {
  const c = await circle(2);
  const rows: readonly Row[] = [
    [1, -10n],
    [2, 10n],
  ];
  const batch = await under(c, rows, {}, c.tree.clone().apply(rows).set(2, 900n));
  await reverts(scene.hold(batch.what, c.people[0]!), 'NotAllowed');
  await scene.hold(batch.what, scene.arbiter);
  await scene.chain.advance(60);
  await scene.rule(batch.what, PAY, scene.arbiter);
  await reverts(settle(batch), 'TooEarly');
  await refutePosition(batch, c.tree, 2);
  const second = await under(c, rows);
  await scene.hold(second.what, scene.arbiter);
  await scene.rule(second.what, DROP, scene.arbiter);
  const third = await under(c, rows);
  await scene.hold(third.what, scene.arbiter);
  await scene.rule(third.what, REDECIDE, scene.arbiter);
  const fourth = await batchOf(
    c,
    [
      [1, -5n],
      [2, 5n],
    ],
    {
      obligation: third.what.obligation,
      supersedes: await scene.digestOf(third.what),
    },
  );
  await announce(fourth);
  await publish(fourth);
  await scene.chain.advance(Number(WINDOW));
  await settle(fourth);
});

test('a contest costs a bond that comes back unless the arbiter says it was unjustified', async () => {
  const c = await circle(3);
  const batch = await settled(c, [
    [1, -10n],
    [2, 10n],
  ]);
  const { agreement, obligation } = batch.what;
  const statement = keccak256('0x01');
  const contest = async (who: PrivateKeyAccount, over = {}) => {
    const { act, proof } = await scene.sign(scene.batch, 'Contest', who, {
      agreement,
      obligation,
      account: who.address,
      statement,
      ...over,
    });
    return scene.send(scene.batch, 'contest', [act, proof]);
  };
  const rule = async (who: PrivateKeyAccount, justified: boolean, by = scene.arbiter) => {
    const { act, proof } = await scene.sign(scene.batch, 'ContestRuling', by, {
      agreement,
      obligation,
      account: who.address,
      justified,
    });
    return scene.send(scene.batch, 'ruleContest', [act, proof]);
  };
  const [one, two, three] = c.people as [PrivateKeyAccount, PrivateKeyAccount, PrivateKeyAccount];
  await reverts(contest(one), 'BalanceTooLow');
  await scene.fund(one, 50n);
  await scene.fund(two, 50n);
  await scene.fund(three, 50n);
  await contest(one);
  await reverts(contest(one), 'HeldBefore');
  await reverts(contest(account('thief')), 'NotAllowed');
  await reverts(contest(two, { obligation: zeroHash }), 'WrongPhase');
  await reverts(rule(one, true, one), 'BadSignature');
  await rule(one, true);
  assert.equal(await scene.balance(one.address), 50n);
  await reverts(rule(one, true), 'NoContest');
  await contest(two);
  await reverts(scene.send(scene.batch, 'endContest', [agreement, obligation, two.address]), 'TooEarly');
  await scene.chain.advance(Number(7n * DAY) + 5);
  const told = ({ logs }: { logs: Log[] }) =>
    parseEventLogs({ abi: batchSettlementAbi, logs }).map(({ eventName, args }) => [eventName, args]);
  const about = { agreement, obligation, account: two.address };
  const other = { ...about, account: three.address };
  const ended = await scene.send(scene.batch, 'endContest', [agreement, obligation, two.address]);
  assert.deepEqual(told(ended), [['ContestEnded', { ...about, returned: true }]]);
  assert.equal(await scene.balance(two.address), 50n);
  assert.deepEqual(told(await contest(three)).at(-1), ['Contested', { ...other, statement }]);
  const residuary = await scene.balance(scene.recipient.address);
  assert.deepEqual(told(await rule(three, false)), [['ContestEnded', { ...other, returned: false }]]);
  assert.equal(await scene.balance(three.address), 0n);
  assert.equal((await scene.balance(scene.recipient.address)) - residuary, 50n);
});
