// What a lying node can have trusted, and what the verifier then says: the tricks of the security review, one by one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addressOfPrivateKey,
  type Consent,
  consentPayload,
  decisionId,
  fromHex,
  hexOf,
  policyEndDigest,
  policyEndPayload,
  policyHash,
  type Report,
  signDigest,
  verifyEvidence,
} from '@trine/protocol';
import { replayWith } from './replay.ts';
import { GRACE_MS, Liar, type Place, T0, THING, WINDOW_MS } from './testing/liar.ts';

const BY_PROMISE = /their own sequences show that there were no others/;
const NOT_PROMISED = /nothing was said of this time before and after what is linked here: pump\/1/;
const LOGS_WORD = /That the log held no other statement for this time of [^:]*pump\/1/;
const END = T0 + WINDOW_MS;
const CUT = END + GRACE_MS;

const verify = (liar: Liar, file: Uint8Array): Promise<Report> =>
  verifyEvidence(file, { network: liar.network, replay: replayWith(liar.domains) });
const orderOf = ({ steps }: Report) => steps.find(({ name }) => name === 'order')?.detail ?? '';
const assumed = ({ assumptions }: Report) => assumptions.join('\n');
const failing = ({ steps }: Report) => steps.find(({ status }) => status === 'failed')?.detail ?? '';

async function founded(...given: ConstructorParameters<typeof Liar>): Promise<Liar> {
  const liar = new Liar(...given);
  await liar.found();
  return liar;
}

/** A heartbeat in the middle of the window and one at the cut. */
async function beat(liar: Liar, atMs: number): Promise<Place> {
  return liar.seal(await liar.heartbeat.pack([atMs]), atMs);
}

/** What an honest device says, in order, promising: before, twice within, after. */
async function honestPacks(liar: Liar, promising = true) {
  const times = [T0 - 1_000, T0 + 2_000, T0 + 7_000, END + 200];
  const packs = [];
  for (const ms of times) packs.push(await liar.device.pack([ms], promising ? { low: ms } : {}));
  return packs as [Awaited<ReturnType<Liar['device']['pack']>>, ...typeof packs] & typeof packs;
}

test('an honest decision is trusted, by the device’s own promise', async () => {
  const liar = await founded();
  const packs = await honestPacks(liar);
  const places = [liar.seal(packs[0] as never, T0 - 1_000)];
  const pulse = await beat(liar, T0 + 5_000);
  for (const [i, ms] of [T0 + 5_000, T0 + 7_100, END + 300].entries())
    places.push(liar.seal(packs[i + 1] as never, ms));
  await beat(liar, CUT);
  const [before, one, two, after] = places as [Place, Place, Place, Place];
  const claimed = await liar.decide({ fromMs: T0, inputs: [pulse, one, two] });
  const report = await verify(liar, liar.file(claimed, [before, after]));
  assert.equal(report.verdict, 'trusted', failing(report));
  assert.match(orderOf(report), BY_PROMISE);
  assert.equal(claimed.decision.verdict, 'met');
  assert.deepEqual(
    report.readings.filter(({ wentIn, subject }) => wentIn && subject === THING).map(({ timeMs }) => timeMs),
    [T0 + 2_000, T0 + 7_000],
  );
  assert.match(assumed(report), /That the payer and the recipient agreed to the terms/);
  // What is left out of the file is no longer shown.
  assert.match(assumed(await verify(liar, liar.file(claimed, [before]))), LOGS_WORD);
  assert.match(assumed(await verify(liar, liar.file(claimed, []))), LOGS_WORD);
});

test('A1: packs held back until after the cut are named as late, and nobody is said to have been silent', async () => {
  for (const promising of [true, false]) {
    const liar = await founded();
    const packs = await honestPacks(liar, promising);
    const before = liar.seal(packs[0] as never, T0 - 1_000);
    const pulse = await beat(liar, T0 + 5_000);
    await beat(liar, CUT);
    const claimed = await liar.decide({ fromMs: T0, inputs: [pulse] });
    const late = packs.slice(1).map((pack) => liar.seal(pack, CUT + 5_000));
    assert.equal(claimed.decision.outcome, 'pay');
    const report = await verify(liar, liar.file(claimed, [before, ...late]));
    assert.equal(report.verdict, 'trusted', failing(report));
    assert.doesNotMatch(orderOf(report), BY_PROMISE);
    assert.match(orderOf(report), /2 about this time came after the cut/);
    assert.match(assumed(report), /2 statements about this time were rightly left out.*\(leaf \d+\), .*\(leaf \d+\)\./);
    // Without them in the file nothing more is claimed.
    const silent = await verify(liar, liar.file(claimed, [before]));
    assert.doesNotMatch(orderOf(silent), BY_PROMISE);
    assert.match(assumed(silent), NOT_PROMISED);
  }
});

