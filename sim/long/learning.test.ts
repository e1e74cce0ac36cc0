// People teach a monitor what is an alarm, and somebody with nothing but the files of the log replays all of it.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { domainsModule } from '@trine/cli/domains.ts';
import { openDevice } from '@trine/device/device.ts';
import { mqttTransport } from '@trine/device/mqtt-transport.ts';
import { type Change, replayPeriod, replayWith, type WhatIf } from '@trine/engine';
import { uniform } from '@trine/models/random.ts';
import { BodyReader } from '@trine/node/access/bodies.ts';
import { type PolicyHmac, policyHmacOf } from '@trine/node/access/salts.ts';
import { explainDecision } from '@trine/node/decide/explain.ts';
import { monitorOf } from '@trine/node/decide/monitor.ts';
import { ReplayJobs } from '@trine/node/jobs/replay.ts';
import { readLogFolder } from '@trine/node/projections/log-folder.ts';
import type { LoggedMonitor } from '@trine/node/projections/policies.ts';
import { createApi } from '@trine/node/serve/app.ts';
import {
  didKey,
  fromHex,
  type Monitor,
  modelHash,
  type Reading,
  type RegisteredModel,
  readParameters,
  toHex,
  verifyEvidence,
} from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { type Platform, startPlatform, until } from '../platform.ts';

const HOUR_MS = 3_600_000;
const SUBJECT = 'pump/7';
const startMs = Date.UTC(2026, 0, 5);
/**
 * Hours in which the pump was really out of order, and those in which only its sensor of vibration was, with the height
 * of the spike: each above the ones before, for what was seen before is ordinary to the detector.
 */
const faults = new Map([30, 50, 70, 90, 110, 130].map((n, k) => [n, 40 * 1.3 ** k]));
const maintenance = new Map([40, 60, 80, 100, 120, 140].map((n, k) => [n, 2.5 * 1.3 ** k]));
const TAUGHT_HOURS = 115;
const HOURS = 150;

/** Flow and vibration of one hour, every two minutes. */
function hour(n: number, random: () => number): Reading[] {
  return Array.from({ length: 30 }, (_, i) => {
    const timeMs = startMs + n * HOUR_MS + i * 120_000;
    const flow = 50 + random() + (i === 15 ? (faults.get(n) ?? 0) : 0);
    const vibration = 5 + 0.1 * random() + (i === 15 ? (maintenance.get(n) ?? 0) : 0);
    return [
      { quantity: 'flow', unit: 'm3/s', timeMs, value: flow },
      { quantity: 'vibration', unit: 'm/s2', timeMs, value: vibration },
    ];
  }).flat();
}

let platform: Platform;
let copy: string;
before(async () => {
  platform = await startPlatform();
  const { node } = platform;
  const signer = temporarySigner();
  await node.enrol(SUBJECT, { key: didKey(signer.publicKey), name: 'Pump 7', class: 'software', subjects: [SUBJECT] });
  const device = await openDevice({
    signer,
    subject: SUBJECT,
    network: node.genesis.network.id,
    gateway: node.genesis.keys.gateway.publicKey,
    transport: mqttTransport(node.mqtt.address, SUBJECT),
  });
  const random = uniform(7);
  for (let n = 0; n < HOURS; n++) await device.measure(hour(n, random));
  await device.drain(30_000);
  await device.close();
});
after(async () => {
  await platform.remove();
  if (copy) rmSync(copy, { recursive: true, force: true });
});

const terms = {
  thing: SUBJECT,
  windowMs: HOUR_MS,
  graceMs: 0,
  statementsMin: 1,
  outOfOrderReadings: 1,
  thresholdPpm: 600_000,
  creditMinorUnits: 900,
};
const propose = async (monitor: Monitor) => (await platform.node.decisions.propose(monitor)).hash;
const alarms = async (policy: string) =>
  (await platform.node.views.decisions({ limit: 1_000 })).items.filter(
    (one) => one.policy === policy && one.verdict === 'breached',
  );
const hourOf = ({ fromMs }: { fromMs: number }) => (fromMs - startMs) / HOUR_MS;
/** The views follow the log a moment later. */
const decidedUpTo = (policy: string, hours: number) =>
  until(`${hours} hours`, async () => {
    const of = (await platform.node.views.decisions({ limit: 1_000 })).items.filter((one) => one.policy === policy);
    return of.some(({ toMs }) => toMs >= startMs + hours * HOUR_MS) ? true : undefined;
  });

