// A domain as one file: it comes back as it was written, and what is none is refused by the field that is wrong.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrineError } from '@trine/protocol';
import { bundleHash } from '../abi/identity.ts';
import { toyDomain } from '../testing/toy.ts';
import { readDomainFile, writeDomainFile } from './file.ts';

const domain = toyDomain({});
const code = 'export default {};';
const text = writeDomainFile(domain, code);

test('a file comes back with the code, its hash, and the words of the domain', () => {
  const file = readDomainFile(text);
  assert.deepEqual([file.code, file.hash, file.identity.code], [code, bundleHash(code), bundleHash(code)]);
  assert.equal(file.data.manifest.name, domain.manifest.name);
  assert.deepEqual(file.data.schema, JSON.parse(JSON.stringify(domain.terms.schema)));
});

test('what is no file of a domain is refused in words, by the field', () => {
  const whole = JSON.parse(text);
  const { code: _, ...without } = whole;
  for (const [given, field] of [
    ['', ''],
    ['{', ''],
    ['[]', 'it'],
    ['null', 'it'],
    [JSON.stringify(without), 'code'],
    [JSON.stringify({ ...whole, code: 7 }), 'code'],
    [JSON.stringify({ ...whole, trine: 'domain/0' }), 'trine'],
    [JSON.stringify({ ...whole, manifest: { ...whole.manifest, name: 7 } }), 'manifest.name'],
  ] as const)
    assert.throws(
      () => readDomainFile(given),
      (error: Error) => {
        assert.ok(error instanceof TrineError && error.code === 'malformed', `${given}: ${error}`);
        assert.ok(error.message.startsWith(`This is no file of a domain${field && `: ${field}: `}`), error.message);
        return true;
      },
    );
});
