// Golden bytes: what was signed with version 1 must be read for ever.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fromHex, toHex } from '../bytes.ts';
import { keyId, keyThumbprint, parseDidKey } from '../keys.ts';
import type { Reading } from '../senml/reading.ts';
import { decodePack, encodePack } from '../senml/senml.ts';
import { openBody } from './body.ts';
import { encodeDelivery, splitDeliveries } from './delivery.ts';
import { decodeLeaf, encodeStatementLeaf } from './leaf.ts';
import { parseStatement, verifyStatement } from './statement.ts';

interface Vector {
  name: string;
  kind: string;
  issuer: string;
  keyThumbprint: string;
  keyId: string;
  id: string;
  statement: string;
  disclosure?: string;
  delivery: string;
  leafAtArrival1763884803000: string;
}
const file = new URL('../../../vectors/statement/statement.json', import.meta.url);
const { readings, vectors } = JSON.parse(readFileSync(file, 'utf8')) as { readings: Reading[]; vectors: Vector[] };

for (const vector of vectors)
  test(`golden: ${vector.name}`, () => {
    const key = parseDidKey(vector.issuer);
    assert.equal(toHex(keyThumbprint(key)), vector.keyThumbprint);
    assert.equal(toHex(keyId(key)), vector.keyId);
    const statement = parseStatement(fromHex(vector.statement));
    assert.equal(statement.header.kind, vector.kind);
    assert.equal(toHex(statement.id), vector.id);
    assert.ok(verifyStatement(statement, key));
    const disclosure = vector.disclosure === undefined ? undefined : fromHex(vector.disclosure);
    const body = openBody(statement, disclosure);
    if (vector.name.includes('pack')) {
      assert.deepEqual(decodePack(body, statement.header.contentType, statement.header.subject), readings);
      assert.deepEqual(Uint8Array.from(encodePack(readings)), Uint8Array.from(body));
    }
    const delivery = encodeDelivery({ statement: statement.bytes, ...(disclosure && { disclosure }) });
    assert.equal(toHex(delivery), vector.delivery);
    assert.equal(toHex(splitDeliveries(delivery)[0]?.statement as Uint8Array), vector.statement);
    const leaf = encodeStatementLeaf(1_763_884_803_000, statement.bytes);
    assert.equal(toHex(leaf), vector.leafAtArrival1763884803000);
    assert.equal(decodeLeaf(leaf).kind, 'statement');
  });
