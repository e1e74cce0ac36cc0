// Replay of a day of a thousand streams, from the files of the log alone: every decision again, bit for bit. A node
// seals the day and decides it first; that part is not timed. Run: node bench/scenarios/replay.ts [--streams 1000]
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { installedDomains } from '@trine/domains/released.ts';
import { type ReplayedPeriod, replayPeriod } from '@trine/engine';
import { uniform } from '@trine/models/random.ts';
import { BodyReader } from '@trine/node/access/bodies.ts';
import { monitorOf } from '@trine/node/decide/monitor.ts';
import { type Node, startNode } from '@trine/node/node.ts';
import { readLogFolder } from '@trine/node/projections/log-folder.ts';
import { readSettings } from '@trine/node/settings.ts';
import { contentTypes, detachBody, didKey, encodePack, type Reading, signStatement } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import type { Figure } from '../lib/figures.ts';
import { temporaryHome } from '../lib/trine.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const READINGS_PER_PACK = 10;
const startMs = Date.UTC(2026, 0, 5);

export interface ReplayTimes {
  readonly streams: number;
  readonly statements: number;
  readonly readings: number;
  readonly decisions: number;
  readonly same: number;
  /** Of the whole: reading the log, opening the bodies, deciding everything again. */
  readonly seconds: number;
  readonly secondsReading: number;
}

/** @param streams things with one quantity each, a reading a minute, in packs of ten */
export async function replayTimes(streams = 1_000): Promise<ReplayTimes> {
  const { home, remove } = temporaryHome();
  const settings = readSettings({ home, port: 0, mqttPort: 0, device: { enabled: false } }, {});
  const node = await startNode(settings, { domains: installedDomains() });
  try {
    const statements = await sealDay(node, streams);
    const decisions = await decideDay(node, streams);
    await node.log.publish();
    const { network } = node.genesis;
    await node.stop();
    const result = await replay(home, network);
    return { streams, statements, readings: statements * READINGS_PER_PACK, decisions, ...result };
  } finally {
    await node.stop();
    remove();
  }
}

/** For the table of models. */
export async function figures(): Promise<Figure[]> {
  const { streams, statements, readings, decisions, same, seconds } = await replayTimes();
  return [
    {
      dataset: `simulated day of ${streams} streams, ${readings} readings in ${statements} statements`,
      metric: 'seconds until every decision is computed again from the files',
      better: 'lower',
      model: 'service-level 2',
      value: seconds,
      anchors: [{ name: 'aim', value: 60, source: 'aim' }],
      split: 'a reading a minute, a decision an hour',
      seed: 1,
      nanosecondsPerPoint: (seconds * 1e9) / readings,
      bytesPerStream: undefined,
      note: `${same} of ${decisions} decisions the same, bit for bit`,
    },
  ];
}

async function sealDay(node: Node, streams: number): Promise<number> {
  const signer = temporarySigner();
  await node.enrol('bench/gateway', {
    key: didKey(signer.publicKey),
    name: 'Simulated streams',
    class: 'simulated',
    subjects: ['stream/*'],
  });
  let sealed = 0;
  for (let stream = 0; stream < streams; stream++) {
    const random = uniform(stream + 1);
    const deliveries: { statement: Uint8Array; disclosure: Uint8Array }[] = [];
    let prev: Uint8Array | undefined;
    for (let seq = 0; seq * READINGS_PER_PACK * MINUTE_MS < DAY_MS; seq++) {
      const { commitment, disclosure } = detachBody(encodePack(readingsOf(seq, random)));
      const statement = await signStatement(signer, {
        kind: 'pack',
        subject: `stream/${stream}`,
        network: node.genesis.network.id,
        epoch: 0,
        seq,
        ...(prev && { prev }),
        clock: 'synchronised',
        class: 'simulated',
        contentType: contentTypes.senmlCbor,
        sealed: true,
        payload: commitment,
      });
      prev = statement.id;
      deliveries.push({ statement: statement.bytes, disclosure });
    }
    for (;;) {
      const { answers } = await node.ingest.submit(deliveries, 'bench');
      if (answers.every(({ verdict }) => verdict !== 'refused')) break;
      await sleep(100);
    }
    sealed += deliveries.length;
  }
  return sealed;
}

/** A daily curve with noise, and now and then a spike. */
function readingsOf(seq: number, random: () => number): Reading[] {
  return Array.from({ length: READINGS_PER_PACK }, (_, i) => {
    const minute = seq * READINGS_PER_PACK + i;
    const curve = 20 * Math.max(0, 1 - ((minute / 60 - 14) / 5) ** 2);
    const spike = random() < 0.001 ? 60 * random() : 0;
    return {
      quantity: 'temperature',
      unit: 'Cel',
      timeMs: startMs + minute * MINUTE_MS,
      value: Math.round((50 + curve + random() + spike) * 100) / 100,
    };
  });
}

async function decideDay(node: Node, streams: number): Promise<number> {
  const shared = { windowMs: HOUR_MS, graceMs: 0, statementsMin: 6, thresholdPpm: 700_000, creditMinorUnits: 100 };
  for (let stream = 0; stream < streams; stream++) {
    const subject = `stream/${stream}`;
    const monitor = monitorOf(
      node,
      {
        subject,
        domain: 'service-level',
        title: subject,
        startMs,
        endMs: startMs + DAY_MS,
        terms: { ...shared, thing: subject },
        currency: 'EUR',
      },
      Date.now(),
    );
    await node.decisions.propose(monitor);
  }
  const due = streams * (DAY_MS / HOUR_MS);
  for (;;) {
    const { advice } = await node.views.totals();
    if (advice >= due) return advice;
    process.stderr.write(`\r  … decided ${advice} of ${due}`);
    await sleep(2_000);
  }
}

async function replay(
  home: string,
  network: Node['genesis']['network'],
): Promise<Pick<ReplayTimes, 'same' | 'seconds' | 'secondsReading'>> {
  const begun = performance.now();
  const bodies = new BodyReader(join(home, 'bodies'));
  const folder = await readLogFolder(join(home, 'log', 'public'), { network, bodies });
  const domains = installedDomains();
  const secondsReading = (performance.now() - begun) / 1_000;
  const periods: ReplayedPeriod[] = [];
  for (const logged of folder.policies.all()) {
    const { policy } = logged;
    const request = { policy, logged, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, change: {} };
    periods.push(await replayPeriod(folder, domains, request));
  }
  const seconds = (performance.now() - begun) / 1_000;
  bodies.close();
  return { same: periods.reduce((total, period) => total + period.same, 0), seconds, secondsReading };
}

if (import.meta.main) {
  const { streams = '1000' } = parseArgs({ options: { streams: { type: 'string' } } }).values;
  const times = await replayTimes(Number(streams));
  process.stdout.write(
    [
      '',
      `${times.streams} streams, a day: ${times.statements} statements, ${times.readings} readings, ${times.decisions} decisions`,
      `replayed from the files in ${times.seconds.toFixed(1)} s (reading them: ${times.secondsReading.toFixed(1)} s)`,
      `${times.same} of ${times.decisions} decisions the same, bit for bit`,
      '',
    ].join('\n'),
  );
}
