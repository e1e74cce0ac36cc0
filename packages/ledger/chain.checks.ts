// What every chain must do, embedded or not: one suite, run against each.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { decodeAnchored, decodeSettled, type Hex, intentDigest, originHash, verifyReceipt } from '@trine/protocol';
import { actCall, NEVER } from './acts.ts';
import { findSettlement, readBalance, readLimits, readObligation, readTerms, readWallet } from './agreements.ts';
import { anchorCall, mintCall, registerKeyCall, revokeKeyCall, settleCall } from './calls.ts';
import type { Chain } from './chain.ts';
import { latestAnchor, readKey } from './checkpoints.ts';
import { LedgerError } from './errors.ts';
import { Outbox } from './outbox.ts';
import { settleKind } from './outbox-kinds.ts';
import { proveReceipt } from './proofs.ts';
import { type Network, ORIGIN, setUp } from './testing/network.ts';
import { until } from './testing/until.ts';
import { minedNonce, sendCall, signTransaction, tryCall } from './transactions.ts';

/** Seed of the accounts of this suite. */
export const TEST_SEED = 'chain checks';

/**
 * @param name of the chain, in the tests' names
 * @param open starts or connects it; the accounts of `fundedKeys(TEST_SEED)` must hold ether there
 */
export function checkChain(name: string, open: (folder: string) => Promise<Chain>): void {
  describe(name, () => {
    const folder = mkdtempSync(join(tmpdir(), 'trine-test-'));
    let chain: Chain;
    let network: Network;
    let outboxes = 0;
    const outboxOf = (over: object = {}) =>
      new Outbox({
        ...{ chain, senderKey: network.operator.key, kinds: network.kinds, pollMs: 50 },
        ...{ file: join(folder, `outbox-${outboxes++}.sqlite`), ...over },
      });
    const balance = (address: Hex) => readBalance(chain, network.contracts, address);

    before(async () => {
      chain = await open(folder);
      network = await setUp(chain, TEST_SEED, folder);
    });
    after(async () => {
      await chain?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    test('deployment, funding and opening are repeated without effect', async () => {
      const again = await setUp(chain, TEST_SEED, folder);
      assert.deepEqual(again.contracts, network.contracts);
      assert.equal(again.agreement, network.agreement);
      const { contracts, agreement, payer } = network;
      assert.deepEqual(await readTerms(chain, contracts, agreement), network.terms);
      const { locked, perObligation } = await readLimits(chain, contracts, agreement, payer.address);
      assert.deepEqual([locked, perObligation], [1_000_000n, 100_000n]);
    });

    test('calls of one sender that come at once are all done, one after the other', async () => {
      const { operator, decider } = network;
      const held = async () => (await readWallet(chain, network.contracts, decider.address)).amount;
      const before = await held();
      const references = Array.from({ length: 12 }, (_, i) => network.word(`at once ${i}`));
      const mints = references.map((reference) => mintCall(network.contracts, decider.address, 1n, reference));
      const receipts = await Promise.all(mints.map((mint) => sendCall(chain, operator.key, mint)));
      assert.equal(new Set(receipts.map(({ transactionHash }) => transactionHash)).size, 12);
      assert.equal(await held(), before + 12n);
    });

    test('anchor and settlement, with proofs that verify offline', async () => {
      const { contracts, operator } = network;
      const payload = network.decide('directly', 1234n);
      const { origin, size, root, signatures } = network.checkpoint();
      const checkpoint = { origin, size: BigInt(size), root, signatures, consistency: [] };
      const anchored = await sendCall(chain, operator.key, anchorCall(contracts, checkpoint));
      const proven = verifyReceipt(await proveReceipt(chain, anchored.transactionHash));
      assert.equal(proven.blockHash, anchored.blockHash);
      const [anchorEvent] = proven.receipt.logs.map(decodeAnchored);
      assert.deepEqual(anchorEvent, { contract: contracts.checkpoints, origin, size: BigInt(size), root });

      const intent = network.intentFor('directly', 1234n);
      const proof = await network.prove(ORIGIN, 0n);
      assert.ok(proof);
      const settle = settleCall(intent, payload.signatures, { originHash: originHash(ORIGIN), index: 0n, ...proof });
      const settled = await sendCall(chain, operator.key, settle);
      const { receipt, timestamp } = verifyReceipt(await proveReceipt(chain, settled.transactionHash));
      assert.ok(timestamp > 1_700_000_000n);
      const event = receipt.logs.map(decodeSettled).find((one) => one !== undefined);
      assert.equal(event?.intent, intentDigest(intent));
      assert.equal(await balance(network.recipient.address), 1234n);
      await assert.rejects(sendCall(chain, operator.key, settle), /AlreadyFinal/);
      assert.equal((await readObligation(chain, contracts, network.agreement, intent.obligation)).phase, 'settled');
    });

    test('refusals name the reason and whether to retry', async () => {
      const { contracts, payer } = network;
      const refused = tryCall(chain, payer.address, mintCall(contracts, payer.address, 1n, network.word('m')));
      await assert.rejects(refused, (error) => error instanceof LedgerError && error.retry === 'never');
    });

    test('keys are entered and revoked', async () => {
      const { contracts, operator } = network;
      const keyId = network.word('key');
      await sendCall(chain, operator.key, registerKeyCall(contracts, keyId, network.word('subject'), 'software'));
      assert.equal((await readKey(chain, contracts, operator.address, keyId)).status, 'active');
      await sendCall(chain, operator.key, revokeKeyCall(contracts, keyId));
      assert.equal((await readKey(chain, contracts, operator.address, keyId)).status, 'revoked');
    });

    test('a dispute holds a payment that the arbiter then grants', async () => {
      // Of terms that leave time for it; the window is longer than any test.
      const disputable = await setUp(chain, TEST_SEED, mkdtempSync(join(folder, 'disputable-')), 1_000n, 3_600n);
      const { payer, arbiter, contracts } = disputable;
      const payload = disputable.decide('disputed', 10n);
      const intent = disputable.intentFor('disputed', 10n);
      const outbox = outboxOf({ kinds: disputable.kinds });
      outbox.enqueue('anchor', disputable.checkpoint());
      const announced = outbox.enqueue('announce', payload);
      await until('announced', () => outbox.get(announced.id)?.state === 'confirmed');
      const { agreement, obligation } = intent;
      const act = { agreement, obligation, intent: intentDigest(intent), account: payer.address, deadline: NEVER };
      await sendCall(chain, payer.key, actCall(contracts, { kind: 'hold', ...act, nonce: 101n }, { intent }));
      const { id } = outbox.enqueue('settle', payload);
      await until('held', () => outbox.get(id)?.error?.includes('OnHold') ?? false);
      const granted = { kind: 'rule', ...act, account: arbiter.address, ruling: 'pay', nonce: 102n } as const;
      await sendCall(chain, arbiter.key, actCall(contracts, granted, { intent }));
      outbox.retry(id);
      await until('paid', () => outbox.get(id)?.state === 'confirmed');
      await outbox.stop();
    });

    test('the outbox anchors and settles each thing once, whoever asks how often', async () => {
      const before = await balance(network.recipient.address);
      const outbox = outboxOf();
      const payloads = Array.from({ length: 8 }, (_, i) => network.decide(`outbox ${i}`, BigInt(100 + i)));
      for (let size = network.log.size - 4; size <= network.log.size; size++)
        outbox.enqueue('anchor', network.checkpoint(size));
      for (const payload of [...payloads, ...payloads]) outbox.enqueue('settle', payload);
      // Of five anchors that wait the newest is enough.
      assert.equal(outbox.counts().queued + outbox.counts().submitted, 9);
      await until('all confirmed', () => outbox.counts().confirmed === 9);
      assert.equal((await balance(network.recipient.address)) - before, 828n);
      assert.equal((await latestAnchor(chain, network.contracts, ORIGIN))?.size, BigInt(network.log.size));
      await outbox.stop();
    });

    test('what someone else paid is found, not paid again', async () => {
      const payload = network.decide('by another', 77n);
      const first = outboxOf();
      first.enqueue('anchor', network.checkpoint());
      const { id } = first.enqueue('settle', payload);
      await until('paid', () => first.get(id)?.state === 'confirmed');
      await first.stop();
      const second = outboxOf();
      second.enqueue('settle', payload);
      second.enqueue('anchor', network.checkpoint());
      await until('found', () => second.counts().confirmed === 2);
      const found = await findSettlement(
        chain,
        network.contracts,
        network.agreement,
        network.intentFor('by another', 77n).obligation,
      );
      assert.equal(second.get(id)?.txHash, found?.txHash);
      await second.stop();
    });

    test('an announced intent is paid without its proof, and found by who announces it again', async () => {
      const { contracts, agreement } = network;
      const payload = network.decide('announced', 3n);
      const intent = network.intentFor('announced', 3n);
      await sendCall(chain, network.operator.key, await network.kinds.anchor.call(network.checkpoint()));
      const outbox = outboxOf();
      const { id } = outbox.enqueue('announce', payload);
      await until('announced', () => outbox.get(id)?.state === 'confirmed');
      assert.equal((await readObligation(chain, contracts, agreement, intent.obligation)).phase, 'announced');
      await outbox.stop();
      const again = outboxOf({
        kinds: { ...network.kinds, settle: settleKind(chain, contracts, async () => undefined) },
      });
      again.enqueue('announce', payload);
      again.enqueue('settle', payload);
      await until('paid', () => again.counts().confirmed === 2);
      await again.stop();
    });

    test('an intent with a wrong signature is refused for good', async () => {
      const outbox = outboxOf();
      const payload = network.decide('forged', 5n);
      outbox.enqueue('anchor', network.checkpoint());
      const [, other] = [payload, network.decide('other', 5n)];
      const { id } = outbox.enqueue('settle', { ...payload, signatures: other.signatures });
      await until('refused', () => outbox.get(id)?.state === 'refused');
      assert.match(outbox.get(id)?.error ?? '', /NotADecider/);
      await outbox.stop();
    });

    test('a transaction whose number another one took is sent again', async () => {
      const { contracts, operator } = network;
      const payload = network.decide('overtaken', 9n);
      await sendCall(chain, operator.key, await network.kinds.anchor.call(network.checkpoint()));
      const outbox = outboxOf();
      // The outbox is at work with the same account as these calls: numbers collide, and everything still happens.
      const { id } = outbox.enqueue('settle', payload);
      const nonce = await minedNonce(chain, operator.address);
      const call = mintCall(contracts, operator.address, 1n, network.word('collision'));
      const gas = await tryCall(chain, operator.address, call);
      const { raw } = await signTransaction(chain, operator.key, call, nonce, gas * 2n);
      await chain.request({ method: 'eth_sendRawTransaction', params: [raw] }).catch(() => {});
      await until('paid', () => outbox.get(id)?.state === 'confirmed');
      await outbox.stop();
    });

    test('a full outbox says when to try again', async () => {
      const outbox = outboxOf({ queuedMax: 2 });
      const payloads = Array.from({ length: 3 }, (_, i) => ({
        key: `${i}`,
        call: registerKeyCall(network.contracts, network.word(`k${i}`), network.word('s'), 'gateway'),
      }));
      const enqueue = () => payloads.map((payload) => outbox.enqueue('registerKey', payload));
      assert.throws(enqueue, { name: 'OutboxFullError', retryAfterMs: 5000 });
      await until('sent', () => outbox.counts().confirmed === 2);
      await outbox.stop();
    });
  });
}
