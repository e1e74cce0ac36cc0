// Makes the golden vectors of this folder with viem, which shares no code with the formats under test; the receipt is
// of a real settlement on the embedded chain. Run only to add cases: published vectors do not change.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { originHash } from '@trine/protocol';
import { settleCall } from '@trine/ledger/calls.ts';
import { startEmbedded } from '@trine/ledger/embedded.ts';
import { proveReceipt } from '@trine/ledger/proofs.ts';
import { fundedKeys, ORIGIN, setUp } from '@trine/ledger/testing/network.ts';
import { sendCall, waitForReceipt } from '@trine/ledger/transactions.ts';
import { concatHex, encodeAbiParameters, type Hex, hashTypedData, sha256, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

const write = (name: string, value: unknown) =>
  writeFileSync(new URL(name, import.meta.url), `${JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? String(v) : v), 2)}\n`);
const word = (text: string): Hex => sha256(toHex(text));
const address = (text: string): Hex => `0x${word(text).slice(26)}`;
const signer = privateKeyToAccount(word('trine vectors: signer'));

const INTENT = [
  { name: 'network', type: 'bytes32' },
  { name: 'chainId', type: 'uint256' },
  { name: 'agreements', type: 'address' },
  { name: 'agreement', type: 'bytes32' },
  { name: 'termsHash', type: 'bytes32' },
  { name: 'occasion', type: 'bytes32' },
  { name: 'recipient', type: 'address' },
  { name: 'token', type: 'address' },
  { name: 'amount', type: 'uint256' },
  { name: 'validAfter', type: 'uint64' },
  { name: 'deadline', type: 'uint64' },
  { name: 'decision', type: 'bytes32' },
  { name: 'supersedes', type: 'bytes32' },
];
const base = {
  ...{ network: word('network'), chainId: 31_999n, agreements: address('agreements'), agreement: word('agreement') },
  ...{ policyHash: word('terms'), obligation: word('occasion'), recipient: address('recipient'), token: address('token') },
  ...{ amount: 1234n, validAfter: 1_790_000_000n, deadline: 1_800_000_000n, decision: word('decision') },
  supersedes: toHex(0, { size: 32 }),
};
const intents: { name: string; intent: typeof base }[] = [
  { name: 'plain', intent: base },
  { name: 'zero amount, superseding', intent: { ...base, amount: 0n, supersedes: word('other') } },
  {
    name: 'largest numbers',
    intent: { ...base, chainId: 2n ** 53n - 1n, amount: 2n ** 256n - 1n, validAfter: 2n ** 64n - 2n, deadline: 2n ** 64n - 1n },
  },
];
write(
  'intents.json',
  await Promise.all(
    intents.map(async ({ name, intent }) => {
      const encoded = encodeAbiParameters([{ type: 'tuple', components: INTENT }], [intent as never]);
      const digest = hashTypedData({
        domain: { name: 'Trine', version: '1', chainId: Number(intent.chainId), verifyingContract: intent.agreements },
        types: { Intent: INTENT },
        primaryType: 'Intent',
        message: intent as never,
      });
      const leaf = concatHex(['0x02', encoded]);
      const leafHash = sha256(concatHex(['0x00', leaf]));
      const signature = await signer.sign({ hash: digest });
      return { name, intent, encoded, leafHash, digest, signature, signer: signer.address.toLowerCase() };
    }),
  ),
);

const anchors = [
  { origin: 'log.example/a', size: 1n, root: word('root 1') },
  { origin: 'Wasserwerk Süd', size: 2n ** 64n - 1n, root: word('root 2') },
];
const verifyingContract = address('checkpoints');
write(
  'anchors.json',
  await Promise.all(
    anchors.map(async (anchor) => {
      const digest = hashTypedData({
        domain: { name: 'Trine', version: '1', chainId: 31_999, verifyingContract },
        types: {
          Anchor: [
            { name: 'origin', type: 'string' },
            { name: 'size', type: 'uint64' },
            { name: 'root', type: 'bytes32' },
          ],
        },
        primaryType: 'Anchor',
        message: anchor,
      });
      const domain = { chainId: 31_999n, verifyingContract };
      return { anchor, domain, digest, signature: await signer.sign({ hash: digest }), signer: signer.address.toLowerCase() };
    }),
  ),
);

const folder = mkdtempSync(join(tmpdir(), 'trine-vectors-'));
const chain = await startEmbedded({ folder: join(folder, 'chain'), chainId: 31_999n, keys: fundedKeys('vectors') });
const network = await setUp(chain, 'vectors', folder);
const { operator } = network;
const payload = network.decide('vector', 1234n);
const anchored = await sendCall(chain, operator.key, await network.kinds.anchor.call(network.checkpoint()));
const proof = await network.prove(ORIGIN, 0n);
if (!proof) throw new Error('The checkpoint is not anchored.');
const intent = network.intentFor('vector', 1234n);
const inclusion = { originHash: originHash(ORIGIN), index: 0n, ...proof };
const settled = await sendCall(chain, operator.key, settleCall(intent, payload.signatures, inclusion));
const receipts = [];
for (const [event, txHash] of [
  ['Anchored', anchored.transactionHash],
  ['Settled', settled.transactionHash],
] as const) {
  const { blockNumber } = await waitForReceipt(chain, txHash);
  const made = await proveReceipt(chain, txHash);
  receipts.push({
    ...{ event, blockHash: made.blockHash, blockNumber, headerRlp: toHex(made.headerRlp), txIndex: made.txIndex },
    proofNodes: made.proofNodes.map((node) => toHex(node)),
    contract: event === 'Settled' ? network.contracts.agreements : network.contracts.checkpoints,
  });
}
write('receipts.json', receipts);
await chain.stop();
rmSync(folder, { recursive: true });
