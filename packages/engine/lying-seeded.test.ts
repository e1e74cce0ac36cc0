// A lying node tries combinations of tricks: of what it has trusted, every sentence is held against what really happened.
// `SEED=… ROUNDS=… node --test packages/engine/lying-seeded.test.ts`
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Report, type SequenceHead, type Statement, toHex, verifyEvidence } from '@trine/protocol';
import fc from 'fast-check';
import { replayWith } from './replay.ts';
import {
  type Claimed,
  GRACE_MS,
  idsOf,
  Liar,
  type Place,
  type Speaker,
  saidOf,
  T0,
  THING,
  WINDOW_MS,
} from './testing/liar.ts';

const END = T0 + WINDOW_MS;
const CUT = END + GRACE_MS;
const HOLDING = ['trusted', 'trusted-without-replay', 'consistent'];
const seed = process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) };
const rounds = Number(process.env.ROUNDS ?? 1);

const FRAME = { isImporter: false, fate: 'in time', isShown: true, goesIn: false };

/** A pack that a thing signs: when it speaks of, whether it promises, and what the node does with it. */
const pack = fc.record({
  offset: fc.integer({ min: -3_000, max: WINDOW_MS + 3_000 }),
  isImporter: fc.boolean(),
  fate: fc.constantFrom('in time', 'in time', 'late', 'never'),
  isShown: fc.constantFrom(true, true, false),
  goesIn: fc.boolean(),
});
const tricks = fc.record({
  packs: fc.array(pack, { maxLength: 6 }),
  /** What the device says before and after the time is in the log in time, and shown. */
  isFramed: fc.boolean(),
  isPromising: fc.boolean(),
  heads: fc.constantFrom('honest', 'honest', 'without', 'behind', 'promising', 'unforked'),
  cutBy: fc.constantFrom(0, 0, 0, -1, 1),
  atBy: fc.constantFrom(0, 0, 0, -1, 1),
  change: fc.constantFrom('none', 'none', 'none', 'amount', 'verdict', 'outcome'),
  isHonestSelection: fc.boolean(),
  isReplayed: fc.boolean(),
});
type Tricks = typeof tricks extends fc.Arbitrary<infer T> ? T : never;

/** Of which a file holds, and says so by its own sequences: among the others such a one may be missing. */
const HONEST: Tricks = {
  ...{ packs: [{ ...FRAME, offset: 500, fate: 'in time', goesIn: true }], isFramed: true, isPromising: true },
  ...{ heads: 'honest', cutBy: 0, atBy: 0, change: 'none', isHonestSelection: true, isReplayed: true },
};

interface Told {
  readonly liar: Liar;
  readonly claimed: Claimed;
  readonly shown: readonly { readonly place: Place; readonly statement: Statement; readonly isIn: boolean }[];
  readonly report: Report;
}

function lyingHeads(heads: readonly SequenceHead[], how: Tricks['heads']): SequenceHead[] {
  const isDevice = ({ keyOwner }: SequenceHead) => keyOwner === THING;
  if (how === 'without') return heads.filter((head) => !isDevice(head));
  return heads.map((head) => {
    if (!isDevice(head)) return head;
    if (how === 'behind') return { ...head, seq: Math.max(0, head.seq - 1) };
    if (how === 'promising') return { ...head, low: END + WINDOW_MS };
    return how === 'unforked' ? { ...head, forked: false } : head;
  });
}

async function tell(given: Tricks): Promise<Told> {
  const liar = new Liar();
  await liar.found();
  const signed: { atMs: number; statement: Statement; given: Tricks['packs'][number] }[] = [];
  // A device that promises speaks in order.
  const [before, after] = [-4_000, WINDOW_MS + 500].map((offset) => ({ ...FRAME, offset }));
  const said = given.isFramed ? ([before, ...given.packs, after] as Tricks['packs']) : given.packs;
  const ordered = given.isPromising ? said.toSorted((a, b) => a.offset - b.offset) : said;
  for (const one of ordered) {
    const timeMs = T0 + one.offset;
    const speaker = one.isImporter ? liar.importer : liar.device;
    const statement = await speaker.pack([timeMs], given.isPromising ? { low: timeMs } : {});
    signed.push({ atMs: one.fate === 'late' ? CUT + 2_000 : Math.min(timeMs, CUT - 1), statement, given: one });
  }
  const places = new Map<Statement, Place>();
  const seal = (isLate: boolean) => {
    const due = signed.filter(({ given: { fate } }) => fate === (isLate ? 'late' : 'in time'));
    for (const { statement, atMs } of due.toSorted((a, b) => a.atMs - b.atMs))
      places.set(statement, liar.seal(statement, atMs));
  };
  seal(false);
  const pulse = liar.seal(await liar.heartbeat.pack([CUT - 1]), CUT - 1);
  liar.seal(await liar.heartbeat.pack([CUT]), CUT);
  seal(true);
  const cuts = liar.cuts(T0).map((cut) => ({ ...cut, index: cut.index + given.cutBy, atMs: cut.atMs + given.atBy }));
  const isWithin = ({ offset }: Tricks['packs'][number]) => offset >= 0 && offset < WINDOW_MS;
  const inputs = signed.flatMap(({ statement, given: one }) => {
    const place = places.get(statement);
    return place && isWithin(one) && (given.isHonestSelection ? one.fate === 'in time' : one.goesIn) ? [place] : [];
  });
  const heads = lyingHeads(liar.honestHeads(cuts), given.heads);
  const honest = { fromMs: T0, inputs: [pulse, ...inputs], cuts, heads };
  const change = {
    none: {},
    amount: { effects: [{ tag: 'entry' as const, from: 'payer', to: 'recipient', amount: 77, currency: 'EUR' }] },
    verdict: { verdict: 'lost' },
    outcome: { outcome: 'hold' as const },
  }[given.change];
  const claimed = await liar.decide({ ...honest, change, arrivalMs: CUT + 3_000 });
  const shown = signed.flatMap(({ statement, given: { isShown, offset } }) => {
    const place = places.get(statement);
    return place && isShown ? [{ place, statement, isIn: offset >= 0 && offset < WINDOW_MS }] : [];
  });
  const file = liar.file(
    claimed,
    shown.map(({ place }) => place),
  );
  const replay = given.isReplayed ? { replay: replayWith(liar.domains) } : {};
  const report = await verifyEvidence(file, { network: liar.network, ...replay });
  return { liar, claimed, shown, report };
}