let first: string;
test('a monitor decides what lies in the past, as advice, and says why', async () => {
  const { node } = platform;
  // Only the first part is over for the monitor that is to be taught.
  const endMs = startMs + TAUGHT_HOURS * HOUR_MS;
  const wish = { subject: SUBJECT, domain: 'service-level', title: 'Pump 7', startMs, endMs, terms, currency: 'EUR' };
  first = await propose(monitorOf(node, wish, Date.now()));
  await decidedUpTo(first, TAUGHT_HOURS);
  const found = await alarms(first);
  const hours = found.map(hourOf);
  for (const n of [...faults.keys(), ...maintenance.keys()].filter((at) => at < TAUGHT_HOURS))
    assert.ok(hours.includes(n), `hour ${n}`);
  assert.ok(found.every(({ outcome, payment }) => outcome === 'advice' && payment === undefined));
  const fault = found.find((one) => hourOf(one) === 70);
  const why = await explainDecision({ ...node.decisions.sources, policies: node.policies }, fault?.leaf as number);
  assert.equal(why.replayed, true);
  assert.equal(why.series[0]?.quantity, 'flow', 'what mattered comes first');
  assert.match(why.words.join(' '), /flow (?:jumped|moved to another level) .* Expected was 50.*, 11[78].* came/);
  const [nearest] = why.similar;
  assert.ok(nearest && faults.has(hourOf(nearest)), 'the nearest case is another fault');
});

test('a thing that never speaks is decided on, explained and proven like any other', async () => {
  const { node } = platform;
  // A billion windows before it do not keep it from the ones that matter.
  const since = Date.UTC(1990, 0);
  const silent = { ...terms, thing: 'nobody/1', windowMs: 1_000 };
  const wish = { subject: 'nobody/1', domain: 'service-level', title: 'Nobody', startMs: since, terms: silent };
  await propose(monitorOf(node, wish, Date.now()));
  const found = await until('three silent windows', async () => {
    const all = (await node.views.decisions({ limit: 1_000 })).items.filter(({ subject }) => subject === 'nobody/1');
    return all.length >= 3 ? all : undefined;
  });
  const [last] = found;
  assert.ok(last);
  const why = await explainDecision({ ...node.decisions.sources, policies: node.policies }, last.leaf);
  assert.deepEqual([why.replayed, why.series.length], [true, 0]);
  const report = await verifyEvidence(await node.evidence(fromHex(last.id)), { replay: replayWith(node.domains) });
  assert.equal(report.verdict, 'consistent', 'nothing was pinned');
});

test('nothing is learnt from nothing, nor from one voice on one window', async () => {
  const { decisions } = platform.node;
  await assert.rejects(decisions.learn(first), /Nobody has labelled/);
  const [one] = (await alarms(first)).filter((alarm) => hourOf(alarm) === 40);
  await decisions.label(one?.id as string, { assessment: 'wrong', by: 'Operator', note: 'Maintenance' });
  await assert.rejects(decisions.learn(first), /1 label changes nothing/);
});

let second: string;
test('labels make the next version; its effect is shown; a monitor goes on with it and no longer cries wolf', async () => {
  const { node } = platform;
  const { decisions } = node;
  for (const alarm of await alarms(first)) {
    if (hourOf(alarm) === 40) continue;
    const assessment = faults.has(hourOf(alarm)) ? 'right' : 'wrong';
    await decisions.label(alarm.id, { assessment, by: 'Operator', note: '' });
  }
  const hash = await decisions.learn(first);
  const learnt = node.models.get(hash)?.model;
  assert.deepEqual(Object.keys(readParameters(learnt?.parameters as string).thresholdPpm as object), ['vibration']);
  const effect = learnt?.learnt?.effect as Record<string, number>;
  assert.ok((effect.rightAfter as number) > (effect.rightBefore as number));
  assert.ok((effect.rightAfter as number) >= (effect.labels as number) - 1);
  assert.ok(
    (effect.rightHeldOut as number) > (effect.rightHeldOutBefore as number),
    'also on windows it was not taught',
  );
  assert.match(learnt?.card.result ?? '', /of \d+ \(before: \d+\)/);

  // The monitor ended with what was to be taught: another goes on over all of it with what was learnt.
  const { policy } = node.policies.get(first) as LoggedMonitor;
  const { identity } = learnt as RegisteredModel;
  second = await propose({ ...policy, model: identity, period: { startMs, endMs: startMs + HOURS * HOUR_MS } });
  await decidedUpTo(second, HOURS);
  const found = (await alarms(second)).filter((one) => hourOf(one) >= TAUGHT_HOURS);
  const hours = found.map(hourOf);
  assert.ok(
    [130].every((n) => hours.includes(n)),
    'a fault is still found',
  );
  assert.ok(
    [120, 140].every((n) => !hours.includes(n)),
    'maintenance no longer is',
  );
  const evidence = await node.evidence(fromHex(found[0]?.id as string));
  const report = await verifyEvidence(evidence, { network: node.genesis.network, replay: replayWith(node.domains) });
  assert.equal(report.verdict, 'trusted', JSON.stringify(report.steps.filter(({ status }) => status !== 'ok')));
});