test('A29: the unbroken chain of another key about the same thing says nothing for the device', async () => {
  const liar = await founded();
  const packs = await honestPacks(liar);
  const before = liar.seal(packs[0] as never, T0 - 1_000);
  const theirs = [liar.seal(await liar.importer.pack([T0 - 500], { low: T0 - 500 }), T0 - 500)];
  const pulse = await beat(liar, T0 + 5_000);
  for (const pack of packs.slice(1)) liar.seal(pack, T0 + 8_000);
  theirs.push(liar.seal(await liar.importer.pack([END + 1], { low: END }), END + 400));
  await beat(liar, CUT);
  const claimed = await liar.decide({ fromMs: T0, inputs: [pulse] });
  const report = await verify(liar, liar.file(claimed, [...theirs, before]));
  assert.doesNotMatch(orderOf(report), BY_PROMISE);
  assert.match(orderOf(report), /of 2 sequences: 1 shows/);
  assert.match(assumed(report), LOGS_WORD);
  // Showing what was left out shows that it was.
  const shown = await verify(
    liar,
    liar.file(claimed, [...theirs, before, { origin: liar.origins[0] as string, index: 8 }]),
  );
  assert.match(failing(shown), /belongs to the time and did not go in/);
  // Heads that leave the device out are false, and said to be the deciders' word.
  const heads = claimed.heads.filter(({ keyOwner }) => keyOwner !== THING);
  const hiding = await liar.decide({ fromMs: T0, inputs: [pulse], heads });
  assert.match(
    assumed(await verify(liar, liar.file(hiding, theirs))),
    /the heads the decision names are all that the log held/,
  );
  assert.match(failing(await verify(liar, liar.file(hiding, [...theirs, before]))), /heads .* are behind/);
});

test('A2: who starts again from no state is seen to, and from a made-up one is broken', async () => {
  const liar = await founded();
  const pulses: Place[] = [];
  for (const n of [0, 1]) {
    pulses.push(await beat(liar, T0 + n * WINDOW_MS + 5_000));
    if (n === 0) await beat(liar, CUT);
  }
  const first = await liar.decide({ fromMs: T0, inputs: [pulses[0] as Place], arrivalMs: T0 + WINDOW_MS + 5_000 });
  await beat(liar, CUT + WINDOW_MS);
  const fresh = await liar.decide({ fromMs: END, inputs: [pulses[1] as Place] });
  const report = await verify(liar, liar.file(fresh));
  assert.equal(report.verdict, 'trusted', failing(report));
  assert.match(assumed(report), /there was no decision before this one whose states it should have continued/);
  const continued = await liar.decide({
    ...{ fromMs: END, inputs: [pulses[1] as Place], states: first.states },
    continues: decisionId(first.decision),
  });
  assert.match(assumed(await verify(liar, liar.file(continued))), /states before came about as they should/);
  const orphan = await liar.decide({ fromMs: END, inputs: [pulses[1] as Place], states: first.states });
  assert.match(failing(await verify(liar, liar.file(orphan))), /starts from states of no decision/);
});

