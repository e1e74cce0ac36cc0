// Truth, not only origin: three thermometers side by side under an agreement that pays. A breach is paid while the three
// agree; while one stands apart, the payment is held, the reason said, and its trust falls.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Device, openDevice } from '@trine/device/device.ts';
import { mqttTransport } from '@trine/device/mqtt-transport.ts';
import { replayWith } from '@trine/engine';
import { didKey, fromHex, verifyEvidence } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { practiceTerms } from '../../examples/service-credit/terms.ts';
import { decided, type Platform, paid, startPlatform, until } from '../platform.ts';

const THINGS = ['thermo/1', 'thermo/2', 'thermo/3'];
const WINDOW_MS = 2_000;
let platform: Platform;
let policy: string;
const devices: Device[] = [];
/** What each thermometer says, degrees Celsius. */
const says = new Map(THINGS.map((thing) => [thing, 4]));
let timer: NodeJS.Timeout;

before(async () => {
  platform = await startPlatform();
  const { node } = platform;
  for (const subject of THINGS) {
    const signer = temporarySigner();
    await node.enrol(subject, { key: didKey(signer.publicKey), name: subject, class: 'software', subjects: [subject] });
    devices.push(
      await openDevice({
        signer,
        subject,
        network: node.genesis.network.id,
        gateway: node.genesis.keys.gateway.publicKey,
        transport: mqttTransport(node.mqtt.address, subject),
      }),
    );
  }
  timer = setInterval(() => {
    THINGS.forEach((subject, i) => {
      const value = (says.get(subject) as number) + 0.1 * i;
      void devices[i]
        ?.measure([{ quantity: 'temperature', unit: 'Cel', timeMs: Date.now(), value }])
        .catch(() => undefined);
    });
  }, 250);
  const { settings, genesis, domains: installed } = node;
  const practice = practiceTerms({
    settings,
    genesis,
    subject: 'thermo/1',
    heartbeat: node.subject,
    domains: installed,
    nowMs: Date.now(),
  });
  const agreed = {
    ...practice,
    title: 'Cold store',
    // More statements than come: every window is a breach, so that only the gate decides what is paid.
    terms: { ...(practice.terms as object), statementsMin: 1_000 },
    plausibility: {
      trustMinPpm: 500_000,
      ranges: [{ quantity: 'temperature', minMilli: -40_000, maxMilli: 60_000 }],
      neighbours: [{ quantity: 'temperature', peers: ['thermo/2', 'thermo/3'], peersMin: 2, toleranceMilli: 1_000 }],
      balances: [],
    },
  };
  policy = (await node.decisions.propose(agreed)).hash;
});
after(async () => {
  clearInterval(timer);
  await Promise.all(devices.map((device) => device.close()));
  await platform.remove();
});

const verify = (file: Uint8Array) =>
  verifyEvidence(file, { network: platform.node.genesis.network, replay: replayWith(platform.node.domains) });

test('while the three agree a breach is paid, and the proof shows whom it trusted', async () => {
  const { node } = platform;
  const found = await decided(node, (one) => one.policy === policy && one.outcome === 'pay');
  const payment = await paid(node, ({ decision }) => decision === found.id);
  const report = await verify(await node.evidence(fromHex(payment.id)));
  assert.equal(report.verdict, 'members-word', JSON.stringify(report.steps.filter(({ status }) => status !== 'ok')));
  assert.match(report.facts['trust in thermo/3'] ?? '', /^7\d %|^[89]\d %/);
});

test('one that stands apart is not believed: held, said why, shown, and trusted less', async () => {
  const { node } = platform;
  says.set('thermo/1', 30);
  const since = Date.now() + WINDOW_MS;
  const held = await decided(node, (one) => one.policy === policy && one.outcome === 'hold' && one.fromMs >= since);
  assert.match(held.gate.join(' '), /implausible: temperature: thermo\/1 says 30, things beside it 4.2/);
  assert.equal(held.payment, undefined);
  const report = await verify(await node.evidence(fromHex(held.id)));
  assert.equal(report.verdict, 'trusted');
  const trust = async (subject: string) =>
    (await node.views.devices({ limit: 1_000 })).items.find((device) => device.subject === subject)?.trustPpm as number;
  await until('less trust', async () => ((await trust('thermo/1')) < 500_000 ? true : undefined));
  assert.ok((await trust('thermo/2')) > 700_000);
  says.set('thermo/1', 4);
  const doubted = await decided(
    node,
    (one) =>
      one.policy === policy &&
      one.outcome === 'hold' &&
      one.gate.some((reason) => reason.startsWith('trust of')) &&
      one.fromMs > held.fromMs &&
      !one.gate.some((reason) => reason.startsWith('implausible')),
  );
  assert.ok(doubted.gate.length > 0, 'trust comes back slowly');
});

test('too few neighbours speak: nothing can be checked, so nothing is paid', async () => {
  const { node } = platform;
  await devices[2]?.close();
  devices.splice(2, 1);
  const since = Date.now() + WINDOW_MS;
  const held = await decided(node, (one) => one.policy === policy && one.fromMs >= since && one.outcome === 'hold');
  assert.match(held.gate.join(' '), /not checked: temperature: neighbours that spoke: 1, needed: 2/);
});
