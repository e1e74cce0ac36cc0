// trine domain: what can be decided here, and a new domain to begin with.
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { domains } from '@trine/domains/index.ts';
import { Command } from 'commander';
import { action, CommandError, examples, print, printJson, table } from './output.ts';

const template = fileURLToPath(new URL('./domain-template/', import.meta.url));
const NAME_CHARS_MAX = 40;
/** Its name is a constant in the list of domains, so it is none of the language's words, nor of the list's own. */
const wordsTaken = new Set(
  'await break case catch class const continue debugger default delete do domain domains else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try type typeof undefined var void while with yield'.split(
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
function checkName(name: string, folder: string, list: string): void {
  if (!/^[a-z]+(-[a-z]+)*$/.test(name) || name.length > NAME_CHARS_MAX)
    throw new CommandError(
      `${name}: a domain is named by lower-case words with hyphens between, as cold-chain; at most ${NAME_CHARS_MAX} characters.`,
    );
  if (wordsTaken.has(name)) throw new CommandError(`${name} is a word of the language or of the list: take another.`);
  if (existsSync(join(folder, name)) || list.includes(`'./${name}/index.ts'`))
    throw new CommandError(`There is a domain ${name} already: take another name, or remove it and its line.`);
}

const LINE_CHARS_MAX = 120;

/** The list with one more domain: an import where it belongs by name, and a place at the end. @throws CommandError */
export function withDomain(list: string, name: string): string {
  const { overLimit: constant } = namesOf(name);
  const found = /export const domains: readonly Domain\[\] = \[([\s\S]*?)\];/.exec(list);
  if (found === null) throw new CommandError('index.ts has no line "export const domains: readonly Domain[] = […];".');
  const before = (found[1] as string).split(',').flatMap((one) => one.trim() || []);
  const all = [...before, constant];
  const head = 'export const domains: readonly Domain[] = [';
  const line = `${head}${all.join(', ')}];`;
  const wrapped = `${head}\n${all.map((one) => `  ${one},\n`).join('')}];`;
  const own = `import { ${constant} } from './${name}/index.ts';`;
  const lines = list.replace(found[0], line.length <= LINE_CHARS_MAX ? line : wrapped).split('\n');
  const imports = lines.flatMap((text, i) => (/ from '\.\/(.+)\/index\.ts';$/.test(text) ? [i] : []));
  const next = imports.find((i) => (/'\.\/(.+)\/index/.exec(lines[i] as string)?.[1] as string) > name);
  const lastImport = lines.findLastIndex((text) => text.startsWith('import '));
  lines.splice(next ?? lastImport + 1, 0, own);
  return lines.join('\n');
}

function create(name: string, given: string): string[] {
  const folder = resolve(given);
  const listPath = join(folder, 'index.ts');
  if (!existsSync(listPath))
    throw new CommandError(
      `${listPath} is not there: run this in the project's folder, or name the domains with --folder.`,
    );
  const before = readFileSync(listPath, 'utf8');
  checkName(name, folder, before);
  const list = withDomain(before, name);
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
  // Last: a list names no domain that is not there.
  writeFileSync(listPath, list);
  return files;
}

const newDomain = examples(
  new Command('new')
    .description('lay out a whole domain that works and tests itself: change it into yours')
    .argument('<name>', 'lower-case words with hyphens between')
    .option('--folder <path>', 'where the domains and their list are', 'domains')
    .action(
      action(async (name: string, { folder }: { readonly folder: string }) => {
        const files = create(name, folder);
        const here = (path: string) => relative(process.cwd(), path) || path;
        const own = here(join(resolve(folder), name));
        print([
          ...files.map((path) => `  ${here(path)}`),
          `  ${here(join(resolve(folder), 'index.ts'))} has its line.`,
          '',
          'Next:',
          `  npx node --test ${own}/domain.test.ts     it passes as it is`,
          `  ${own}/terms.ts, triggers.ts, engine.ts     what is agreed, when it is decided, and how`,
          `  ${own}/fixtures/     real data, with what must come out of it by hand`,
          'docs/guides/domains.md goes through it file by file.',
        ]);
        return undefined;
      }),
    ),
  `Example:
  trine domain new cold-chain`,
);

const list = new Command('list')
  .description('the domains of this installation')
  .option('--json', 'print them as JSON')
  .action(
    action(async ({ json }: { readonly json?: boolean }) => {
      const all = domains.map(({ manifest: { name, version, title, about } }) => ({ name, version, title, about }));
      if (json) printJson(all);
      else print(table(all.map(({ name, version, title, about }) => [name, version, title, about])));
      return undefined;
    }),
  );

export const domain: Command = new Command('domain')
  .description('what can be decided: the domains that are here, and a new one to begin with')
  .addCommand(newDomain)
  .addCommand(list);
