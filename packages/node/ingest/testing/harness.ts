// The way in as a whole for tests: a real log, real bodies, real threads; only the store is left out.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '@trine/log/log.ts';
import type { Log } from '@trine/log/types.ts';
import { didKey } from '@trine/protocol/keys.ts';
import { type Enrolment, enrolmentPayload } from '@trine/protocol/payloads/enrolment.ts';
import type { NetworkDocument } from '@trine/protocol/payloads/network.ts';
import { encodePack, type Reading } from '@trine/protocol/senml/senml.ts';
import { type Answer, verifyAcknowledgement } from '@trine/protocol/statement/acknowledgement.ts';
import { sealBody } from '@trine/protocol/statement/body.ts';
import { encodeDeliveries } from '@trine/protocol/statement/delivery.ts';
import {
  contentTypes,
  type Statement,
  type StatementContent,
  signStatement,
} from '@trine/protocol/statement/statement.ts';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { Bodies } from '../../access/bodies.ts';
import type { LocalSigner } from '../../access/keystore.ts';
import { Keyring } from '../../projections/keys.ts';
import { ChainBook } from '../../projections/sequences.ts';
import { StreamBook } from '../../projections/streams.ts';
import { createAcknowledger } from '../acknowledger.ts';
import { Intake } from '../ingest.ts';
import { VerifyPool } from '../verify-pool.ts';

export const networkId = `trine:${'0'.repeat(32)}`;
const address = `0x${'1'.repeat(40)}`;

export interface WayIn {
  readonly intake: Intake;
  readonly log: Log;
  readonly bodies: Bodies;
  readonly chains: ChainBook;
  readonly keyring: Keyring;
  readonly member: LocalSigner;
  readonly gateway: LocalSigner;
  /** Enrols a key about a thing. */
  enrol(signer: LocalSigner, subject: string, more?: Partial<Enrolment>): Promise<void>;
  /** Signs a pack; sealed unless told otherwise. */
  pack(
    signer: LocalSigner,
    content?: Partial<StatementContent> & { readings?: readonly Reading[]; open?: boolean },
  ): Promise<{ statement: Statement; disclosure?: Uint8Array }>;
  /** Sends deliveries as one message and reads the signed answers. */
  send(...deliveries: { statement: Statement | Uint8Array; disclosure?: Uint8Array | undefined }[]): Promise<Answer[]>;
  say(
    content: Partial<StatementContent> & Pick<StatementContent, 'kind' | 'payload'>,
    signer?: LocalSigner,
  ): Promise<Answer>;
  close(): Promise<void>;
}

export const someReadings: readonly Reading[] = [
  { quantity: 'temperature', unit: 'Cel', timeMs: 1_763_884_800_000, value: 21.5 },
];

export async function openWayIn(statementsPerSecondMax = 1_000_000): Promise<WayIn> {
  const directory = mkdtempSync(join(tmpdir(), 'trine-way-in-'));
  const [member, gateway, logKey] = [temporarySigner(), temporarySigner(), temporarySigner()];
  const network = {
    trine: 'network/1',
    id: networkId,
    name: 'Test',
    founded: '2026-01-01T00:00:00.000Z',
    members: [{ name: 'Member', key: didKey(member.publicKey), address, logs: [] }],
    quorum: 1,
    chain: { id: 1, kind: 'practice', registry: address, checkpoints: address, agreements: address, tokens: [] },
  } as NetworkDocument;
  const log = await openLog({
    directory: join(directory, 'log'),
    origin: 'test.example/log',
    sign: logKey.sign,
    publicKey: logKey.publicKey.raw,
  });
  const bodies = new Bodies(join(directory, 'bodies'));
  const keyring = new Keyring();
  keyring.addMembers(network);
  const chains = new ChainBook();
  const pool = new VerifyPool(networkId, keyring, 2);
  const intake = new Intake({
    log,
    bodies,
    keyring,
    chains,
    streams: new StreamBook(),
    pool,
    acknowledger: createAcknowledger(gateway, { network: networkId, subject: 'node/test', now: () => Date.now() }),
    now: () => Date.now(),
    findOld: async () => undefined,
    isBehind: () => false,
    statementsPerSecondMax,
  });
  const seqs = new Map<string, number>();
  const heads = new Map<string, Uint8Array>();
  const next = async (signer: LocalSigner, content: StatementContent): Promise<Statement> => {
    const name = `${didKey(signer.publicKey)} ${content.subject}`;
    const seq = (seqs.get(name) ?? -1) + 1;
    const prev = heads.get(name);
    const statement = await signStatement(signer, {
      ...(prev && { prev }),
      ...dropUndefined({ ...content, seq: content.seq ?? seq }),
    });
    seqs.set(name, statement.header.seq);
    heads.set(name, statement.id);
    return statement;
  };
  const base = { network: networkId, epoch: 0, clock: 'synchronised', class: 'software' } as const;
  const wayIn: WayIn = {
    intake,
    log,
    bodies,
    chains,
    keyring,
    member,
    gateway,
    async enrol(signer, subject, more = {}) {
      const payload = enrolmentPayload.encode({
        key: didKey(signer.publicKey),
        name: subject,
        class: 'software',
        subjects: [subject],
        ...more,
      });
      await wayIn.say({ kind: 'enrolment', subject, payload });
    },
    async pack(signer, { readings = someReadings, open = false, ...content } = {}) {
      const body = content.payload ?? encodePack(readings);
      const sealed = open ? undefined : sealBody(body);
      const statement = await next(signer, {
        ...base,
        kind: 'pack',
        subject: 'thing/1',
        contentType: contentTypes.senmlCbor,
        ...content,
        sealed: !open,
        payload: sealed?.commitment ?? body,
      } as StatementContent);
      return { statement, ...(sealed && { disclosure: sealed.disclosure }) };
    },
    async send(...deliveries) {
      const message = encodeDeliveries(
        deliveries.map(({ statement, disclosure }) => ({
          statement: 'bytes' in statement ? statement.bytes : statement,
          ...(disclosure && { disclosure }),
        })),
      );
      const { acknowledgement } = await intake.take(message, 'test');
      return verifyAcknowledgement(acknowledgement, gateway.publicKey);
    },
    async say(content, signer = member) {
      const statement = await next(signer, {
        ...base,
        subject: 'thing/1',
        contentType: 'application/cbor',
        ...content,
      } as StatementContent);
      return (await wayIn.send({ statement }))[0] as Answer;
    },
    async close() {
      await intake.close();
      await pool.close();
      await bodies.close();
      await log.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return wayIn;
}

function dropUndefined(content: StatementContent): StatementContent {
  return Object.fromEntries(
    Object.entries(content).filter(([, value]) => value !== undefined),
  ) as unknown as StatementContent;
}
