// Makes the golden evidence files from a running node: `node vectors/evidence/make.ts`. Only for a new version of the
// format: files made once must verify for ever.
import { writeFileSync } from 'node:fs';
import { fromHex } from '@trine/protocol';
import { decided, paid, startPlatform } from '../../sim/platform.ts';

const platform = await startPlatform();
const { node } = platform;
const write = (name: string, data: Uint8Array | string) => writeFileSync(new URL(name, import.meta.url), data);
const met = await decided(node, ({ verdict }) => verdict === 'met');
write('decision.trine', await node.evidence(fromHex(met.id)));
const pack = (await node.views.seals({ limit: 50, subject: node.ownDevice?.subject })).items.find(({ kind }) => kind === 'pack');
write('reading.trine', await node.evidence(fromHex(pack?.id as string)));
(node.ownDevice as { paused: boolean }).paused = true;
const payment = await paid(node, ({ reason }) => reason.startsWith('silence') || reason.startsWith('incomplete'));
(node.ownDevice as { paused: boolean }).paused = false;
await decided(node, ({ fromMs, verdict }) => fromMs > payment.toMs && verdict === 'met');
write('payment.trine', await node.evidence(fromHex(payment.id)));
write('network.json', `${JSON.stringify(node.genesis.network, undefined, 2)}\n`);
await platform.remove();
