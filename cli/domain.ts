// trine domain: what can be decided here, and a new domain to begin with.
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { domains } from '@trine/domains/index.ts';
import { releasedDomains } from '@trine/domains/released.ts';
import type { DomainData } from '@trine/engine';
import { DOMAIN_FILE_BYTES_MAX, type DomainFile, readDomainFile, sandboxedDomain } from '@trine/engine/sandbox/file.ts';
import { sandboxedDeciding } from '@trine/engine/sandbox/sandboxed.ts';
import { Command } from 'commander';
import { readGivenText } from './files.ts';
import { homeFolder } from './home.ts';
import { approvedDomains, dropDomain, keepDomain, readQuickjs } from './installed.ts';
import { action, CommandError, examples, print, printJson, type Table, table } from './output.ts';

const template = fileURLToPath(new URL('./domain-template/', import.meta.url));
const NAME_CHARS_MAX = 40;
/** Its name is a constant, so it is none of the language's words. */
const wordsTaken = new Set(
  'await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try type typeof undefined var void while with yield'.split(
    ' ',
  ),
);

interface Names {
  readonly 'over-limit': string;
  readonly overLimit: string;
  readonly OverLimit: string;
  readonly 'Over limit': string;
}

/** The template's own names, and what takes their place. */
function namesOf(name: string): Names {
  const words = name.split('-');
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
  const pascal = words.map(capital).join('');
  return {
    'over-limit': name,
    overLimit: pascal.charAt(0).toLowerCase() + pascal.slice(1),
    OverLimit: pascal,
    'Over limit': capital(words.join(' ')),
  };
}

/** @throws CommandError in words */
function checkName(name: string, folder: string): void {
  if (!/^[a-z]+(-[a-z]+)*$/.test(name) || name.length > NAME_CHARS_MAX)
    throw new CommandError(
      `${name}: a domain is named by lower-case words with hyphens between, as cold-chain; at most ${NAME_CHARS_MAX} characters.`,
    );
  if (wordsTaken.has(name)) throw new CommandError(`${name} is a word of the language: take another.`);
  if (existsSync(join(folder, name)) || domains.some(({ manifest }) => manifest.name === name))
    throw new CommandError(`There is a domain ${name} already: take another name.`);
}

/** The folder from which its imports are found. */
function findPackages(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'node_modules', '@trine', 'engine'))) return at;
    if (dirname(at) === at) return undefined;
  }
}

function create(name: string, given: string): string[] {
  const folder = resolve(given);
  if (findPackages(folder) === undefined)
    throw new CommandError(
      `${folder}: a domain imports @trine/engine, so it lies in the project's folder or below it.`,
    );
  checkName(name, folder);
  const target = join(folder, name);
  cpSync(template, target, { recursive: true, errorOnExist: true, force: false });
  const names = namesOf(name) as unknown as Readonly<Record<string, string>>;
  const files = readdirSync(target, { recursive: true })
    .map((file) => join(target, String(file)))
    .filter((path) => statSync(path).isFile())
    .sort();
  for (const path of files) {
    const text = readFileSync(path, 'utf8');
    writeFileSync(
      path,
      text.replace(/over-limit|overLimit|OverLimit|Over limit/g, (word) => names[word] as string),
    );
  }
  return files;
}

const newDomain = examples(
  new Command('new')
    .description('lay out a whole domain that works and tests itself: change it into yours')
    .argument('<name>', 'lower-case words with hyphens between')
    .option('--folder <path>', 'where it is laid out, in the project', 'own')
    .action(
      action(async (name: string, { folder }: { readonly folder: string }) => {
        const files = create(name, folder);
        const here = (path: string) => relative(process.cwd(), path) || path;
        const own = here(join(resolve(folder), name));
        print([
          ...files.map((path) => `  ${here(path)}`),
          '',
          'Next:',
          `  npx node --test ${own}/domain.test.ts     it passes as it is`,
          `  ${own}/terms.ts, triggers.ts, engine.ts     what is agreed, when it is decided, and how`,
          `  ${own}/fixtures/     real data, with what must come out of it by hand`,
          `  npx trine domain add ${own}     builds it, shows it, and installs it here`,
          'docs/guides/domains.md goes through it file by file.',
        ]);
        return undefined;
      }),
    ),
  `Example:
  trine domain new cold-chain`,
);

const isFolder = (path: string) => statSync(path).isDirectory();

/** A domain's file, built of a folder where it is none yet. @throws CommandError in words */
async function domainJson(given: string): Promise<string> {
  if (!existsSync(given)) throw new CommandError(`There is no ${given}.`);
  if (!isFolder(given)) return readGivenText(given, 'domain', DOMAIN_FILE_BYTES_MAX);
  // Only where it is needed: the bundler is a program of its own.
  const { buildBundle, buildWords } = await import('@trine/bundler/bundle.ts');
  try {
    const { code } = await buildBundle(given);
    // A stranger's folder is run in the sandbox alone, also where it only tells what it is called.
    const { terms } = await sandboxedDeciding(await buildWords(given), [], { quickjs: readQuickjs() });
    const { manifest, schema } = terms.parse({}) as unknown as DomainData;
    return `${JSON.stringify({ trine: 'domain/1', manifest, schema, code })}\n`;
  } catch (error) {
    throw new CommandError(`${given} cannot be built: ${(error as Error).message}`);
  }
}

