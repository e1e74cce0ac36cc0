// The readings all loads are made of: the same, whoever carries them.

import type { LocalSigner } from '@trine/node/access/keystore.ts';
import { contentTypes, detachBody, encodeDelivery, encodePack, type Reading, signStatement } from '@trine/protocol';

/** What is sent. */
export interface Workload {
  readonly devices: number;
  /** Packs in all, spread evenly over the devices. */
  readonly packs: number;
  readonly readingsPerPack: number;
  readonly packsPerMessage: number;
  /** Publish the bodies in the log; otherwise they are sealed. */
  readonly open: boolean;
}

const quantities = [
  ['temperature', 'Cel'],
  ['humidity', '%RH'],
  ['power', 'W'],
  ['pressure', 'Pa'],
] as const;

/** Subject of device `d`; `run` keeps the runs of one network apart. */
export function subjectOf(run: string, d: number): string {
  return `bench/${run}/${d}`;
}

/** The readings of pack `p` of a device: four quantities in turn, a second apart, one decimal. */
export function readingsOf(device: number, p: number, count: number, startMs: number): Reading[] {
  return Array.from({ length: count }, (_, r) => {
    const n = p * count + r;
    const [quantity, unit] = quantities[n % quantities.length] as (typeof quantities)[number];
    const value = (200 + ((n * 7 + device * 13) % 100)) / 10;
    return { quantity, unit, timeMs: startMs + Math.floor(n / quantities.length) * 1_000, value };
  });
}

/** The messages of one device as payloads: CBOR sequences of signed deliveries, in the order of its hash chain. */
export async function signedMessages(
  workload: Workload,
  run: string,
  device: number,
  signer: LocalSigner,
  network: string,
): Promise<Uint8Array[]> {
  const packs = Math.ceil(workload.packs / workload.devices);
  const startMs = startOf(workload);
  const messages: Uint8Array[] = [];
  let prev: Uint8Array | undefined;
  for (let p = 0; p < packs; ) {
    const parts: Uint8Array[] = [];
    for (const end = Math.min(packs, p + workload.packsPerMessage); p < end; p++) {
      const body = encodePack(readingsOf(device, p, workload.readingsPerPack, startMs));
      const sealed = workload.open ? undefined : detachBody(body);
      const statement = await signStatement(signer, {
        kind: 'pack',
        subject: subjectOf(run, device),
        network,
        epoch: 0,
        seq: p,
        ...(prev && { prev }),
        clock: 'synchronised',
        class: 'software',
        contentType: contentTypes.senmlCbor,
        sealed: sealed !== undefined,
        payload: sealed?.commitment ?? body,
      });
      prev = statement.id;
      parts.push(encodeDelivery({ statement: statement.bytes, ...(sealed && { disclosure: sealed.disclosure }) }));
    }
    messages.push(Buffer.concat(parts));
  }
  return messages;
}

/** The same messages unsigned: JSON lists of SenML packs. */
export function plainMessages(workload: Workload, run: string, device: number): Uint8Array[] {
  const packs = Math.ceil(workload.packs / workload.devices);
  const startMs = startOf(workload);
  const messages: Uint8Array[] = [];
  for (let p = 0; p < packs; ) {
    const parts: unknown[] = [];
    for (const end = Math.min(packs, p + workload.packsPerMessage); p < end; p++)
      parts.push(
        readingsOf(device, p, workload.readingsPerPack, startMs).map(({ quantity, unit, timeMs, value }, i) => ({
          ...(i === 0 && { bn: `${subjectOf(run, device)}/` }),
          n: quantity,
          u: unit,
          t: timeMs / 1000,
          v: value,
        })),
      );
    messages.push(Buffer.from(JSON.stringify(parts)));
  }
  return messages;
}

/** Event times end in the past: readings may not be dated ahead. */
function startOf({ packs, devices, readingsPerPack }: Workload): number {
  const seconds = Math.ceil((packs / devices) * readingsPerPack);
  return Math.floor(Date.now() / 1000) * 1000 - seconds * 1_000;
}
