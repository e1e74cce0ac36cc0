// Batches: what stands in the columns, read back as entries; and which of what cannot be read holds something.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  contentTypes,
  detachBody,
  encodePack,
  type Refusal,
  refusals,
  type StatementContent,
  signStatement,
  statementKinds,
} from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import {
  BatchEntry,
  disclosureAt,
  idAt,
  issuerAt,
  isUnreadInput,
  openBatch,
  placeAt,
  subjectAt,
  timesAt,
} from './batch.ts';
import type { VerifyResult } from './verify-columns.ts';

const signer = temporarySigner();
const network = `trine:${'0'.repeat(32)}`;
const previous = new Uint8Array(32).fill(0xe9);

const sign = (more: Partial<StatementContent>) =>
  signStatement(signer, {
    ...{ kind: 'pack', subject: 'thing/1', network, epoch: 3, seq: 0, clock: 'synchronised', class: 'software' },
    ...{ contentType: contentTypes.senmlCbor, payload: new Uint8Array(1), ...more },
  } as StatementContent);

/** Two packs: the first in the log with two readings, the second behind its hash, replacing the first. */
async function columns(): Promise<{ columns: VerifyResult; body: Uint8Array; ids: Uint8Array[] }> {
  const body = encodePack([{ quantity: 'q', unit: '', timeMs: 5, value: 1 }]);
  const sealed = detachBody(body, new Uint8Array(16).fill(1));
  const one = await sign({ payload: body });
  const two = await sign({ seq: 1, prev: previous, sealed: true, payload: sealed.commitment, supersedes: one.id });
  const parts = [one.bytes, two.bytes, sealed.disclosure];
  const offsets = [0, one.bytes.length, 0, one.bytes.length, two.bytes.length, sealed.disclosure.length];
  const given = {
    ...{ type: 'verified', batch: 0, count: 2, buffer: Uint8Array.from(Buffer.concat(parts)).buffer },
    ...{ offsets: Uint32Array.from(offsets), arrivalMs: Float64Array.of(100, 200), refusal: new Uint8Array(2) },
    ids: Uint8Array.from(Buffer.concat([one.id, two.id])),
    prevs: Uint8Array.from(Buffer.concat([new Uint8Array(32), previous])),
    ...{ hasPrev: Uint8Array.of(0, 1), kind: Uint8Array.of(1, 1).fill(statementKinds.pack), class: new Uint8Array(2) },
    ...{ sealed: Uint8Array.of(0, 1), epoch: Float64Array.of(3, 3), seq: Float64Array.of(0, 1) },
    ...{ subject: Uint32Array.of(0, 0), issuer: Uint32Array.of(1, 1), words: ['thing/1', one.header.issuer, 'q\n'] },
    ...{ readingStart: Uint32Array.of(0, 2, 2), readingName: Uint32Array.of(2, 2) },
    ...{ readingTimeMs: Float64Array.of(9, 5), readingValue: Float64Array.of(1, 2), texts: [], messages: [] },
    ...{ supersedes: [[1, one.id]], transfer: [] },
  };
  return { columns: given as unknown as VerifyResult, body, ids: [one.id, two.id] };
}

test('of each statement its id, place, times and disclosure are found where they stand', async () => {
  const { columns: all, ids } = await columns();
  const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
  assert.deepEqual([idAt(all, 0), idAt(all, 1)].map(latin1), ids.map(latin1));
  assert.deepEqual(placeAt(all, 0), { epoch: 3, seq: 0, id: latin1(ids[0] as Uint8Array), prev: undefined });
  assert.equal(placeAt(all, 1).prev, latin1(previous));
  assert.deepEqual(timesAt(all, 0), { firstMs: 5, lastMs: 9 }, 'whatever their order');
  assert.deepEqual(timesAt(all, 1), { firstMs: 200, lastMs: 200 }, 'without readings it stands at its arrival');
  assert.deepEqual([subjectAt(all, 1), issuerAt(all, 1)], ['thing/1', all.words[1]]);
  assert.deepEqual([disclosureAt(all, 0).length, disclosureAt(all, 1).length > 16], [0, true]);
});

test('an entry moves from one to the next and says of each what stands there', async () => {
  const { columns: all, body, ids } = await columns();
  const batch = openBatch(all);
  assert.deepEqual([...batch.leaf], [-1, -1], 'nothing has a leaf yet');
  batch.keyOwners[1] = 'thing/1';
  batch.firstMs[1] = 7;
  batch.lastMs[1] = 8;
  batch.flag[1] = 0;
  const entry = new BatchEntry();
  assert.deepEqual(Buffer.from(entry.at(batch, 0, 40).body() ?? []), Buffer.from(body));
  assert.equal(entry.supersedes, undefined);
  const first = entry.statement();
  assert.equal(entry.statement(), first, 'read once');
  entry.at(batch, 1, 41);
  assert.notEqual(entry.statement(), first);
  assert.deepEqual(
    [entry.index, entry.arrivalMs, entry.kind, entry.subject, entry.keyOwner, entry.firstMs, entry.lastMs, entry.flag],
    [41, 200, 'pack', 'thing/1', 'thing/1', 7, 8, undefined],
  );
  assert.deepEqual(Buffer.from(entry.body() ?? []), Buffer.from(body), 'what it discloses');
  assert.deepEqual(Buffer.from(entry.supersedes ?? []), Buffer.from(ids[0] as Uint8Array));
});

test('one whose body was erased has none', async () => {
  const { columns: all } = await columns();
  all.offsets[5] = 0;
  assert.equal(new BatchEntry().at(openBatch(all), 1, 1).body(), undefined);
});

test('a reading or event of which only the body cannot be read holds; what was never said by whom it names does not', async () => {
  const { columns: all } = await columns();
  const codes = Object.keys(refusals) as Refusal[];
  const holds = (refusal: Refusal | undefined, kind: keyof typeof statementKinds) => {
    all.refusal[0] = refusal === undefined ? 0 : codes.indexOf(refusal) + 1;
    all.kind[0] = statementKinds[kind];
    return isUnreadInput(all, 0);
  };
  assert.deepEqual(
    ['bad-commitment', 'malformed'].map((one) => holds(one as Refusal, 'pack')),
    [true, true],
  );
  assert.equal(holds('bad-commitment', 'event'), true);
  assert.equal(holds('bad-commitment', 'label'), false);
  assert.equal(holds(undefined, 'pack'), false);
  for (const one of [
    'unknown-kind',
    'unknown-key',
    'revoked-key',
    'bad-signature',
    'wrong-network',
    'not-permitted',
  ] as const)
    assert.equal(holds(one, 'pack'), false, one);
});
