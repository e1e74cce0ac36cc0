import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex, toHex, toUtf8 } from './bytes.ts';
import { FormatError } from './errors.ts';
import { Contents } from './evidence/contents.ts';
import { didKey } from './keys.ts';
import { contentTypeOf, kindNames, kindOfCode, kinds, type StatementKind, statementKinds } from './kinds.ts';
import { limits } from './limits.ts';
import { checkBody, checkPayload } from './payloads/check.ts';
import { enrolmentPayload, keyStatusPayload } from './payloads/enrolment.ts';
import { encodeNetwork } from './payloads/network.ts';
import { settlementPayload } from './payloads/settlement.ts';
import { encodePack } from './senml/senml.ts';
import { encodeStatementLeaf } from './statement/leaf.ts';
import { parseStatement, type StatementContent, signStatement, verifyStatement } from './statement/statement.ts';
import { temporarySigner } from './testing/signer.ts';
import { signUnknownKind } from './testing/unknown-kind.ts';
import * as values from './testing/values.ts';

const golden = JSON.parse(
  readFileSync(new URL('../../vectors/payloads/payloads.json', import.meta.url), 'utf8'),
) as Record<string, string>;
const signer = temporarySigner();
const did = didKey(signer.publicKey);
const hash = new Uint8Array(32).fill(7);
const address = `0x${'1'.repeat(40)}`;

/** A good payload of each kind. */
const payloads: Readonly<Record<StatementKind, Uint8Array>> = {
  pack: encodePack([{ quantity: 'temperature', unit: 'Cel', timeMs: 1_763_884_800_000, value: 21.5 }]),
  decision: fromHex(golden.decision as string),
  enrolment: enrolmentPayload.encode({ key: did, name: 'Door', class: 'software', subjects: ['door/*'] }),
  'key-status': keyStatusPayload.encode({ key: did, status: 'revoked', reason: 'stolen' }),
  agreement: fromHex(golden.agreement as string),
  state: fromHex(golden.state as string),
  settlement: settlementPayload.encode({
    intent: hash,
    transaction: hash,
    block: { chainId: 1, number: 2, hash, timeS: 3 },
    anchorBlock: { number: 1, hash },
  }),
  acknowledgement: hash,
  network: encodeNetwork({
    trine: 'network/1',
    id: `trine:${'0'.repeat(32)}`,
    name: 'Test',
    founded: '2026-01-01T00:00:00.000Z',
    members: [{ name: 'Member', key: did, address, logs: [] }],
    quorum: 1,
    chain: {
      ...{ id: 1, kind: 'evm', registry: address, checkpoints: address, tokens: [] },
      ...{ accounts: address, terms: address, direct: address, batch: address },
    },
  }),
  monitor: fromHex(golden.monitor as string),
  model: fromHex(golden.model as string),
  approval: fromHex(golden.approval as string),
  'model-change': fromHex(golden['model-change'] as string),
  label: fromHex(golden.label as string),
  event: toUtf8('anything'),
  row: fromHex(golden.row as string),
  'alert-status': fromHex(golden['alert-status'] as string),
  erasure: fromHex(golden.erasure as string),
  recovery: fromHex(golden.recovery as string),
  consent: fromHex(golden.consent as string),
  'policy-end': fromHex(golden['policy-end'] as string),
  link: fromHex(golden.link as string),
  account: fromHex(golden.account as string),
  release: fromHex(golden.release as string),
};

const statement = (kind: StatementKind, payload: Uint8Array, more: Partial<StatementContent> = {}) => ({
  header: {
    kind,
    kindCode: statementKinds[kind],
    contentType: kind === 'event' ? 'text/plain' : contentTypeOf(kind),
    subject: 'thing/1',
    clock: 'synchronised',
    sealed: false,
    ...more,
  } as never,
  payload,
});

test('codes are given once, and lead back to their names', () => {
  assert.equal(new Set(Object.values(statementKinds)).size, kindNames.length);
  for (const name of kindNames) assert.equal(kindOfCode(statementKinds[name]), name);
  for (const code of [0, kindNames.length + 1, 255, 257, 2 ** 32, -1]) assert.equal(kindOfCode(code), 'unknown');
});

