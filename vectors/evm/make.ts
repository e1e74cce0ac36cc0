// Makes the golden vectors of this folder with viem, which shares no code with the formats under test; the receipt is
// of a real settlement on the embedded chain. Run only to add cases: published vectors do not change. Those of batches,
// which need no chain, can be made alone.
import './make-batches.ts';
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

const fields = (text: string) =>
  text.split(',').map((field) => {
    const [type, name] = field.split(' ') as [string, string];
    return { type, name };
  });
const ENTRY = fields('address from,address to,uint256 amount');
const INTENT = fields(
  'bytes32 network,uint256 chainId,address settler,bytes32 agreement,bytes32 termsHash,bytes32 obligation,uint64 begin,uint64 end,Entry[] entries,bytes32 rowsHash,uint32 rowCount,bytes32 positionsBefore,bytes32 positionsAfter,address token,uint64 validAfter,uint64 deadline,bytes32 decision,bytes32 supersedes',
);
const ABI = INTENT.map((one) => (one.type === 'Entry[]' ? { ...one, type: 'tuple[]', components: ENTRY } : one));
const zero = toHex(0, { size: 32 });
const base = {
  ...{ network: word('network'), chainId: 31_999n, settler: address('settler'), agreement: word('agreement') },
  ...{ termsHash: word('terms'), obligation: word('obligation'), begin: 1_790_000_000n, end: 1_790_003_600n },
  entries: [{ from: address('payer'), to: address('recipient'), amount: 1234n }],
  ...{ rowsHash: zero, rowCount: 0n, positionsBefore: zero, positionsAfter: zero, token: address('token') },
  ...{ validAfter: 0n, deadline: 1_800_000_000n, decision: word('decision'), supersedes: zero },
};
const intents: { name: string; intent: typeof base }[] = [
  { name: 'plain', intent: base },
  {
    name: 'two entries, one into escrow, superseding',
    intent: {
      ...base,
      entries: [{ from: address('payer'), to: toHex(0, { size: 20 }), amount: 1n }, ...base.entries],
      supersedes: word('other'),
    },
  },
  {
    name: 'batch',
    intent: {
      ...{ ...base, entries: [], rowsHash: word('rows'), rowCount: 10_000n },
      ...{ positionsBefore: word('before'), positionsAfter: word('after') },
    },
  },
  {
    name: 'largest numbers',
    intent: {
      ...{ ...base, chainId: 2n ** 53n - 1n, begin: 2n ** 64n - 1n, end: 2n ** 64n - 1n, rowCount: 2n ** 32n - 1n },
      entries: base.entries.map((entry) => ({ ...entry, amount: 2n ** 256n - 1n })),
      ...{ validAfter: 2n ** 64n - 2n, deadline: 2n ** 64n - 1n },
    },
  },
];
write(
  'intents.json',
  await Promise.all(
    intents.map(async ({ name, intent }) => {
      const encoded = encodeAbiParameters([{ type: 'tuple', components: ABI }], [intent as never]);
      const digest = hashTypedData({
        domain: { name: 'Trine', version: '1', chainId: Number(intent.chainId), verifyingContract: intent.settler },
        types: { Intent: INTENT, Entry: ENTRY },
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
    contract: event === 'Settled' ? network.contracts.direct : network.contracts.checkpoints,
  });
}
write('receipts.json', receipts);
await chain.stop();
rmSync(folder, { recursive: true });