test('A3, B3, A12: a sensor that decides, a decision before its time, a cut that somebody chose', async () => {
  const liar = await founded();
  const packs = await honestPacks(liar);
  const before = liar.seal(packs[0] as never, T0 - 1_000);
  const early = await liar.decide({ fromMs: T0 + 50 * WINDOW_MS, inputs: [], arrivalMs: T0 - 900 });
  assert.match(failing(await verify(liar, liar.file(early))), /came after it|arrived too early|is not in the file/);
  const pulse = await beat(liar, T0 + 5_000);
  const [one] = packs.slice(1).map((pack) => liar.seal(pack, T0 + 8_000)) as [Place];
  await beat(liar, CUT);
  const sensor = await liar.decide({ fromMs: T0, inputs: [pulse, one], signer: liar.device });
  assert.match(failing(await verify(liar, liar.file(sensor))), /not-permitted|may not|not allowed|refused/);
  const [cut] = liar.cuts(T0);
  for (const index of [one.index + 1, (cut?.index ?? 0) + 1]) {
    const chosen = [{ origin: cut?.origin ?? '', atMs: CUT, index }];
    const claimed = await liar.decide({ fromMs: T0, inputs: [pulse, one], cuts: chosen });
    assert.match(failing(await verify(liar, liar.file(claimed, [before]))), /at the cut|before the cut/);
  }
  const later = await liar.decide({
    fromMs: T0,
    inputs: [pulse, one],
    cuts: [{ origin: cut?.origin ?? '', atMs: CUT + 1, index: cut?.index ?? 0 }],
  });
  assert.equal((await verify(liar, liar.file(later, [before]))).verdict, 'broken');
  // Two of three packs at the right cut: nothing it says claims that there were no others.
  const partial = await liar.decide({ fromMs: T0, inputs: [pulse, one] });
  const report = await verify(liar, liar.file(partial, [before]));
  assert.match(assumed(report), LOGS_WORD);
  assert.ok(!report.steps.some(({ title }) => /No statement .* was left out/.test(title)));
});

test('A5: a decision names heads behind which its own inputs stand: broken', async () => {
  const liar = await founded();
  const packs = await honestPacks(liar);
  liar.seal(packs[0] as never, T0 - 1_000);
  const pulse = await beat(liar, T0 + 5_000);
  const [one] = packs.slice(1).map((pack) => liar.seal(pack, T0 + 8_000)) as [Place];
  await beat(liar, CUT);
  const heads = liar.honestHeads(liar.cuts(T0)).map((head) => (head.keyOwner === THING ? { ...head, seq: 0 } : head));
  const claimed = await liar.decide({ fromMs: T0, inputs: [pulse, one], heads });
  assert.match(failing(await verify(liar, liar.file(claimed))), /heads that the decision names are not those/);
});

test('A6: the name of a model is the one in the terms; another agreement than the terms make is none', async () => {
  const liar = await founded();
  const pulse = await beat(liar, T0 + 5_000);
  await beat(liar, CUT);
  const model = { ...liar.policy.model, name: 'certified actuarial model', version: '9.9' };
  const renamed = await liar.decide({ fromMs: T0, inputs: [pulse], change: { model } });
  const report = await verifyEvidence(liar.file(renamed), { network: liar.network });
  assert.match(failing(report), /calls its model/);
  const elsewhere = await liar.decide({ fromMs: T0, inputs: [pulse], change: { agreement: new Uint8Array(32) } });
  assert.match(failing(await verify(liar, liar.file(elsewhere))), /not the one that the contract knows/);
});

test('what is computed otherwise, for other money or from other inputs than it says, is broken', async () => {
  const liar = await founded();
  const pulse = await beat(liar, T0 + 5_000);
  await beat(liar, CUT);
  const honest = await liar.decide({ fromMs: T0, inputs: [pulse] });
  const [effect] = honest.decision.effects;
  for (const change of [
    { effects: [{ ...(effect as object), amount: 999 } as never] },
    { verdict: 'met' },
    { outcome: 'none' as const },
    { facts: { came: 0, total: 7 } },
    { gate: { ...honest.decision.gate, owners: 3 } },
    { statesAfter: { count: 0, root: new Uint8Array(32) } },
    { inputs: { count: 1, root: new Uint8Array(32) } },
    { cuts: [] },
    { heads: { count: 0, root: new Uint8Array(32) } },
  ]) {
    const claimed = await liar.decide({ fromMs: T0, inputs: [pulse], change });
    assert.equal((await verify(liar, liar.file(claimed))).verdict, 'broken', Object.keys(change).join());
  }
});

test('without replay no decision is trusted, and unpinned no file is', async () => {
  const liar = await founded();
  const pulse = await beat(liar, T0 + 5_000);
  await beat(liar, CUT);
  const file = liar.file(await liar.decide({ fromMs: T0, inputs: [pulse] }));
  const { network } = liar;
  assert.equal((await verifyEvidence(file, { network })).verdict, 'trusted-without-replay');
  assert.equal((await verifyEvidence(file, { replay: replayWith(liar.domains) })).verdict, 'consistent');
  assert.equal((await verifyEvidence(file)).verdict, 'consistent');
});

