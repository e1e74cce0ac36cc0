// Two logs of one network: terms name both, a position is (origin, index), and what is decided depends on no leaf number.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeEvidence, type Evidence, encodeEvidence, type Report, verifyEvidence } from '@trine/protocol';
import fc from 'fast-check';
import { mergeLogs } from './logs.ts';
import { replayWith } from './replay.ts';
import { GRACE_MS, Liar, type Place, T0, THING, WINDOW_MS } from './testing/liar.ts';

const [NORTH, SOUTH] = ['north.example/log', 'south.example/log'];
const CUT = T0 + WINDOW_MS + GRACE_MS;

const verify = (liar: Liar, file: Uint8Array): Promise<Report> =>
  verifyEvidence(file, { network: liar.network, replay: replayWith(liar.domains) });
const failing = ({ steps }: Report) => steps.find(({ status }) => status === 'failed')?.detail ?? '';

/** A device that says its first and last through the north, and what lies between through the south, or through both. */
async function roaming(): Promise<{ liar: Liar; places: Record<string, Place> }> {
  const liar = new Liar([NORTH, SOUTH]);
  await liar.found();
  const [before, one, two, after] = [
    await liar.device.pack([T0 - 1_000], { low: T0 - 1_000 }),
    await liar.device.pack([T0 + 2_000], { low: T0 + 2_000 }),
    await liar.device.pack([T0 + 7_000], { low: T0 + 7_000 }),
    await liar.device.pack([CUT - 500], { low: CUT - 500 }),
  ];
  const pulse = await liar.heartbeat.pack([T0 + 5_000]);
  const places = {
    before: liar.seal(before, T0 - 900, NORTH),
    pulse: liar.seal(pulse, T0 + 5_000, NORTH),
    one: liar.seal(one, T0 + 6_000, SOUTH),
    two: liar.seal(two, T0 + 7_100, SOUTH),
    again: liar.seal(two, T0 + 7_200, NORTH),
    after: liar.seal(after, CUT - 400, NORTH),
    southEnd: liar.seal(await liar.importer.pack([CUT + 10]), CUT + 20, SOUTH),
    northEnd: liar.seal(await liar.heartbeat.pack([CUT + 30]), CUT + 30, NORTH),
  };
  return { liar, places };
}

test('a decision on two logs holds: one cut of each, links over both, each statement once', async () => {
  const { liar, places } = await roaming();
  const { before, pulse, one, two, again, after } = places as Record<string, Place> & { one: Place };
  const claimed = await liar.decide({ fromMs: T0, inputs: [pulse, one, two, again] as Place[] });
  assert.deepEqual(
    claimed.decision.cuts.map(({ origin, index }) => [origin, index]),
    [
      [NORTH, 9],
      [SOUTH, 2],
    ],
  );
  // It stands in both, and counts in the first of the terms.
  assert.deepEqual(
    claimed.inputs.filter(({ statement }) => statement.header.subject === THING).map(({ origin }) => origin),
    [SOUTH, NORTH],
  );
  assert.equal(claimed.decision.facts.came, 2);
  const report = await verify(liar, liar.file(claimed, [before, after] as Place[]));
  assert.equal(report.verdict, 'trusted', failing(report));
  assert.match(report.steps.find(({ name }) => name === 'order')?.detail ?? '', /their own sequences show/);
  assert.match(
    report.steps.find(({ name }) => name === 'sealed')?.detail ?? '',
    /in north.example\/log; .* in south.example\/log/,
  );
  assert.match(report.assumptions.join(), /stands in no log before the one shown/);
  // Shown in both logs it counts once all the same.
  const both = await verify(liar, liar.file(claimed, [before, after, two] as Place[]));
  assert.equal(both.verdict, 'trusted', failing(both));
});

test('a log less, the logs in another order, a cut of one alone, or terms that name one: broken', async () => {
  const { liar, places } = await roaming();
  const inputs = [places.pulse, places.one, places.again] as Place[];
  const claimed = await liar.decide({ fromMs: T0, inputs });
  const change = (made: (evidence: Evidence) => Evidence) => encodeEvidence(made(decodeEvidence(liar.file(claimed))));
  for (const file of [
    change((evidence) => ({ ...evidence, logs: evidence.logs.toReversed() })),
    change((evidence) => ({ ...evidence, logs: evidence.logs.slice(0, 1) })),
  ])
    assert.equal((await verify(liar, file)).verdict, 'broken');
  const [north] = liar.cuts(T0);
  const alone = await liar.decide({
    fromMs: T0,
    inputs: [places.pulse, places.again] as Place[],
    cuts: north ? [north] : [],
  });
  assert.match(failing(await verify(liar, liar.file(alone))), /other logs than those in the file/);
  const short = new Liar([NORTH, SOUTH], { origins: [NORTH] });
  await short.found();
  short.seal(await short.heartbeat.pack([CUT + 1]), CUT + 1, SOUTH);
  short.seal(await short.heartbeat.pack([CUT + 2]), CUT + 2, NORTH);
  const other = await short.decide({ fromMs: T0, inputs: [] });
  assert.match(failing(await verify(short, short.file(other))), /other logs than those that the terms name/);
});

test('property: whatever logs the statements of a device came through, what is decided is the same', async () => {
  const decided = async (through: readonly string[]) => {
    const liar = new Liar([NORTH, SOUTH]);
    await liar.found();
    const inputs: Place[] = [];
    // All of one time: only the sequences say what comes first.
    for (const [i, origin] of through.entries())
      inputs.push(liar.seal(await liar.device.pack([T0 + 3_000]), T0 + 3_000 + i, origin));
    for (const origin of [NORTH, SOUTH]) liar.seal(await liar.heartbeat.pack([CUT + 1]), CUT + 1, origin);
    const claimed = await liar.decide({ fromMs: T0, inputs });
    const report = await verify(liar, liar.file(claimed));
    assert.equal(report.verdict, 'trusted', failing(report));
    const { inputs: went, heads, facts, statesAfter, effects } = claimed.decision;
    return { went, heads, facts, statesAfter, effects };
  };
  const reference = await decided(Array.from({ length: 4 }, () => NORTH));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(NORTH, SOUTH), { minLength: 4, maxLength: 4 }), async (through) => {
      assert.deepEqual(await decided(through), reference);
    }),
    { numRuns: 8 },
  );
});

test('what stands above a cut, or in a log without one, is none; in one log its own order stays', async () => {
  const { liar, places } = await roaming();
  const opened = (names: string[]) => names.map((name) => liar.opened(places[name] as Place));
  const cuts = [
    { origin: SOUTH, index: 2, atMs: CUT },
    { origin: NORTH, index: 9, atMs: CUT },
  ];
  const all = opened(['again', 'two', 'one', 'northEnd', 'southEnd']);
  // The south comes first here: there the doubled one counts.
  assert.deepEqual(
    mergeLogs(cuts, all).map(({ origin, index, order }) => [origin, index, order]),
    [
      [SOUTH, 0, 0],
      [SOUTH, 1, 1],
    ],
  );
  const one = mergeLogs([{ origin: NORTH, index: 9, atMs: CUT }], all);
  assert.deepEqual(
    one.map(({ origin, index, order }) => [origin, index, order]),
    [[NORTH, 7, 7]],
  );
});