const replayAll = async (change: Change = {}, wanted?: string, hmac?: PolicyHmac) => {
  const { network } = platform.node.genesis;
  const bodies = new BodyReader(join(copy, 'bodies'));
  const folder = await readLogFolder(join(copy, 'public'), { network, bodies, ...(hmac && { hmac }) });
  const chosen = folder.policies.all().filter(({ hash }) => wanted === undefined || hash === wanted);
  const periods = [];
  for (const logged of chosen) {
    const { policy } = logged;
    const request = { policy, logged, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, change };
    periods.push(await replayPeriod(folder, platform.node.domains, request));
  }
  bodies.close();
  return periods;
};

test('on another machine, with nothing but the files: every decision comes out the same, bit for bit', async () => {
  const { home, node } = platform;
  await node.log.publish();
  copy = mkdtempSync(join(tmpdir(), 'trine-copy-'));
  cpSync(join(home, 'log', 'public'), join(copy, 'public'), { recursive: true });
  cpSync(join(home, 'bodies'), join(copy, 'bodies'), { recursive: true });
  const periods = await replayAll();
  assert.ok(periods.some(({ obligations }) => obligations.length >= TAUGHT_HOURS));
  for (const period of periods) {
    assert.deepEqual(
      period.obligations.filter(({ isSame }) => !isSame),
      [],
    );
    assert.equal(period.same, period.obligations.length);
  }
});

test('other terms and another model: what they would have decided, in money', async () => {
  const [dearer] = await replayAll({ terms: { creditMinorUnits: 2_000 } }, first);
  const count = (await alarms(first)).length;
  assert.equal(dearer?.amountBefore, count * 900);
  assert.equal(dearer?.amountAfter, count * 2_000);
  const learnt = platform.node.models.registered()[0];
  assert.ok(learnt);
  const model = platform.node.models.deciding(learnt.model.identity);
  const [calmer] = await replayAll({ model }, first);
  const differing = calmer?.obligations.filter(({ before, after }) => before?.verdict !== after?.verdict) ?? [];
  assert.ok(differing.length >= 4);
  assert.ok(differing.every((one) => !faults.has(hourOf(one))));
  assert.ok((calmer?.amountAfter ?? 0) < (calmer?.amountBefore ?? 0));
  const foreign = { ...model, parameters: {} };
  await assert.rejects(
    replayAll({ model: foreign }, first),
    /under other parameters than those at hand/,
    'swapped parameters are refused',
  );
});

const ask = async (body: object) => {
  const { node, home } = platform;
  const response = await createApi({ node, webRoot: home, version: '0' }).request('http://127.0.0.1/api/v1/replay', {
    method: 'POST',
    headers: { host: '127.0.0.1', authorization: `Bearer ${node.genesis.keys.token}` },
    body: JSON.stringify(body),
  });
  return { status: response.status, answer: (await response.json()) as WhatIf & { error: string } };
};

