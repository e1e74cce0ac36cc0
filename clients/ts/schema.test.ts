// The generated types are those of the document. `node clients/ts/schema.test.ts --update` makes them again.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { schemaFile, schemaText } from './generate.ts';

if (process.argv.includes('--update')) writeFileSync(schemaFile, await schemaText());

test('schema.ts is what the document makes: else make it again with --update', async () => {
  assert.equal(readFileSync(schemaFile, 'utf8'), await schemaText());
});
