// Builds what decides, one bundle for each domain of this release, into bundles/: `npm run bundles`. With `--check` nothing
// is written, and it fails where a bundle is not what the sources make. With `--keep` the newest stay for good: whoever
// released them has agreements that name them.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildBundle, buildExpression } from '@trine/bundler/bundle.ts';
import { domains } from '@trine/domains';
import { bundleHash, type Domain, domainData } from '@trine/engine';

const root = new URL('../', import.meta.url);
const folder = new URL('bundles/', root);

/** A line of the table of releases. */
interface Release {
  readonly name: string;
  readonly version: string;
  readonly hash: string;
  /** Stays when a newer one takes its place. */
  readonly kept: boolean;
}

const tableFile = new URL('releases.json', folder);
const readTable = (): Release[] =>
  existsSync(tableFile) ? (JSON.parse(readFileSync(tableFile, 'utf8')) as Release[]) : [];
const textOf = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;

/** Everything that belongs into the folder, by file name. */
async function files(keep: boolean): Promise<Map<string, string>> {
  const before = readTable();
  const found = new Map<string, string>();
  const current: Release[] = [];
  for (const domain of domains as readonly Domain[]) {
    const { name, version } = domain.manifest;
    const { code } = await buildBundle(fileURLToPath(new URL(`domains/${name}/`, root)));
    const hash = bundleHash(code);
    current.push({ name, version, hash, kept: keep || before.some((one) => one.hash === hash && one.kept) });
    found.set(`${hash}.js`, code);
    found.set(`${hash}.json`, textOf(domainData(domain)));
  }
  const earlier = before.filter(({ hash, kept }) => kept && !current.some((one) => one.hash === hash));
  for (const { hash } of earlier)
    for (const file of [`${hash}.js`, `${hash}.json`]) found.set(file, readFileSync(new URL(file, folder), 'utf8'));
  const table = [...current, ...earlier];
  found.set('releases.json', textOf(table));
  found.set('index.ts', indexOf(table));
  return found;
}

function indexOf(table: readonly Release[]): string {
  const imports = table.flatMap(({ hash }, i) => [
    `import data${i} from './${hash}.json' with { type: 'json' };`,
    '// @ts-ignore: built code has no types.',
    `import bundle${i} from './${hash}.js';`,
  ]);
  return [
    '// Made by `npm run bundles`. The released bundles, loaded by their hash; of each name the newest first.',
    "import type { ReleasedBundle } from '@trine/engine';",
    ...imports,
    '',
    'export const released = [',
    ...table.map(({ hash }, i) => `  { hash: '${hash}', data: data${i}, bundled: bundle${i} },`),
    '] as unknown as readonly ReleasedBundle[];',
    '',
  ].join('\n');
}

const guestFile = new URL('packages/engine/sandbox/guest-code.ts', root);

/** The inside of the sandbox, as a file of the engine. */
async function guestText(): Promise<string> {
  const code = await buildExpression(fileURLToPath(new URL('packages/engine/sandbox/guest.ts', root)));
  return [
    '// Made by `npm run bundles` of guest.ts: what is loaded into the sandbox before a bundle.',
    `export const GUEST_CODE = ${JSON.stringify(code)};`,
    '',
  ].join('\n');
}

/** What differs between the folder and what belongs there, one line each. */
function differences(wanted: ReadonlyMap<string, string>): string[] {
  const there = existsSync(folder) ? readdirSync(folder) : [];
  const extra = there.filter((file) => !wanted.has(file)).map((file) => `bundles/${file} is of no release.`);
  const other = [...wanted].flatMap(([file, text]) => {
    const path = new URL(file, folder);
    if (!existsSync(path)) return [`bundles/${file} is missing: the sources make it now.`];
    return readFileSync(path, 'utf8') === text ? [] : [`bundles/${file} is not what its sources make.`];
  });
  const altered = there
    .filter((file) => /^[0-9a-f]{64}\.js$/.test(file))
    .filter((file) => bundleHash(readFileSync(new URL(file, folder), 'utf8')) !== file.slice(0, 64))
    .map((file) => `bundles/${file} has another hash than its name.`);
  return [...extra, ...other, ...altered];
}

const wanted = await files(process.argv.includes('--keep'));
const guest = await guestText();
const isGuestSame = existsSync(guestFile) && readFileSync(guestFile, 'utf8') === guest;
const different = [
  ...differences(wanted),
  ...(isGuestSame ? [] : ['packages/engine/sandbox/guest-code.ts is not what guest.ts makes.']),
];
if (process.argv.includes('--check')) {
  for (const line of different) process.stdout.write(`${line}\n`);
  if (different.length > 0) process.stdout.write('npm run bundles makes them anew.\n');
  process.exitCode = different.length > 0 ? 1 : 0;
} else {
  for (const file of readdirSync(folder)) if (!wanted.has(file)) rmSync(new URL(file, folder));
  for (const [file, text] of wanted) writeFileSync(new URL(file, folder), text);
  writeFileSync(guestFile, guest);
}
for (const { name, version, hash } of JSON.parse(wanted.get('releases.json') as string) as Release[])
  process.stdout.write(`${hash}  ${name} ${version}\n`);
