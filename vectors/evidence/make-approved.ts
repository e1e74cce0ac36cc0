// Makes the golden evidence of a decision by a model that was not named in the terms: registered, tried beside, approved by
// both parties, put in force. `node vectors/evidence/make-approved.ts`; only for a new version of a format.
import { writeFileSync } from 'node:fs';
import { fromHex } from '@trine/protocol';
import { decided, startPlatform } from '../../sim/platform.ts';

const platform = await startPlatform(undefined, { shadowWindowsMin: 2 });
const { node } = platform;
const { lifecycle, policies } = node;
const write = (name: string, data: Uint8Array | string) => writeFileSync(new URL(name, import.meta.url), data);
await decided(node, () => true);
const [agreement] = policies.agreements();
if (agreement === undefined) throw new Error('There is no agreement.');
const card = {
  purpose: 'Less eager about processor load',
  data: 'none',
  split: 'none',
  metric: 'none',
  result: 'not measured',
  limits: 'an example',
  licence: 'Apache-2.0',
};
const hash = await lifecycle.register('service-level', { thresholdPpm: { 'gpu/load': 990_000 } }, card);
await lifecycle.shadow(agreement, hash);
await lifecycle.approve(agreement, hash, 'approve');
const decision = await decided(node, ({ model, agreement: of }) => model === hash && of !== undefined);
write('approved.trine', await node.evidence(fromHex(decision.id)));
write('approved-network.json', `${JSON.stringify(node.genesis.network, undefined, 2)}\n`);
await platform.remove();
