// Makes the golden bytes: `node vectors/payloads/make.ts`. Only for a new version of a format: what was made once must be
// read for ever.
import { writeFileSync } from 'node:fs';
import { encodeAll } from '@trine/protocol/testing/encode.ts';

writeFileSync(new URL('payloads.json', import.meta.url), `${JSON.stringify(encodeAll(), undefined, 2)}\n`);