test('asked over HTTP, the running node answers what the files give', async () => {
  const other = { creditMinorUnits: 2_000 };
  const secret = policyHmacOf(platform.home);
  const [expected] = await replayAll({ terms: other }, first, secret);
  const { answer } = await ask({ policy: first, terms: other });
  assert.equal(answer.compared, expected?.obligations.length);
  assert.deepEqual(
    [answer.amountBefore, answer.amountAfter, answer.currency],
    [expected?.amountBefore, expected?.amountAfter, 'EUR'],
  );
  const differing = expected?.obligations.filter(({ isSame }) => !isSame);
  assert.deepEqual(answer.differing, JSON.parse(JSON.stringify(differing)));
  assert.ok(answer.differing.length > 0);
  assert.equal(answer.alike, answer.compared - answer.differing.length);
  assert.deepEqual(
    [answer.series.before.at(-1), answer.series.after.at(-1)],
    [answer.amountBefore, answer.amountAfter],
  );

  const model = platform.node.models.registered()[0]?.model.identity;
  assert.ok(model);
  const { answer: calmer } = await ask({ policy: first, model: toHex(modelHash(model)) });
  const [learnt] = await replayAll({ model: platform.node.models.deciding(model) }, first);
  assert.equal(calmer.amountAfter, learnt?.amountAfter);
  assert.equal(calmer.alike, learnt?.same);

  const day = { fromMs: startMs + 24 * HOUR_MS, toMs: startMs + 48 * HOUR_MS };
  const { answer: same } = await ask({ policy: first, ...day });
  assert.deepEqual([same.compared, same.alike, same.differing], [24, 24, []], 'unchanged, the same to the bit');
});

test('asked over HTTP, what makes no sense is refused in words, and one question is answered at a time', async () => {
  const refused = async (body: object, status: number, words: RegExp) => {
    const { answer, ...got } = await ask(body);
    assert.match(answer.error, words);
    assert.equal(got.status, status);
  };
  await refused({}, 400, /policy: /);
  await refused({ policy: 'ab'.repeat(32) }, 404, /No such agreement or monitor/);
  await refused({ policy: first, model: 'ab'.repeat(32) }, 404, /No model abab.* is registered/);
  await refused({ policy: first, terms: { creditMinorUnit: 1 } }, 400, /creditMinorUnit/);
  await refused({ policy: first, terms: { creditMinorUnits: 'much' } }, 400, /creditMinorUnits: .*number/);
  await refused({ policy: first, perObligationMax: 5 }, 400, /Only an agreement limits/);
  await refused({ policy: first, fromMs: 2, toMs: 1 }, 400, /ends before it begins/);

  const { home, node } = platform;
  const question = { policy: first, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
  const work = { home, network: node.genesis.network };
  const desk = new ReplayJobs(work, domainsModule);
  const [answered, busy] = await Promise.allSettled([desk.ask(question), desk.ask(question)]);
  assert.equal(answered.status, 'fulfilled');
  assert.match(String(busy.status === 'rejected' && busy.reason), /ask again in a moment/);
  await assert.rejects(new ReplayJobs(work, domainsModule, 1).ask(question), /Not computed within/);
  await assert.rejects(new ReplayJobs(work, undefined).ask(question), /started without the module of its domains/);
});

test('a body that was changed is noticed, and an erased one leaves its window open', async () => {
  const { home } = platform;
  const file = join(copy, 'bodies', 'bodies');
  const { readFileSync } = await import('node:fs');
  const bytes = readFileSync(join(home, 'bodies', 'bodies'));
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(file, bytes);
  await assert.rejects(replayAll(), /authenticate|not the one that was signed/);
});

test('what can no longer be decided, because its readings were erased, keeps nothing else from being decided', async () => {
  const { node } = platform;
  await node.forget(SUBJECT, { reason: 'Moved out', by: 'Ada' });
  const shared = { domain: 'service-level', startMs, endMs: startMs + TAUGHT_HOURS * HOUR_MS };
  const erased = await propose(monitorOf(node, { ...shared, subject: SUBJECT, title: 'Erased', terms }, Date.now()));
  const silent = { ...terms, thing: 'nobody/2', windowMs: 1_000 };
  const wish = { domain: 'service-level', subject: 'nobody/2', title: 'Goes on', terms: silent };
  const other = await propose(monitorOf(node, wish, Date.now()));
  // What was said then is gone, and so nothing is decided on it: neither met nor breached.
  await until('another monitor goes on', async () =>
    (await node.views.decisions({ limit: 1_000 })).items.find(({ policy }) => policy === other),
  );
  const found = (await node.views.decisions({ limit: 1_000 })).items.filter(({ policy }) => policy === erased);
  assert.deepEqual(
    found.filter(({ verdict }) => verdict === 'met'),
    [],
  );
});
