// Makes schema.ts: the types of the HTTP interface, from its document.
import { readFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const document = new URL('../../docs/reference/openapi.json', import.meta.url);

/** Where the types stand. */
export const schemaFile: URL = new URL('./schema.ts', import.meta.url);

const HEAD = `// Generated from docs/reference/openapi.json: change that, then node clients/ts/schema.test.ts --update
`;

/** The types as the document has them now. */
export async function schemaText(): Promise<string> {
  const nodes = await openapiTS(JSON.parse(readFileSync(document, 'utf8')), { alphabetize: true });
  return `${HEAD}${astToString(nodes)}`;
}