/** Names in the assumption that a sentence begins. */
function namedIn({ assumptions }: Report, sentence: RegExp): string {
  return assumptions.find((one) => sentence.test(one)) ?? '';
}

function checkSequence({ claimed, report }: Told, speaker: Speaker): void {
  const name = speaker.keyOwner === THING ? /pump\/1(?! as)/ : /pump\/1 as importer\/evil/;
  // What the report itself says was left out is not hidden.
  const told = report.assumptions.filter((one) => /does not look at/.test(one)).join();
  const truth = saidOf(speaker, T0).filter(({ id }) => !told.includes(toHex(id)));
  const went = claimed.inputs.filter(({ keyOwner }) => keyOwner === speaker.keyOwner).map(({ statement }) => statement);
  const promised = namedIn(report, /promises? only for what follows/);
  const linked = namedIn(report, /nothing was said of this time before and after/);
  const word = namedIn(report, /That the log held no other statement/);
  if (/their own sequences show/.test(report.steps.find(({ name: step }) => step === 'order')?.detail ?? '')) {
    // Whom the heads do not name nobody speaks for.
    if (claimed.heads.some(({ keyOwner }) => keyOwner === speaker.keyOwner))
      assert.deepEqual(idsOf(went), idsOf(truth), 'said to have said nothing else, by its own promise');
  }
  if (name.test(promised)) {
    // What it said before the first that is shown is an assumption, and said to be.
    const first = Math.min(...went.map(({ header }) => header.seq), Number.POSITIVE_INFINITY);
    const after = truth.filter(({ header }) => went.length === 0 || header.seq >= first);
    if (went.length > 0) assert.deepEqual(idsOf(went), idsOf(after), 'promised');
  }
  if (name.test(linked) && went.length > 1) {
    const seqs = went.map(({ header }) => header.seq);
    const between = truth.filter(({ header: { seq } }) => seq > Math.min(...seqs) && seq < Math.max(...seqs));
    for (const one of between) assert.ok(idsOf(went).includes(toHex(one.id)), 'linked over exactly these');
  }
  const isMissing = truth.length !== went.length;
  if (isMissing && claimed.heads.some(({ keyOwner }) => keyOwner === speaker.keyOwner))
    assert.ok(
      [promised, linked, word].some((one) => name.test(one)),
      `${speaker.keyOwner}: what is missing is nobody’s word`,
    );
}

test('seeded: whatever a lying node combines, nothing that it has trusted is said to be more than it is', async () => {
  let held = 0;
  let byPromise = 0;
  await fc.assert(
    fc.asyncProperty(tricks, async (given) => {
      const told = await tell(given);
      const { claimed, report, shown, liar } = told;
      if (!HOLDING.includes(report.verdict)) return;
      held++;
      if (report.steps.some(({ detail }) => /their own sequences show/.test(detail))) byPromise++;
      // When it was due only the terms say: what is not computed again is not said to have been decided at its time.
      const [cut] = claimed.decision.cuts;
      assert.equal(cut?.index, liar.cutAt(cut?.atMs ?? 0), 'the cut was chosen');
      assert.ok(
        report.verdict !== 'trusted' || (given.isReplayed && given.atBy === 0),
        'at another time than the terms have',
      );
      if (given.isReplayed) assert.ok(given.change === 'none' || report.verdict !== 'trusted', 'it was changed');
      assert.match(report.assumptions.join('\n'), /That the heads the decision names are all that the log held/);
      for (const { place, statement, isIn } of shown) {
        const went = claimed.inputs.some(({ index }) => index === place.index);
        if (!isIn || went) continue;
        const isLate = place.index >= (cut?.index ?? 0);
        assert.ok(isLate || report.verdict !== 'trusted', 'it belongs to the time, stood below the cut, did not go in');
        assert.ok(report.assumptions.join('\n').includes(toHex(statement.id)), 'what did not go in is named');
      }
      checkSequence(told, liar.device);
      checkSequence(told, liar.importer);
    }),
    { numRuns: 120 * rounds, examples: [[HONEST]], ...seed },
  );
  assert.ok(held > 5 && byPromise > 0, `${held} held, ${byPromise} by promise: the tricks are not of use`);
});
