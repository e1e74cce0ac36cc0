// Admission, the audit of a log and the verifier of a file follow one rule on who may say what.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assuranceClasses,
  contentTypeOf,
  didKey,
  type Enrolment,
  encodeStatementLeaf,
  enrolmentPayload,
  keyStatusPayload,
  labelPayload,
  type NetworkDocument,
  Principals,
  parseStatement,
  recoveryPayload,
  type Statement,
  type StatementContent,
  type StatementKind,
  signStatement,
} from '@trine/protocol';
import { temporarySigner } from '@trine/protocol/testing/signer.ts';
import { signUnknownKind } from '@trine/protocol/testing/unknown-kind.ts';
import * as values from '@trine/protocol/testing/values.ts';
import fc from 'fast-check';
import { Audit } from './audit.ts';
import { KeyDirectory } from './keys.ts';
import { type Entry, NO_UNDO } from './projection.ts';

const id = `trine:${'0'.repeat(32)}`;
const address = `0x${'1'.repeat(40)}`;
const members = [temporarySigner(), temporarySigner()];
const signers = [...members, ...Array.from({ length: 5 }, () => temporarySigner())];
const subjects = ['a', 'a/1', 'a/2', 'b', ...members.map(({ publicKey }) => didKey(publicKey))];
const network: NetworkDocument = {
  trine: 'network/1',
  id,
  name: 'Test',
  founded: '2026-01-01T00:00:00.000Z',
  members: members.map(({ publicKey }, i) => ({ name: `Member ${i}`, key: didKey(publicKey), address, logs: [] })),
  quorum: 1,
  chain: {
    ...{ id: 1, kind: 'practice', registry: address, checkpoints: address, tokens: [] },
    ...{ accounts: address, terms: address, direct: address, batch: address },
  },
};

const said = fc.record({
  by: fc.nat(signers.length - 1),
  kind: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('enrolment' as const, 'key-status' as const) },
    { weight: 3, arbitrary: fc.constantFrom('event' as const, 'label' as const, 'later' as const) },
  ),
  about: fc.nat(signers.length - 1),
  subject: fc.constantFrom(...subjects),
  patterns: fc.uniqueArray(fc.constantFrom('a', 'a/*', 'b', '*'), { minLength: 1 }),
  best: fc.constantFrom('hardware' as const, 'software' as const, 'imported' as const),
  class: fc.constantFrom(...(Object.keys(assuranceClasses) as (keyof typeof assuranceClasses)[])),
});
type Said = typeof said extends fc.Arbitrary<infer T> ? T : never;

function payloadOf({ kind, about, patterns, best }: Said): Uint8Array {
  const key = didKey((signers[about] as (typeof signers)[number]).publicKey);
  const enrolment: Enrolment = { key, name: 'x', class: best, subjects: patterns };
  if (kind === 'enrolment') return enrolmentPayload.encode(enrolment);
  if (kind === 'key-status') return keyStatusPayload.encode({ key, status: 'revoked', reason: 'x' });
  return kind === 'label' ? labelPayload.encode(values.label) : new Uint8Array(3);
}

async function sign(one: Said): Promise<Statement> {
  const signer = signers[one.by] as (typeof signers)[number];
  const kind: StatementKind = one.kind === 'later' ? 'event' : one.kind;
  const content = {
    subject: one.subject,
    network: id,
    epoch: 0,
    seq: 0,
    clock: 'synchronised',
    class: one.class,
    contentType: kind === 'event' ? 'text/plain' : contentTypeOf(kind),
    payload: payloadOf(one),
  } as const;
  return one.kind === 'later' ? signUnknownKind(signer, content, 25) : signStatement(signer, { ...content, kind });
}

/** A key is let in, shut out, and speaks: chance alone seldom comes to that. */
const about: Said = {
  by: 0,
  kind: 'enrolment',
  about: 2,
  subject: 'a',
  patterns: ['a'],
  best: 'software',
  class: 'software',
};
const revoked: Said[] = [about, { ...about, kind: 'key-status' }, { ...about, kind: 'event', by: 2 }];

