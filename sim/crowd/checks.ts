// The whole way of a crowd: homes whose meters speak through two logs, two deciders who each compute for themselves, one batch
// that is paid once, and a verifier who holds one line. Of a node are the engine, the contracts, their clients, the choice of
// lines, the formats and the verifier; what a node does with a log of its own (intake, tables, outbox) is driven by hand here,
// because a node reads one log.
import assert from 'node:assert/strict';
import { installedDomains } from '@trine/domains/released.ts';
import { replayWith } from '@trine/engine';
import { decodeEvidence, type Evidence, encodeEvidence, type Report, verifyEvidence } from '@trine/protocol';
import { CrowdChain } from './chain.ts';
import { CENTS, City, CUT_MS, FOUNDED_MS, MEMBERS, usedBy } from './city.ts';
import { type Prover, proverOf } from './proof.ts';
import { claimAll, decideTwice, type Measured, pay, sealDecision, timed } from './settle.ts';

/** Gas that publishing may take of each party: announced, published, settled. */
const GAS_PER_PARTY_MAX = 2_000;
/** Bytes that prove one line, whatever the crowd. */
const FILE_MAX = 40_000;

/** What of a test is asked for. */
type Test = Parameters<typeof CrowdChain.open>[0] & { diagnostic(words: string): void };

export interface CrowdOptions {
  readonly homes: number;
  /** Bytes of the file that are changed, one at a time, spread over all of it. */
  readonly flips: number;
}

/** Registers nothing: call it in a test. What was measured is told as a diagnostic. */
export async function checkCrowd(t: Test, { homes, flips }: CrowdOptions): Promise<void> {
  const measured: Measured = { gas: new Map(), say: (words) => t.diagnostic(words) };
  const on = await CrowdChain.open(t, MEMBERS, FOUNDED_MS - 3_600_000);
  const city = new City(homes, on.contracts);
  await timed(measured, 'founding, and everybody says what they say', async () => {
    await city.found();
    await city.day();
  });
  const names = ['recipient', ...Array.from({ length: homes }, (_, i) => `home/${i + 1}`)];
  const joined = await timed(measured, 'joining on the chain', () => on.join(city.policy, names, 2_000n));
  measured.gas.set(
    'join, deposit included, each',
    Math.round(joined.reduce((sum, { gas }) => sum + gas, 0) / names.length),
  );
  on.time.set(CUT_MS + 60_000);
  await on.chain.refresh();
  const decided = await decideTwice(city, measured);
  const sealed = await sealDecision(city, decided[0][1]);
  const paid = await pay(city, on, decided, sealed, measured);
  await claimAll(city, on, paid, measured);
  const publishing = ['announce', 'publish', 'settle'].reduce((sum, what) => sum + (measured.gas.get(what) ?? 0), 0);
  const each = Math.round(publishing / (homes + 1));
  measured.gas.set('publishing, of each party', each);
  if (homes >= 1_000) assert.ok(each <= GAS_PER_PARTY_MAX, `${each} gas of each party`);
  await checkLine(t, city, proverOf(city, on, decided[0][1], paid), { measured, flips });
  for (const [what, gas] of measured.gas) measured.say(`${what}: ${gas} gas`);
}

const detailOf = ({ steps }: Report, wanted: string) => steps.find(({ name }) => name === wanted)?.detail ?? '';