test('F1: a leaf that arrived at a time of no calendar, and one that arrived before the one in front of it, throw nothing', async () => {
  for (const [ms, then] of [
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    [T0 + 5_000, T0 + 4_000],
  ] as const) {
    const liar = await founded();
    const pulse = await beat(liar, ms);
    await beat(liar, then);
    const claimed = await liar.decide({
      fromMs: T0,
      inputs: [pulse],
      cuts: [{ origin: liar.origins[0] as string, index: 6, atMs: CUT }],
      arrivalMs: Number.MAX_SAFE_INTEGER,
    });
    assert.equal((await verify(liar, liar.file(claimed))).verdict, 'broken');
  }
});

const PAYER = new Uint8Array(32).fill(61);
const OTHER = new Uint8Array(32).fill(62);
const signedBy = (digest: Uint8Array, key: Uint8Array) => fromHex(signDigest(hexOf(digest), key));

/** A liar whose payer is somebody, and the honest decision of the first window. */
async function agreedWindow() {
  const { parties } = new Liar().policy;
  const [, recipient] = parties;
  const payer = { role: 'payer', name: 'City', address: addressOfPrivateKey(PAYER) };
  const liar = await founded(undefined, { parties: [payer, recipient as never] });
  const consent = (key: Uint8Array, more: Partial<Consent> = {}) =>
    consentPayload.encode({
      ...{ trine: 'consent/1', policy: policyHash(liar.policy), agreement: liar.agreement, role: 'payer' },
      ...{ signature: signedBy(liar.agreement, key), ...more },
    });
  const end = (fromMs: number, key: Uint8Array) =>
    policyEndPayload.encode({
      ...{ trine: 'policy-end/1', policy: policyHash(liar.policy), fromMs, reason: 'Sold' },
      by: {
        role: 'payer',
        signature: signedBy(fromHex(policyEndDigest(liar.agreement, fromMs, liar.policy.money)), key),
      },
    });
  return { liar, consent, end };
}

async function decideFirst(liar: Liar) {
  const packs = await honestPacks(liar);
  const places = [liar.seal(packs[0] as never, T0 - 1_000)];
  const pulse = await beat(liar, T0 + 5_000);
  for (const [i, ms] of [T0 + 5_000, T0 + 7_100, END + 300].entries())
    places.push(liar.seal(packs[i + 1] as never, ms));
  await beat(liar, CUT);
  const [before, one, two, after] = places as [Place, Place, Place, Place];
  const claimed = await liar.decide({ fromMs: T0, inputs: [pulse, one, two] });
  return { claimed, around: [before, after] };
}

test('nobody signs for a party, nor after the fact, nor other terms', async () => {
  for (const [words, key, more, atMs] of [
    [undefined, PAYER, {}, T0 - 50_000],
    [/not by the account of the payer/, OTHER, {}, T0 - 50_000],
    [/has no arbiter/, PAYER, { role: 'arbiter' }, T0 - 50_000],
    [/to other terms/, PAYER, { agreement: new Uint8Array(32) }, T0 - 50_000],
    [/signed after the decision/, PAYER, {}, CUT + 60_000],
  ] as const) {
    const { liar, consent } = await agreedWindow();
    const early = atMs < T0 && (await liar.says('consent', consent(key, more), atMs));
    const { claimed, around } = await decideFirst(liar);
    const place = early || (await liar.says('consent', consent(key, more), atMs));
    const report = await verify(liar, liar.file(claimed, [...around, place]));
    assert.equal(report.verdict, words ? 'broken' : 'trusted', failing(report));
    if (words) assert.match(failing(report), words);
    else assert.match(assumed(report), /That the recipient agreed to the terms/);
  }
});

test('a decision on a time after the end is broken where the end is shown, and assumed away where it is hidden', async () => {
  for (const [words, fromMs, key] of [
    [/was ended before the time/, T0, PAYER],
    [undefined, T0 + 1, PAYER],
    [/not by the account of the payer/, T0 + 1, OTHER],
  ] as const) {
    const { liar, end } = await agreedWindow();
    const place = await liar.says('policy-end', end(fromMs, key), T0 - 50_000);
    const { claimed, around } = await decideFirst(liar);
    const report = await verify(liar, liar.file(claimed, [...around, place]));
    assert.equal(report.verdict, words ? 'broken' : 'trusted', failing(report));
    if (words) assert.match(failing(report), words);
    const hidden = await verify(liar, liar.file(claimed, around));
    assert.equal(hidden.verdict, 'trusted');
    assert.match(assumed(hidden), /That nobody ended the policy before, unless the file shows it/);
  }
});
