// Ingest as a whole for tests: a real log, real bodies, real threads, real tables.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Domains } from '@trine/engine';
import { openLog } from '@trine/log/log.ts';
import type { Log } from '@trine/log/types.ts';
import {
  type Answer,
  contentTypeOf,
  contentTypes,
  detachBody,
  didKey,
  type Enrolment,
  encodeDeliveries,
  encodePack,
  enrolmentPayload,
  type NetworkDocument,
  policyHash,
  type Reading,
  type Statement,
  type StatementContent,
  signStatement,
  verifyAcknowledgement,
} from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { systemTimers } from '@trine/system/time.ts';
import { threads } from '@trine/system/workers.ts';
import { Bodies } from '../../access/bodies.ts';
import type { LocalSigner } from '../../access/keystore.ts';
import type { KeyDirectory } from '../../projections/keys.ts';
import { openProjections, type Projections } from '../../projections/open.ts';
import type { SequenceTracker } from '../../projections/sequences.ts';
import { openStore, type Store } from '../../projections/tables/store.ts';
import { createAcknowledger } from '../acknowledger.ts';
import { Ingest, type IngestOptions } from '../ingest.ts';

export const networkId = `trine:${'0'.repeat(32)}`;
const address = `0x${'1'.repeat(40)}`;

export interface IngestHarness {
  readonly ingest: Ingest;
  readonly log: Log;
  readonly bodies: Bodies;
  readonly sequences: SequenceTracker;
  readonly keyDirectory: KeyDirectory;
  readonly projections: Projections;
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
  /** What follows from the log alone, in tables of its own. */
  replay(): Promise<Projections>;
  close(): Promise<void>;
}

export const someReadings: readonly Reading[] = [
  { quantity: 'temperature', unit: 'Cel', timeMs: 1_763_884_800_000, value: 21.5 },
];

export async function openIngestHarness(
  statementsPerSecondMax = 1_000_000,
  { isBehind = () => false, ...options }: Partial<IngestOptions> & { readonly isBehind?: () => boolean } = {},
): Promise<IngestHarness> {
  const directory = mkdtempSync(join(tmpdir(), 'trine-way-in-'));
  const [member, gateway, logKey] = [temporarySigner(), temporarySigner(), temporarySigner()];
  const network = {
    trine: 'network/1',
    id: networkId,
    name: 'Test',
    founded: '2026-01-01T00:00:00.000Z',
    members: [{ name: 'Member', key: didKey(member.publicKey), address, logs: [] }],
    quorum: 1,
    chain: {
      ...{ id: 1, kind: 'practice', registry: address, checkpoints: address, tokens: [] },
      ...{ accounts: address, terms: address, direct: address, batch: address },
    },
  } as NetworkDocument;
  const log = await openLog({
    directory: join(directory, 'log'),
    origin: 'test.example/log',
    sign: logKey.sign,
    publicKey: logKey.publicKey.raw,
  });
  const bodies = new Bodies(join(directory, 'bodies'));
  const stores: Store[] = [];
  const open = async (): Promise<Projections> => {
    const store = await openStore(join(directory, `views-${stores.length}.duckdb`));
    stores.push(store);
    return openProjections({
      network,
      log,
      bodies,
      store,
      domains: new Domains([]),
      decider: didKey(member.publicKey),
      agreementId: (agreement) => policyHash(agreement),
      timers: systemTimers,
      workers: threads(2),
      onError: (error) => {
        throw error;
      },
    });
  };
  const projections = await open();
  const { keyDirectory, sequences, runner, admission, pool } = projections;
  const ingest = new Ingest({
    log,
    bodies,
    admission,
    runner: {
      appended: (batch) => runner.appended(batch),
      appendedIntent: (encoded, leaf) => runner.appendedIntent(encoded, leaf),
      snapshot: (leaf) => runner.snapshot(leaf),
      get isBehind() {
        return isBehind();
      },
    },
    pool,
    acknowledger: createAcknowledger(gateway, { network: networkId, subject: 'node/test', now: () => Date.now() }),
    now: () => Date.now(),
    timers: systemTimers,
    statementsPerSecondMax,
    ...options,
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
  const harness: IngestHarness = {
    ingest,
    log,
    bodies,
    sequences,
    keyDirectory,
    projections,
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
      await harness.say({ kind: 'enrolment', subject, payload });
    },
    async pack(signer, { readings = someReadings, open = false, ...content } = {}) {
      const body = content.payload ?? encodePack(readings);
      const sealed = open ? undefined : detachBody(body);
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
      const { acknowledgement } = await ingest.take(message, 'test');
      return verifyAcknowledgement(acknowledgement, gateway.publicKey);
    },
    async say(content, signer = member) {
      const statement = await next(signer, {
        ...base,
        subject: 'thing/1',
        contentType: content.kind === 'event' ? 'text/plain' : contentTypeOf(content.kind),
        ...content,
      } as StatementContent);
      return (await harness.send({ statement }))[0] as Answer;
    },
    replay: open,
    async close() {
      await ingest.close();
      await runner.flush();
      await projections.close();
      for (const store of stores) await store.close();
      await bodies.close();
      await log.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return harness;
}

function dropUndefined(content: StatementContent): StatementContent {
  return Object.fromEntries(
    Object.entries(content).filter(([, value]) => value !== undefined),
  ) as unknown as StatementContent;
}