/** As projections see it. */
function entryOf(statement: Statement, index: number): Entry {
  const { kind, subject, issuer } = statement.header;
  return {
    index,
    arrivalMs: 0,
    kind: kind as StatementKind,
    subject,
    issuer,
    keyOwner: '',
    flag: undefined,
    firstMs: 0,
    lastMs: 0,
    supersedes: undefined,
    statement: () => statement,
    body: () => statement.payload,
  };
}

test('property: key directory, audit and verifier give the same verdict on any log', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(said, { minLength: 1, maxLength: 25 }), async (log) => {
      const directory = new KeyDirectory();
      directory.addMembers(network);
      const principals = new Principals(network);
      const audit = new Audit(network);
      for (const [index, one] of log.entries()) {
        const statement = parseStatement((await sign(one)).bytes);
        const admitted = directory.refusalOf(statement, index);
        directory.apply(entryOf(statement, index), NO_UNDO);
        const verified = principals.take({ order: index, statement });
        assert.equal(verified, admitted, `leaf ${index}, ${one.kind}`);
        const before = audit.problemCount;
        audit.take(index, encodeStatementLeaf(0, statement.bytes));
        // A kind of a later release is refused by admission and passed over by those who read it later.
        const isProblem = admitted !== undefined && admitted !== 'unknown-kind';
        assert.equal(audit.problemCount > before, isProblem, `leaf ${index}: ${audit.problems.at(-1)?.problem}`);
        seen.add(admitted ?? 'admitted');
      }
      for (const { publicKey } of signers) {
        const did = didKey(publicKey);
        const [a, b] = [directory.get(did), principals.get(did)];
        assert.deepEqual([a?.keyOwner, a?.owner, a?.revokedAt], [b?.keyOwner, b?.owner, b?.revokedAt]);
      }
    }),
    { numRuns: 60, examples: [[revoked]] },
  );
  for (const verdict of ['admitted', 'unknown-key', 'revoked-key', 'not-permitted', 'unknown-kind'])
    assert.ok(seen.has(verdict), `the logs tried no ${verdict}`);
});

test('a recovery that names other heads than the log has is found by the audit', async () => {
  const audit = new Audit(network);
  let leaf = 0;
  const take = async (by: number, content: Partial<StatementContent> & Pick<StatementContent, 'kind' | 'payload'>) => {
    const statement = await signStatement(
      signers[by] as (typeof signers)[number],
      {
        ...{ subject: 'a', network: id, epoch: 0, seq: 0, clock: 'synchronised', class: 'software' },
        contentType: content.kind === 'event' ? 'text/plain' : contentTypeOf(content.kind),
        ...content,
      } as StatementContent,
    );
    audit.take(leaf++, encodeStatementLeaf(0, statement.bytes));
    return statement;
  };
  const key = (by: number) => didKey((signers[by] as (typeof signers)[number]).publicKey);
  const enrol = (by: number) =>
    take(0, {
      kind: 'enrolment',
      payload: enrolmentPayload.encode({ key: key(by), name: 'x', class: 'software', subjects: ['a'] }),
    });
  await enrol(2);
  const heads = [await take(2, { kind: 'event', payload: Uint8Array.of(1) })];
  heads.push(await take(2, { kind: 'event', payload: Uint8Array.of(2) }));
  await enrol(3);
  await take(0, {
    kind: 'key-status',
    payload: keyStatusPayload.encode({ key: key(2), status: 'revoked', reason: 'copied' }),
  });
  const ids = heads.map((one) => one.id).sort(Buffer.compare);
  const recovery = {
    trine: 'recovery/1',
    keyOwner: 'a',
    key: key(3),
    epoch: 1,
    from: { epoch: 0, seq: 0 },
  } as const;
  await take(0, { kind: 'recovery', payload: recoveryPayload.encode({ ...recovery, heads: ids.slice(0, 1) }) });
  assert.match(audit.problems[0]?.problem ?? '', /The heads named are not those of its sides/);
  await take(0, { kind: 'recovery', payload: recoveryPayload.encode({ ...recovery, heads: ids }) });
  assert.equal(audit.problemCount, 1);
});
