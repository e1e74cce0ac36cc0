// How much the unit tests would notice: plants seeded faults, one at a time, in what decides, settles, proves, authorises
// and pays, and runs the tests that come by it. `npm run mutants`, `npm run mutants -- --seed 7 --count 20 --only engine`,
// `npm run mutants -- --missed OUTPUT` for those that an earlier output says were missed.
//
// A fault is a small wrong change of the code (another comparison, a branch always or never taken, a line left out), as
// in mutation testing (DeMillo, Lipton and Sayward, "Hints on Test Data Selection", Computer 11(4), 1978). The same seed
// plants the same faults.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildExpression } from '@trine/bundler/bundle.ts';
import { type Area, areas, type Fault } from './mutants/areas.ts';
import { describe, drawn } from './mutants/draw.ts';
import { whyEquivalent } from './mutants/equivalent.ts';
import { isBeside, type Reach, readReach } from './mutants/reach.ts';
import { faultyArtifacts, solidityFaults } from './mutants/solidity.ts';
import { type Copy, copyProject, type Known, knowTest, notices } from './mutants/tests.ts';
import { faultyTypescript, stripped, typescriptFaults } from './mutants/typescript.ts';

const GUEST = 'packages/engine/sandbox/guest.ts';
const GUEST_CODE = 'packages/engine/sandbox/guest-code.ts';
/** Tests run all the same where none was seen to come by: a thread that is ended does not say what it ran. */
const UNSEEN_TESTS = 3;
/** Tests that are run for a fault, by how long they take without one: what lies farther is not waited for. */
const FAULT_MS_MAX = 120_000;

const MISSED = 'MISSED:';

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

/** Writes texts into the copy; the function returned puts back what was there. */
function plant(copy: Copy, texts: ReadonlyMap<string, string>): () => void {
  const before = [...texts.keys()].map((path) => [path, readFileSync(join(copy.folder, path))] as const);
  for (const [path, text] of texts) writeFileSync(join(copy.folder, path), text);
  return () => {
    for (const [path, bytes] of before) writeFileSync(join(copy.folder, path), bytes);
  };
}

/** The inside of the sandbox as a file, built of what is in the copy. */
async function builtGuest({ folder }: Copy): Promise<ReadonlyMap<string, string>> {
  return new Map([
    [GUEST_CODE, `export const GUEST_CODE = ${JSON.stringify(await buildExpression(join(folder, GUEST)))};`],
  ]);
}

interface Ready {
  readonly copy: Copy;
  readonly reach: Reach;
  readonly area: Area;
  /** What was seen of each test, by its path. */
  readonly known: Map<string, Known>;
}

/** Runs the tests that can come to the file, each once, over sources that differ in nothing but their form. */
async function know({ copy, reach, area, known }: Ready, file: string): Promise<void> {
  const distances = reach.distances(file);
  const needed = area.tests.filter((test) => distances.has(test) && !known.has(test));
  if (needed.length === 0) return;
  const form = area.sources.filter((path) => path.endsWith('.ts')).map((path) => [path, stripped(path)] as const);
  const putBack = plant(copy, new Map(form));
  for (const test of needed) {
    const found = await knowTest(copy, test, area.sources, reach);
    known.set(test, found);
    if (!found.passed) say(`${area.name}: left out, it fails without a fault: ${test}`);
  }
  putBack();
}

/** The tests to run for a fault: the one beside it, then the nearest and the quickest. */
function testsFor({ reach, known }: Ready, { file, at }: Fault): string[] {
  const distances = reach.distances(file);
  const isSeen = file.endsWith('.ts') && !reach.closure(GUEST).has(file);
  const msOf = (test: string) => (known.get(test) as Known).ms;
  const cost = (test: string) => (isBeside(test, file) ? 0 : msOf(test) * (distances.get(test) as number));
  const all = [...known]
    .filter(([test, { passed }]) => passed && distances.has(test))
    .map(([test]) => test)
    .sort((a, b) => cost(a) - cost(b) || (a < b ? -1 : 1));
  const cameBy = all.filter((test) => known.get(test)?.ran[file]?.some(([from, to]) => from <= at && at < to));
  const chosen = !isSeen ? all : cameBy.length > 0 ? cameBy : all.slice(0, UNSEEN_TESTS);
  let ms = 0;
  return chosen.filter((test) => {
    const isInTime = ms === 0 || ms + msOf(test) <= FAULT_MS_MAX;
    ms += isInTime ? msOf(test) : 0;
    return isInTime;
  });
}