async function checkLine(
  t: Test,
  city: City,
  prover: Prover,
  { measured, flips }: { readonly measured: Measured; readonly flips: number },
): Promise<void> {
  const home = Math.min(city.homes, 7_777) - 2;
  const key = `home/${home}`;
  const file = await timed(measured, 'gathering one line', () => prover.file(key));
  const options = { network: city.network, replay: replayWith(installedDomains()) };
  const verify = (given: Uint8Array) => verifyEvidence(given, options);
  const report = await timed(measured, 'verifying one line, the first time', () => verify(file));
  assert.deepEqual(
    report.steps.filter(({ status }) => status !== 'ok'),
    [],
  );
  assert.deepEqual([report.about, report.verdict], ['row', 'members-word']);
  const cents = usedBy(home) * CENTS;
  assert.match(
    detailOf(report, 'intent'),
    new RegExp(`^${(cents / 100).toFixed(2)} .* less for ${key}, in a batch of ${city.homes + 1} accounts$`),
  );
  assert.equal(detailOf(report, 'deciders'), '2 of 2 deciders; 2 needed');
  assert.match(detailOf(report, 'sealed'), /in north.example\/log; .* in south.example\/log/);
  assert.match(detailOf(report, 'order'), /their own sequences show that there were no others/);
  // So much, and no more: what others said, and what all lines add up to, it does not claim.
  const subjects = new Set(report.readings.filter(({ wentIn }) => wentIn).map(({ subject }) => subject));
  assert.deepEqual([...subjects].sort(), [`meter/${home}`, 'node/north']);
  assert.match(report.assumptions.join('\n'), /common facts\) is right: the deciders alone/);
  assert.match(report.assumptions.join('\n'), /no other account joined for this line/);
  assert.match(report.assumptions.join('\n'), /is the number of this account/);
  assert.match(report.assumptions.join('\n'), /2 of 2 members say so/);
  assert.ok(file.length < FILE_MAX, `${file.length} bytes`);
  const times = await repeated(10, () => verify(file));
  t.diagnostic(`one line of ${city.homes}: ${file.length} bytes, verified in ${times.toFixed(1)} ms`);
  await checkLies(file, await prover.file(`home/${home + 1}`), verify);
  for (let i = 0; i < flips; i++) {
    const at = Math.floor((i * file.length) / flips);
    const changed = file.slice();
    changed[at] = (changed[at] as number) ^ (1 << (i % 8));
    const { verdict } = await verify(changed);
    assert.ok(['broken', 'no-proof', 'another-network', 'another-branch'].includes(verdict), `byte ${at}: ${verdict}`);
  }
}

/** Median milliseconds. */
async function repeated(times: number, work: () => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  for (let i = 0; i < times; i++) {
    const from = performance.now();
    await work();
    taken.push(performance.now() - from);
  }
  return taken.sort((a, b) => a - b)[times >> 1] as number;
}

/** Files that say something else: another line's, another log's leaf, one decider, another account. */
async function checkLies(
  file: Uint8Array,
  other: Uint8Array,
  verify: (file: Uint8Array) => Promise<Report>,
): Promise<void> {
  const [own, neighbour] = [decodeEvidence(file), decodeEvidence(other)];
  const lies: Record<string, Partial<Evidence>> = {
    'the row of a neighbour': { row: neighbour.row as never },
    'the id of a neighbour': { about: neighbour.about },
    'the inputs of a neighbour': { inputs: neighbour.inputs as never },
    'the position of a neighbour': { batch: neighbour.batch as never },
    'the logs the other way round': { logs: own.logs.toReversed() },
    'one log alone': { logs: own.logs.slice(0, 1) },
    'a leaf of the other log': { logs: withLeafOfOther(own.logs) },
    'the leaves of a neighbour': { logs: neighbour.logs },
    'the signature of one decider alone': { signatures: own.signatures?.slice(0, 1) ?? [] },
    'one decider twice': { signatures: [own.signatures?.[0], own.signatures?.[0]] as Uint8Array[] },
    'the anchor’s receipt for the payment’s': { settlement: { receipt: own.anchor?.receipt as never } },
    'a salt of a neighbour': { salts: neighbour.salts as never },
  };
  for (const [lie, change] of Object.entries(lies)) {
    const { verdict } = await verify(encodeEvidence({ ...own, ...change }));
    assert.equal(verdict, 'broken', lie);
  }
  assert.equal((await verify(other)).verdict, 'members-word', 'the neighbour’s own file holds');
}

function withLeafOfOther([north, south]: Evidence['logs']): Evidence['logs'] {
  if (north === undefined || south === undefined) throw new RangeError('There are two logs.');
  const [first, ...rest] = north.leaves;
  const leaf = south.leaves.at(-1)?.leaf as Uint8Array;
  return [{ ...north, leaves: [{ index: first?.index as number, leaf }, ...rest] }, south];
}
