// Identities of an installation: the member and the gateway it speaks as, and the keys it lets in and shuts out.
import {
  didKey,
  type Enrolment,
  encodeNetwork,
  enrolmentPayload,
  keyStatusPayload,
  type Signer,
  TrineError,
} from '@trine/protocol';
import type { Random } from '@trine/system/random.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { Issuer } from '../ingest/issuer.ts';
import { machineSubject } from '../own-device.ts';
import type { KeyDirectory } from '../projections/keys.ts';
import type { SequenceTracker } from '../projections/sequences.ts';
import type { Genesis } from './genesis.ts';
import { type Recovered, recoverSequence } from './recover.ts';

export interface IdentitiesOptions {
  readonly genesis: Genesis;
  readonly ingest: Ingest;
  readonly keyDirectory: KeyDirectory;
  readonly sequences: SequenceTracker;
  /** What the node itself speaks as. */
  readonly subject: string;
  readonly random: Random;
  /** Of the machine the node runs on. */
  readonly hostname: string;
  /** Leaves there are. */
  readonly logSize: number;
}

export interface Identities {
  readonly member: Issuer;
  readonly gateway: Issuer;
  /** Subject of the machine the node runs on. */
  readonly deviceSubject: string;
  /** Enrols a key about a thing; enrolling the same key again changes nothing. */
  enrol(subject: string, enrolment: Enrolment): Promise<void>;
  revoke(did: string, reason: string): Promise<void>;
  /** @see recoverSequence */
  recover(given: Parameters<typeof recoverSequence>[1]): Promise<Recovered>;
}

/** Appends the network document where the log is empty, and enrols the installation's own keys. */
export async function openIdentities(options: IdentitiesOptions): Promise<Identities> {
  const { genesis, ingest, keyDirectory, sequences, subject, logSize, random } = options;
  const { keys, network } = genesis;
  const memberKey = didKey(keys.member.publicKey);
  const member = new Issuer({
    signer: keys.member,
    keyOwner: memberKey,
    network: network.id,
    ingest,
    sequences,
    random,
  });
  const gateway = new Issuer({
    signer: keys.gateway,
    keyOwner: subject,
    network: network.id,
    ingest,
    sequences,
    random,
  });
  if (logSize === 0) await member.issue('network', network.id, encodeNetwork(network));
  let enrolling: Promise<unknown> = Promise.resolve();
  // One after the other: of two that come together the second finds the key there.
  const enrol = (about: string, enrolment: Enrolment): Promise<void> => {
    const enrolled = enrolling.then(async () => {
      if (keyDirectory.get(enrolment.key)) return;
      await member.issue('enrolment', about, enrolmentPayload.encode(enrolment));
    });
    enrolling = enrolled.catch(() => undefined);
    return enrolled;
  };
  const enrolOwn = (about: string, name: string, { publicKey }: Signer, subjects: string[]) =>
    enrol(about, { key: didKey(publicKey), name, class: 'software', subjects });
  const deviceSubject = machineSubject(options.hostname);
  await enrolOwn(subject, 'This node', keys.gateway, ['*']);
  await enrolOwn(deviceSubject, 'This computer', keys.device, [deviceSubject]);
  const ownKeys = [keys.gateway, keys.device].map(({ publicKey }) => didKey(publicKey));
  const revoke = async (did: string, reason: string): Promise<void> => {
    const entry = keyDirectory.get(did);
    if (entry === undefined || entry.enrolledAt < 0) throw new TrineError('not-found', 'Nobody enrolled this key.');
    if (ownKeys.includes(did))
      throw new TrineError(
        'conflict',
        'This is a key of the node itself: without it nothing here is decided any more.',
      );
    if (entry.revokedAt !== undefined) return;
    const status = keyStatusPayload.encode({ key: did, status: 'revoked', reason });
    await member.issue('key-status', entry.keyOwner, status);
  };
  return {
    member,
    gateway,
    deviceSubject,
    enrol,
    revoke,
    recover: (given) => recoverSequence({ keyDirectory, sequences, member, own: ownKeys, revoke }, given),
  };
}
