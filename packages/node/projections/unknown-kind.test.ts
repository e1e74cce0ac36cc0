// A log may hold statements of a kind that a later release brought: readers of this one pass over them.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLog } from '@trine/log/log.ts';
import {
  contentTypeOf,
  contentTypes,
  didKey,
  encodeNetwork,
  encodeStatementLeaf,
  formatVerifierKey,
  type NetworkDocument,
  type Signer,
  type StatementContent,
  signStatement,
  verifierKey,
} from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { signUnknownKind } from '@trine/protocol/testing/unknown-kind.ts';
import { openIngestHarness } from '../ingest/testing/harness.ts';
import { readLogFolder } from './log-folder.ts';

const id = `trine:${'0'.repeat(32)}`;
const arrivalMs = 1_763_884_803_000;
const content = (subject: string): Omit<StatementContent, 'kind'> => ({
  subject,
  network: id,
  epoch: 0,
  seq: 0,
  clock: 'synchronised',
  class: 'software',
  contentType: 'application/new',
  payload: new Uint8Array(7),
});
const laterLeaf = async (signer: Signer, subject: string) =>
  encodeStatementLeaf(arrivalMs, (await signUnknownKind(signer, content(subject), 24)).bytes);

test('replaying a log goes on behind them', async () => {
  const harness = await openIngestHarness();
  const device = temporarySigner();
  try {
    await harness.log.append([await laterLeaf(harness.member, 'thing/0')]).durable;
    await harness.enrol(device, 'thing/1');
    await harness.log.append([await laterLeaf(device, 'thing/1')]).durable;
    await harness.send(await harness.pack(device, { open: true }));
    const { unread, runner, keyDirectory, streams, close } = await harness.replay();
    await close();
    assert.equal(unread, 2);
    assert.deepEqual(
      runner.unreadable.map(({ leaf }) => leaf),
      [0, 2],
    );
    assert.equal(streams.snapshot().length, 1);
    assert.equal(keyDirectory.get(didKey(device.publicKey))?.keyOwner, 'thing/1');
  } finally {
    await harness.close();
  }
});

test('so does reading the folder of a log', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'trine-later-'));
  const [member, key] = [temporarySigner(), temporarySigner()];
  const origin = 'test.example/log';
  const log = await openLog({ directory, origin, sign: key.sign, publicKey: key.publicKey.raw });
  try {
    const vkey = formatVerifierKey(verifierKey(origin, key.publicKey.raw));
    const network = networkOf(member, [{ origin, vkey }]);
    const first = await signStatement(member, {
      ...content(id),
      kind: 'network',
      contentType: contentTypeOf('network'),
      payload: encodeNetwork(network),
    });
    const leaves = [encodeStatementLeaf(arrivalMs, first.bytes), await laterLeaf(member, 'thing/0')];
    await log.append(leaves).durable;
    await log.waitForCheckpoint(2);
    const folder = await readLogFolder(join(directory, 'public'), { network, bodies: { read: () => undefined } });
    assert.equal(folder.size, 2);
  } finally {
    await log.close();
    rmSync(directory, { recursive: true, force: true });
  }
});

function networkOf(member: Signer, logs: NetworkDocument['members'][number]['logs']): NetworkDocument {
  const address = `0x${'1'.repeat(40)}`;
  return {
    trine: 'network/1',
    id,
    name: 'Test',
    founded: '2026-01-01T00:00:00.000Z',
    members: [{ name: 'Member', key: didKey(member.publicKey), address, logs }],
    quorum: 1,
    chain: {
      ...{ id: 1, kind: 'practice', registry: address, checkpoints: address, tokens: [] },
      ...{ accounts: address, terms: address, direct: address, batch: address },
    },
  };
}

test('a body that cannot be read holds what its header names; a kind of a later release, and a stranger, hold nothing', async () => {
  const harness = await openIngestHarness();
  const [device, stranger] = [temporarySigner(), temporarySigner()];
  try {
    await harness.enrol(device, 'thing/1');
    await harness.enrol(stranger, 'thing/2');
    const junk = async (signer: Signer, subject: string) => {
      const made = await signStatement(signer, {
        ...content(subject),
        kind: 'event',
        contentType: contentTypes.senmlCbor,
      });
      const pack = await signStatement(signer, { ...made.header, kind: 'pack', payload: new Uint8Array(5) });
      return encodeStatementLeaf(arrivalMs, pack.bytes);
    };
    await harness.log.append([
      await junk(device, 'thing/1'),
      await laterLeaf(device, 'thing/1'),
      await junk(temporarySigner(), 'thing/1'),
      await junk(stranger, 'thing/1'),
      new Uint8Array(12),
    ]).durable;
    const { runner, close } = await harness.replay();
    await close();
    assert.deepEqual(
      runner.unreadable.map(({ leaf, subject }) => [leaf, subject ?? undefined]),
      [
        [2, 'thing/1'],
        [3, undefined],
        [4, undefined],
        [5, undefined],
        [6, undefined],
      ],
    );
  } finally {
    await harness.close();
  }
});