/** What is about to be installed, in words; none of it is ours. */
function inWords({ data: { manifest, schema }, hash, code }: DomainFile): (string | Table)[] {
  const words = (all: Readonly<Record<string, { label: string }>>) =>
    Object.entries(all)
      .map(([name, { label }]) => `${name} (${label})`)
      .join(', ') || 'none';
  const fields = Object.entries(schema.properties ?? {}).map(([name, { title, description }]) => [
    `  ${name}`,
    title ?? '',
    description ?? '',
  ]);
  return [
    `${manifest.title} (${manifest.name} ${manifest.version})`,
    manifest.about,
    '',
    table([
      ['  Roles', manifest.roles.join(', ')],
      ['  Reads', manifest.reads.join(', ')],
      ['  Verdicts', words(manifest.verdicts)],
      ['  Alerts', words(manifest.alerts)],
      ['  Things', Object.keys(manifest.things).join(', ') || 'none'],
      ['  Bundle', hash],
      ['  Size', `${code.length} characters`],
    ]),
    '',
    'Its terms:',
    table(fields),
    '',
    'It decides by itself what agreements of this name order, within the limits of their terms. It runs without files,',
    'network and clock, in a sandbox that bounds its time and memory.',
  ];
}

async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new CommandError('Nobody is here to approve it: give --yes once you have read it.');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await lines.question(question);
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}

const add = examples(
  new Command('add')
    .description(
      'install a domain from its folder or file: looked at, approved with the member’s key, pinned by its hash',
    )
    .argument('<folder-or-file>', 'sources of a domain, or a file that trine domain pack made')
    .option('--yes', 'approve it without being asked')
    .option('--home <folder>', 'data folder')
    .action(
      action(async (given: string, { yes, home }: { readonly yes?: boolean; readonly home?: string }) => {
        const json = await domainJson(given);
        const file = readDomainFile(json);
        const { name } = file.identity;
        if (domains.some(({ manifest }) => manifest.name === name))
          throw new CommandError(`The release has a domain ${name} already: this one needs another name.`);
        await sandboxedDomain(file, { quickjs: readQuickjs() });
        print(inWords(file));
        if (!yes && !(await confirm('Approve and install it? (yes/no) ')))
          throw new CommandError('Nothing was installed.');
        await keepDomain(homeFolder(home), json, Date.now());
        print(['', `Installed ${name} ${file.hash.slice(0, 12)}…: a node that runs uses it after its next start.`]);
        return undefined;
      }),
    ),
  `Examples:
  trine domain add own/cold-chain
  trine domain add cold-chain.domain.json --yes`,
);

const pack = new Command('pack')
  .description('build a domain into one file, for others to install and for whoever checks its decisions')
  .argument('<folder>', 'sources of a domain')
  .argument('<file>', 'where it is written')
  .action(
    action(async (folder: string, path: string) => {
      const json = await domainJson(folder);
      const { hash, identity } = readDomainFile(json);
      writeFileSync(path, json);
      print([`${path}: ${identity.name} ${identity.version}, bundle ${hash}`]);
      return undefined;
    }),
  );

const remove = new Command('remove')
  .description('take out a domain that was installed; agreements that name it are decided no more')
  .argument('<name-or-hash>', 'its name, or how the hash of its bundle begins')
  .option('--home <folder>', 'data folder')
  .action(
    action(async (given: string, { home: named }: { readonly home?: string }) => {
      const home = homeFolder(named);
      const found = approvedDomains(home).approved.filter(
        ({ file }) => file.identity.name === given || (/^[0-9a-f]{8,64}$/.test(given) && file.hash.startsWith(given)),
      );
      const [only] = found;
      if (only === undefined || found.length > 1)
        throw new CommandError(
          `${found.length === 0 ? 'No' : 'More than one'} installed domain is ${given}: trine domain list names them.`,
        );
      dropDomain(home, only.file.hash);
      print([
        `Removed ${only.file.identity.name} ${only.file.hash.slice(0, 12)}…: a node that runs forgets it at its next start.`,
      ]);
      return undefined;
    }),
  );

const list = new Command('list')
  .description('the domains of this installation: those of the release, and those that were installed')
  .option('--json', 'print them as JSON')
  .option('--home <folder>', 'data folder')
  .action(
    action(async ({ json, home }: { readonly json?: boolean; readonly home?: string }) => {
      const { approved, problems } = approvedDomains(homeFolder(home));
      const all = [
        ...releasedDomains().map((one) => lineOf(one.domain.manifest, one.identity.code, 'release')),
        ...approved.map(({ file }) => lineOf(file.data.manifest, file.hash, 'installed')),
      ];
      if (json) printJson(all);
      else
        print([
          table(
            all.map(({ name, version, from, hash, title }) => [name, version, from, `${hash.slice(0, 12)}…`, title]),
          ),
          ...problems.map(({ file, why }) => `${file} is not used: ${why}`),
        ]);
      return undefined;
    }),
  );

function lineOf({ name, version, title, about }: DomainData['manifest'], hash: string, from: 'release' | 'installed') {
  return { name, version, title, about, hash, from };
}

export const domain: Command = new Command('domain')
  .description('what can be decided: the domains that are here, a new one to begin with, and those of others')
  .addCommand(newDomain)
  .addCommand(add)
  .addCommand(pack)
  .addCommand(list)
  .addCommand(remove);
