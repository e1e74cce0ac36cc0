// Run by crash.test.ts in a process of its own: does all the work there is to do, from wherever an earlier process was
// killed, and prints `done` when the chain shows all of it for good.
import { join } from 'node:path';
import { startEmbedded } from '../embedded.ts';
import { Outbox } from '../outbox.ts';
import { fundedKeys, setUp } from './network.ts';
import { until } from './until.ts';

const [folder = '', seed = '', obligations = '0'] = process.argv.slice(2);
const chain = await startEmbedded({
  ...{ folder: join(folder, 'chain'), chainId: 31_999n, keys: fundedKeys(seed), blockIntervalMs: 40 },
});
chain.ended.catch(() => process.exit(3));
console.log(`chain ${chain.pid}`);
const network = await setUp(chain, seed, folder);
// What is decided rests on the block in which the payer joined: a block that a kill takes back would make other intents of it.
const standing = BigInt((await chain.request({ method: 'eth_blockNumber' })) as string);
await until('what was set up is durable', async () => (await chain.finalBlock()) >= standing);
const outbox = new Outbox({
  ...{ chain, senderKey: network.operator.key, file: join(folder, 'outbox.sqlite'), kinds: network.kinds, pollMs: 20 },
});
const payloads = Array.from({ length: Number(obligations) }, (_, i) =>
  network.decide(`obligation ${i}`, BigInt(100 + i)),
);
for (let size = 4; size <= network.log.size; size += 4) outbox.enqueue('anchor', network.checkpoint(size));
for (const payload of payloads) outbox.enqueue('settle', payload);
// What failed as often as here waits for up to a minute.
await until('all confirmed', () => outbox.counts().queued + outbox.counts().submitted === 0, 240_000);
console.log(`done ${JSON.stringify(outbox.counts())}`);
await outbox.stop();
await chain.stop();
