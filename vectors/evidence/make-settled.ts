// Makes golden evidence of what is paid in special ways: `node vectors/evidence/make-settled.ts`. A held line that two deciders
// released by hand, paid in a batch; and an order that took the place of a pending one. From the parts of a node over a chain
// in memory. Only for a new version of the format: files made once must verify for ever.
import { writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { correctable, corrects, fileOf } from '@trine/node/testing/correctable.ts';
import { WINDOW_S } from '@trine/node/testing/disputable.ts';
import { HeldLines } from '@trine/node/testing/held-lines.ts';
import { encodeEvidence } from '@trine/protocol';

const ends: (() => unknown)[] = [];
const scene = { after: (end: () => unknown) => void ends.push(end) } as unknown as TestContext;
const write = (name: string, data: Uint8Array | string) => writeFileSync(new URL(name, import.meta.url), data);
const networkText = (network: object) => `${JSON.stringify(network, undefined, 2)}\n`;

const lines = await HeldLines.open(scene);
const decision = await lines.decide({ 'home/1': 3 }, { 'home/2': 4, 'home/3': 2 });
await lines.pays();
await lines.rules(decision, { row: 'home/3' });
await lines.pays();
write('released-line.trine', encodeEvidence(await lines.file('home/3', decision)));
write('released-line-network.json', networkText(lines.district.options.network));

const one = await correctable(scene);
await corrects(one, 2_000);
const replacing = (await one.ordered()).at(-1) as string;
await one.pass(WINDOW_S);
write('replacing.trine', await fileOf(one, replacing));
write('replacing-network.json', networkText(one.settling.parts.genesis.network));
for (const end of ends.reverse()) await end();