type Found = { readonly by: string | undefined } | 'no code' | 'same code';

/** Plants a fault and runs tests until one notices. */
async function tryFault(ready: Ready, fault: Fault): Promise<Found> {
  const { copy, reach } = ready;
  const texts = new Map<string, string>();
  if (fault.file.endsWith('.sol')) {
    const artifacts = await faultyArtifacts(fault);
    if (typeof artifacts === 'string') return artifacts;
    for (const [path, text] of artifacts) texts.set(path, text);
  } else {
    const text = faultyTypescript(fault);
    if (text === undefined) return 'no code';
    texts.set(fault.file, text);
  }
  await know(ready, fault.file);
  const back = [plant(copy, texts)];
  try {
    if (reach.closure(GUEST).has(fault.file)) back.push(plant(copy, await builtGuest(copy)));
    for (const test of testsFor(ready, fault))
      if (await notices(copy, test, ready.known.get(test) as Known)) return { by: test };
    return { by: undefined };
  } finally {
    for (const one of back.reverse()) one();
  }
}

interface Tally {
  noticed: number;
  missed: number;
  equivalent: number;
  /** Drawn, and another in their place. */
  uncounted: number;
}

/** Plants this many of the faults, in turn. */
async function tryArea(ready: Ready, faults: Iterable<Fault>, count: number): Promise<Tally> {
  const tally: Tally = { noticed: 0, missed: 0, equivalent: 0, uncounted: 0 };
  const done = () => tally.noticed + tally.missed + tally.equivalent;
  for (const fault of faults) {
    if (done() >= count) break;
    const begun = Date.now();
    const word = await outcome(ready, fault, tally);
    const seconds = ((Date.now() - begun) / 1000).toFixed(1);
    say(`${ready.area.name} ${done()}/${count} (${seconds} s) ${word}  ${describe(fault)}`);
  }
  return tally;
}

/** Tries a fault and counts it. @returns what became of it, in words */
async function outcome(ready: Ready, fault: Fault, tally: Tally): Promise<string> {
  const why = whyEquivalent(fault);
  if (why !== undefined) {
    tally.equivalent++;
    return `equivalent (${why}):`;
  }
  const found = await tryFault(ready, fault);
  if (typeof found === 'string') {
    tally.uncounted++;
    return `not counted, ${found}:`;
  }
  if (found.by === undefined) {
    tally.missed++;
    return MISSED;
  }
  tally.noticed++;
  return `noticed by ${found.by}:`;
}

const faultsOf = async ({ sources }: Area): Promise<Fault[]> =>
  sources.some((file) => file.endsWith('.sol')) ? solidityFaults(sources) : sources.flatMap(typescriptFaults);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      count: { type: 'string', default: '40' },
      only: { type: 'string', multiple: true },
      missed: { type: 'string' },
    },
  });
  const unknown = values.only?.find((name) => !areas.some((area) => area.name === name));
  if (unknown !== undefined)
    throw new Error(`There is no area ${unknown}: one of ${areas.map(({ name }) => name).join(', ')}.`);
  const earlier = values.missed === undefined ? undefined : readFileSync(values.missed, 'utf8');
  const copy = copyProject();
  const reach = readReach();
  const ends: string[] = [];
  try {
    for (const area of areas.filter(({ name }) => values.only?.includes(name) ?? true)) {
      const all = await faultsOf(area);
      const again =
        earlier === undefined ? undefined : all.filter((fault) => earlier.includes(`${MISSED}  ${describe(fault)}`));
      const count = again?.length ?? Math.min(Number(values.count), all.length);
      say(`${area.name}: ${count} of ${all.length} faults, seed ${values.seed}`);
      const ready: Ready = { copy, reach, area, known: new Map() };
      const tally = await tryArea(ready, again ?? drawn(all, Number(values.seed)), count);
      const { noticed, missed, equivalent, uncounted } = tally;
      ends.push(
        `${area.name}: ${noticed} of ${noticed + missed} noticed; ${equivalent} equivalent; ${uncounted} drawn again`,
      );
    }
  } finally {
    rmSync(copy.folder, { recursive: true, force: true });
    rmSync(copy.temporary, { recursive: true, force: true });
  }
  for (const end of ends) say(end);
}

await main();