test('the table of the specification is this one', () => {
  const page = readFileSync(new URL('../../docs/reference/statement.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| (\d+) \| ([a-z-]+) \| (?:the |an? )?(.+?) \| (.+?) \| (.+?) \|$/gm)].slice(
    -kindNames.length,
  );
  const issuers = { device: 'enrolled key', member: 'member', decider: 'decider', gateway: 'gateway' };
  assert.equal(rows.length, kindNames.length);
  for (const [i, [, code, name, issuer, type, detached]] of rows.entries()) {
    const kind = kinds[kindNames[i] as StatementKind];
    assert.deepEqual([name, Number(code)], [kindNames[i], kind.code]);
    assert.ok(issuer?.startsWith(issuers[kind.issuer]), `${name}: ${issuer}`);
    for (const one of kind.mediaTypes ?? ['any']) assert.ok(type?.includes(String(one)), `${name}: ${type}`);
    const words = { inline: 'never', detachable: 'may be', detached: 'always' };
    assert.ok(detached?.startsWith(words[kind.body]), `${name}: ${detached}`);
  }
});

test('a good payload of each kind passes, under its own content type alone', () => {
  for (const kind of kindNames) {
    const isDetached = kinds[kind].body === 'detached';
    const payload = isDetached ? hash : payloads[kind];
    checkPayload(statement(kind, payload, { sealed: isDetached }));
    const other = statement(kind, payload, { contentType: 'text/html', sealed: isDetached });
    if (kind === 'event') checkPayload(other);
    else assert.throws(() => checkPayload(other), { refusal: 'malformed' }, kind);
  }
});

test('bodies may be detached where the table says so, and of no other kind', () => {
  assert.deepEqual(
    kindNames.filter((kind) => kinds[kind].body !== 'inline'),
    ['pack', 'state', 'event', 'row', 'link', 'account'],
  );
  for (const kind of kindNames) {
    const detached = statement(kind, hash, { sealed: true });
    if (kinds[kind].body !== 'inline') checkPayload(detached);
    else assert.throws(() => checkPayload(detached), { refusal: 'malformed' }, kind);
  }
  for (const kind of ['state', 'row'] as const) {
    assert.throws(() => checkPayload(statement(kind, payloads[kind])), /carries a commitment/);
    const header = { contentType: contentTypeOf(kind), subject: 'x', clock: 'synchronised' } as const;
    checkBody(kind, header, payloads[kind]);
    assert.throws(() => checkBody(kind, header, hash), FormatError);
  }
  const large = new Uint8Array(limits.eventInlineBytesMax + 1);
  assert.throws(() => checkPayload(statement('event', large)), { refusal: 'too-large' });
});

test('known poisons are refused in the ordinary way', () => {
  const withParameters = (parameters: string) =>
    // As no encoder of ours would write it: the text is put into the bytes.
    fromHex(
      (golden.model as string).replace(toHex(encodeText(values.model.parameters)), toHex(encodeText(parameters))),
    );
  const poisons: [StatementKind, Uint8Array][] = [
    ['network', fromHex('ff fe'.replace(' ', ''))],
    ['network', toUtf8('{"a":"\\ud800"}')],
    ['network', toUtf8(`${'['.repeat(60_000)}`)],
    ['network', toUtf8('null')],
    ['model', withParameters('{"a":"\\ud800"}')],
    ['model', withParameters('{"a":1e400}')],
    ['model', withParameters(`{"a":${'['.repeat(9_000)}${']'.repeat(9_000)}}`)],
    ['enrolment', enrolmentOf('did:key:z6Mk1111')],
    ['acknowledgement', new Uint8Array()],
    ['pack', new Uint8Array()],
  ];
  for (const [kind, payload] of poisons)
    assert.throws(() => checkPayload(statement(kind, payload)), FormatError, `${kind} ${toHex(payload).slice(0, 40)}`);
});

function encodeText(text: string): Uint8Array {
  const bytes = toUtf8(text);
  const head =
    bytes.length < 24
      ? [0x60 | bytes.length]
      : bytes.length < 256
        ? [0x78, bytes.length]
        : [0x79, bytes.length >> 8, bytes.length & 255];
  return Uint8Array.from([...head, ...bytes]);
}

/** With a key that has the form of one and is none. */
function enrolmentOf(key: string): Uint8Array {
  return fromHex(toHex(payloads.enrolment).replace(toHex(encodeText(did)), toHex(encodeText(key))));
}

test('property: no bytes make the payload of any kind throw anything but FormatError', () => {
  const mutated = (bytes: Uint8Array) =>
    fc
      .tuple(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat(), fc.uint8Array({ maxLength: 4 }))
      .map(([changes, cut, more]) => {
        const all = bytes.slice();
        for (const [at, byte] of changes) all[at % Math.max(1, all.length)] = byte;
        const part = cut % 4 === 0 ? all.subarray(0, cut % (all.length + 1)) : all;
        return Uint8Array.from(cut % 5 === 0 ? [...part, ...more] : part);
      });
  const given = fc.constantFrom(...kindNames).chain((kind) =>
    fc.record({
      kind: fc.constant(kind),
      payload: fc.oneof(mutated(payloads[kind]), fc.uint8Array({ maxLength: 80 }), fc.json().map(toUtf8)),
      clock: fc.constantFrom('synchronised' as const, 'none' as const),
      json: fc.boolean(),
    }),
  );
  fc.assert(
    fc.property(given, ({ kind, payload, clock, json }) => {
      const contentType = kind === 'pack' && json ? 110 : undefined;
      try {
        checkPayload(statement(kind, payload, { clock, ...(contentType && { contentType }) }));
      } catch (error) {
        assert.ok(error instanceof FormatError, `${kind}: ${String((error as Error).stack)}`);
      }
    }),
    { numRuns: 20_000 },
  );
});

test('a statement of a kind not known here is parsed and verified, and its payload refused', async () => {
  const content: Omit<StatementContent, 'kind'> = {
    subject: 'thing/1',
    network: 'trine:test',
    epoch: 0,
    seq: 0,
    clock: 'synchronised',
    class: 'software',
    contentType: 'application/new',
    payload: hash,
  };
  const later = await signUnknownKind(signer, content, 25);
  assert.deepEqual([later.header.kind, later.header.kindCode], ['unknown', 25]);
  assert.ok(verifyStatement(later, signer.publicKey));
  assert.throws(() => checkPayload(later), { refusal: 'unknown-kind' });
  const leaves = [{ index: 3, leaf: encodeStatementLeaf(1, later.bytes) }];
  const checkpoint = `example.org/log\n1\n${'A'.repeat(43)}=\n\n— example.org/log ${'A'.repeat(91)}=\n`;
  const contents = new Contents({ logs: [{ checkpoint, leaves, bodies: [], arrivals: [] }] } as never);
  assert.deepEqual([contents.statements, contents.passedOver], [[], [{ origin: 'example.org/log', index: 3 }]]);
  const known = await signStatement(signer, { ...content, kind: 'event' });
  assert.deepEqual([known.header.kind, known.header.kindCode], ['event', 15]);
  checkPayload(parseStatement(known.bytes));
});
