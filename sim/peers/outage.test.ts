// The user's broker goes down for a while: what things could not say meanwhile is held, not charged to them, and put right
// when they say it; a thing that is silent by itself is in breach; and who stays down for longer than the terms allow owes.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { domainsModule } from '@trine/cli/domains.ts';
import { installedDomains } from '@trine/domains/released.ts';
import { replayWith } from '@trine/engine';
import { practiceTerms } from '@trine/example-service-credit/terms.ts';
import type { FirstAgreement } from '@trine/node/decide/first-agreement.ts';
import { startNode } from '@trine/node/node.ts';
import type { DecisionView } from '@trine/node/serve/views.ts';
import { readSettings } from '@trine/node/settings.ts';
import { fromHex, verifyEvidence } from '@trine/protocol';
import mqtt from 'mqtt';
import { until } from '../platform.ts';
import { mosquittoIn, withoutMosquitto } from './mosquitto.ts';

const WINDOW_MS = 15_000;
const EVERY_MS = 500;
const ALLOWANCE_MS = 90_000;
const THING = 'hall/1';

/** The practice agreement, on a thing that signs nothing and speaks over the broker. */
const terms: FirstAgreement = (given) => {
  const practice = practiceTerms(given);
  return {
    ...practice,
    subject: THING,
    // Of 30 statements 18 may be missing: an outage that is not noticed, of less than 8 s, hides fewer.
    terms: { ...(practice.terms as object), thing: THING, statementsMin: 12, outOfOrderReadings: 30 },
    gate: { ...practice.gate, classMin: 'gateway', heartbeatGapMsMax: 8_000, outageAllowanceMs: ALLOWANCE_MS },
    correctableMs: 3_600_000,
  };
};

/** A device that keeps what it could not send. */
function device(url: string) {
  const client = mqtt.connect(url, { reconnectPeriod: 300, clientId: 'hall', clean: false });
  client.on('error', () => undefined);
  let isSpeaking = true;
  const timer = setInterval(() => {
    if (!isSpeaking) return;
    const now = Date.now();
    client.publish('hall/1/up', JSON.stringify({ t: now, v: 20 + Math.sin(now / 7_000) }), { qos: 1 });
  }, EVERY_MS);
  return {
    speak: (on: boolean) => {
      isSpeaking = on;
    },
    close: async () => {
      clearInterval(timer);
      await client.endAsync(true);
    },
  };
}

test('an outage of the attached broker holds, a silent thing is in breach, and no operator escapes by staying away', {
  skip: withoutMosquitto,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'trine-outage-'));
  const broker = await mosquittoIn(folder);
  await broker.start();
  const settings = readSettings(
    {
      ...{
        home: join(folder, 'node'),
        port: 0,
        mqttAttach: broker.url,
        device: { intervalMs: EVERY_MS },
      },
      practice: { windowMs: WINDOW_MS, graceMs: 1_500, disputeWindowS: 0 },
      bridge: [
        {
          ...{ topic: 'hall/+/up', subject: 'hall/{1}', time: 't' },
          fields: [{ path: 'v', quantity: 'temperature', unit: 'Cel' }],
        },
      ],
    },
    {},
  );
  const node = await startNode(settings, { domains: installedDomains(), domainsModule, firstAgreement: terms });
  const hall = device(broker.url);
  t.after(async () => {
    await hall.close();
    await node.stop();
    await broker.stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const all = async (): Promise<readonly DecisionView[]> => (await node.views.decisions({ limit: 100 })).items;
  const find = (what: string, which: (decision: DecisionView) => boolean) =>
    until(what, async () => (await all()).find(which), 120_000);
  /** Whoever holds the file finds the same, from heartbeats and from how long was held before. */
  const isProvable = async ({ id }: DecisionView) => {
    const { network } = node.genesis;
    const file = await node.evidence(fromHex(id));
    const report = await verifyEvidence(file, { network, replay: replayWith(installedDomains()) });
    assert.deepEqual(
      report.steps.filter(({ status }) => status !== 'ok'),
      [],
    );
    assert.equal(report.verdict, 'trusted');
  };
  const paying = async () => (await all()).filter(({ outcome }) => outcome === 'pay');

  await find('a window with all that is due', ({ outcome, gate }) => outcome === 'none' && gate.length === 0);
  await broker.stop('SIGTERM');
  await until('noticed', async () => node.mqtt.health.connected === false || undefined);
  assert.ok(node.health.problems.some(({ code }) => code === 'transport'));
  await sleep(2.5 * WINDOW_MS);
  const held = await find('a window is held', ({ outcome }) => outcome === 'hold');
  assert.match(held.gate.join(), /^no way in by mqtt for \d+ s of the time$/);
  await isProvable(held);
  await broker.start();
  await find('put right by what came later', ({ base, outcome }) => base === held.obligation && outcome === 'none');
  await find('a window after it', ({ fromMs, outcome }) => fromMs > held.toMs + WINDOW_MS && outcome === 'none');
  assert.deepEqual(await paying(), [], 'nobody pays for an outage of the broker');

  hall.speak(false);
  const silent = await find('the thing is silent by itself', ({ outcome }) => outcome === 'pay');
  assert.deepEqual(silent.gate, []);
  await isProvable(silent);

  await broker.stop('SIGTERM');
  const downMs = Date.now();
  await find('held within the allowance', ({ fromMs, outcome }) => fromMs > downMs && outcome === 'hold');
  const owed = await find('and owed beyond it', ({ fromMs, outcome }) => fromMs > downMs && outcome === 'pay');
  await isProvable(owed);
  const later = (await all()).filter(({ fromMs, base }) => fromMs > downMs && base === undefined);
  assert.deepEqual(
    later.filter(({ fromMs, outcome }) => fromMs >= owed.fromMs && outcome !== 'pay'),
    [],
    'once it is used up it is used up',
  );
});
