// Makes statement.json: golden bytes of every format a device, an importer or a node signs. Run it only when the
// format gets a new version: `node vectors/statement/make.ts`.
import { writeFileSync } from 'node:fs';
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import { detachBody, fromHex, toHex, encodeDelivery, algorithms, didKey, keyId, keyThumbprint, encodeStatementLeaf, enrolmentPayload, keyStatusPayload, encodePack, type Reading, contentTypes, type Signer, type StatementContent, signStatement } from '@trine/protocol';

const secret = fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
const signers: Record<string, Signer> = {
  Ed25519: { publicKey: { algorithm: algorithms.Ed25519, raw: ed25519.getPublicKey(secret) }, sign: (m) => ed25519.sign(m, secret) },
  // Deterministic (RFC 6979), so that the vector can be made again.
  ESP256: { publicKey: { algorithm: algorithms.ESP256, raw: p256.getPublicKey(secret) }, sign: (m) => p256.sign(m, secret, { prehash: true, lowS: true }) },
};
const readings: Reading[] = [
  { quantity: 'temperature', unit: 'Cel', timeMs: 1_763_884_800_000, value: 21.5 },
  { quantity: 'temperature', unit: 'Cel', timeMs: 1_763_884_801_500, value: -3 },
  { quantity: 'door', unit: '', timeMs: 1_763_884_802_000, value: true },
  { quantity: 'state', unit: '', timeMs: 1_763_884_802_000, value: 'running' },
];
const body = encodePack(readings);
const sealed = detachBody(body, fromHex('000102030405060708090a0b0c0d0e0f'));
const network = `trine:${'ab'.repeat(16)}`;
const base = { subject: 'urn:dev:mac:0024befffe804ff1', network, epoch: 0, seq: 0, clock: 'synchronised', class: 'software' } as const;
const prev = new Uint8Array(32).fill(0x11);
const cases: Record<string, StatementContent> = {
  'open pack, the first of its chain': { ...base, kind: 'pack', contentType: contentTypes.senmlCbor, payload: body },
  'sealed pack, later in the chain': { ...base, kind: 'pack', seq: 7, prev, contentType: contentTypes.senmlCbor, sealed: true, payload: sealed.commitment },
  'a device without a clock': { ...base, kind: 'pack', epoch: 2, prev, clock: 'none', contentType: contentTypes.senmlCbor, payload: encodePack([{ quantity: 'level', unit: 'm', timeMs: 12_500, value: 1.25 }]) },
  'all optional fields': { ...base, kind: 'pack', epoch: 1, seq: 70_000, prev, clock: 'free', class: 'imported', seen: { size: 123_456, root: new Uint8Array(32).fill(0x22) }, supersedes: new Uint8Array(32).fill(0x33), contentType: contentTypes.senmlJson, payload: new TextEncoder().encode('[{"n":"level","u":"m","t":1763884800,"v":1.25}]') },
  'a promise not to speak of earlier times': { ...base, kind: 'pack', seq: 8, prev, contentType: contentTypes.senmlCbor, payload: body, low: 1_763_884_802_000 },
  enrolment: { ...base, kind: 'enrolment', contentType: 'application/vnd.trine.enrolment+cbor', payload: enrolmentPayload.encode({ key: didKey((signers.ESP256 as Signer).publicKey), name: 'Door', class: 'hardware', subjects: ['door/*'] }) },
  revocation: { ...base, kind: 'key-status', seq: 1, prev, contentType: 'application/vnd.trine.key-status+cbor', payload: keyStatusPayload.encode({ key: didKey((signers.ESP256 as Signer).publicKey), status: 'revoked', reason: 'stolen' }) },
};
const vectors = [];
for (const [algorithm, signer] of Object.entries(signers))
  for (const [name, content] of Object.entries(cases)) {
    const statement = await signStatement(signer, content);
    const disclosure = content.sealed ? sealed.disclosure : undefined;
    vectors.push({
      name: `${algorithm}: ${name}`,
      kind: content.kind,
      issuer: didKey(signer.publicKey),
      keyThumbprint: toHex(keyThumbprint(signer.publicKey)),
      keyId: toHex(keyId(signer.publicKey)),
      id: toHex(statement.id),
      statement: toHex(statement.bytes),
      ...(disclosure && { disclosure: toHex(disclosure) }),
      delivery: toHex(encodeDelivery({ statement: statement.bytes, ...(disclosure && { disclosure }) })),
      leafAtArrival1763884803000: toHex(encodeStatementLeaf(1_763_884_803_000, statement.bytes)),
    });
  }
writeFileSync(new URL('statement.json', import.meta.url), `${JSON.stringify({ secretKey: toHex(secret), readings, vectors }, undefined, 1)}\n`);
