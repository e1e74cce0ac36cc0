// Load generator for the node, a process of its own: signs everything first, then sends and collects acknowledgements.

import type { LocalSigner } from '@trine/node/access/keystore.ts';
import { ACKNOWLEDGEMENTS, didKey, parseDidKey, STATEMENTS, verifyAcknowledgement } from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { encodePublish, MqttSocket } from './mqtt-socket.ts';
import { signedMessages, subjectOf, type Workload } from './workload.ts';

export interface SignedLoad extends Workload {
  readonly run: string;
  readonly mqttPort: number;
  readonly network: string;
  readonly gateway: string;
  /** Messages of one device sent and not yet acknowledged, at most. */
  readonly messagesInFlight: number;
  /** Messages a second over all devices; absent: as fast as they are acknowledged. */
  readonly messagesPerSecond?: number;
  /** For receipts: one message in so many tells of its leaf at once. */
  readonly probeEvery?: number;
}

export type ToSender = { type: 'prepare'; load: SignedLoad } | { type: 'sign' } | { type: 'go' };
export type FromSender =
  | { type: 'keys'; devices: { key: string; subject: string }[] }
  | { type: 'ready' }
  | { type: 'probe'; leaf: number; sentAtMs: number }
  | { type: 'done'; seconds: number; sealed: number; answers: number; lastLeaf: number; cpuSeconds: number };

interface Lane {
  readonly socket: MqttSocket;
  readonly packets: Buffer[];
  readonly sentAtMs: number[];
  readonly acknowledgements: Uint8Array[];
}

const signers: LocalSigner[] = [];
const lanes: Lane[] = [];
let load: SignedLoad;

const say = (message: FromSender): void => {
  process.send?.(message);
};

function prepare(): void {
  for (let d = 0; d < load.devices; d++) signers.push(temporarySigner());
  say({
    type: 'keys',
    devices: signers.map(({ publicKey }, d) => ({ key: didKey(publicKey), subject: subjectOf(load.run, d) })),
  });
}

async function sign(): Promise<void> {
  for (const [d, signer] of signers.entries()) {
    const subject = subjectOf(load.run, d);
    const messages = await signedMessages(load, load.run, d, signer, load.network);
    const packets = messages.map((message, m) => encodePublish(STATEMENTS + subject, message, m));
    const socket = await MqttSocket.open(load.mqttPort, `bench-${load.run}-${d}`, ACKNOWLEDGEMENTS + subject);
    lanes.push({ socket, packets, sentAtMs: [], acknowledgements: [] });
  }
  say({ type: 'ready' });
}

function sendNext(lane: Lane): void {
  const packet = lane.packets[lane.sentAtMs.length];
  if (packet === undefined) return;
  lane.sentAtMs.push(performance.timeOrigin + performance.now());
  lane.socket.send(packet);
}

async function run(): Promise<void> {
  const gateway = parseDidKey(load.gateway);
  const total = lanes.reduce((sum, { packets }) => sum + packets.length, 0);
  let left = total;
  const cpuBefore = process.cpuUsage();
  const begun = performance.now();
  await new Promise<void>((resolve) => {
    for (const lane of lanes)
      lane.socket.onMessage = (payload) => {
        const m = lane.acknowledgements.push(payload) - 1;
        if (load.probeEvery !== undefined && (total - left) % load.probeEvery === 0) {
          const leaf = verifyAcknowledgement(payload, gateway).at(-1)?.index;
          if (leaf !== undefined) say({ type: 'probe', leaf, sentAtMs: lane.sentAtMs[m] as number });
        }
        if (--left === 0) resolve();
        else if (load.messagesPerSecond === undefined) sendNext(lane);
      };
    if (load.messagesPerSecond === undefined)
      for (const lane of lanes) for (let i = 0; i < load.messagesInFlight; i++) sendNext(lane);
    else pace(load.messagesPerSecond, total);
  });
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  let sealed = 0;
  let answers = 0;
  let lastLeaf = -1;
  // Every acknowledgement is verified, after the clock has stopped.
  for (const { acknowledgements } of lanes)
    for (const acknowledgement of acknowledgements)
      for (const answer of verifyAcknowledgement(acknowledgement, gateway)) {
        answers++;
        if (answer.verdict === 'sealed') sealed++;
        lastLeaf = Math.max(lastLeaf, answer.index ?? -1);
      }
  for (const { socket } of lanes) socket.close();
  say({ type: 'done', seconds, sealed, answers, lastLeaf, cpuSeconds: (user + system) / 1e6 });
  process.disconnect();
}

/** Sends at an even rate, the devices in turn. */
function pace(perSecond: number, total: number): void {
  const begun = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(total, Math.floor(((performance.now() - begun) / 1000) * perSecond));
    for (; sent < due; sent++) sendNext(lanes[sent % lanes.length] as Lane);
    if (sent === total) clearInterval(timer);
  }, 5);
}

process.on('message', (message: ToSender) => {
  if (message.type === 'prepare') {
    load = message.load;
    prepare();
  } else if (message.type === 'sign') void sign();
  else void run();
});
