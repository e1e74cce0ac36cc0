// House rules as a script: import directions, the shape of domains, files nobody imports, banned words.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

export interface SourceFile {
  /** From the root of the project, with `/`. */
  readonly path: string;
  readonly text: string;
}

const skipped = new Set(['node_modules', 'dist', '.git', 'artifacts', 'results']);

/** Source files of the project. */
export function sourceFiles(folder: string = root): SourceFile[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): SourceFile[] => {
    if (skipped.has(entry.name) || entry.name.startsWith('.')) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    if (!/\.(ts|tsx|js|sol|md|json|css|html)$/.test(entry.name) || entry.name === 'package-lock.json') return [];
    return [{ path: relative(root, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }];
  });
}

/** What a TypeScript file imports of ours, as paths from the root. */
export function importsOf({ path, text }: SourceFile): string[] {
  if (!/\.tsx?$/.test(path)) return [];
  const found = text.matchAll(
    /(?:from|import|import\.meta\.resolve\()\s*\(?['"]([^'"]+)['"]|new URL\(\s*['"](\.[^'"]+\.tsx?)['"]/g,
  );
  return [...found].flatMap(([, specifier, url]) => {
    const name = specifier ?? (url as string);
    if (name.startsWith('.')) return [relative(root, resolve(root, dirname(path), name)).replaceAll('\\', '/')];
    const workspace = /^@trine\/([^/]+)\/(.+)$/.exec(name);
    if (!workspace) return [];
    const [, pkg, rest] = workspace as unknown as [string, string, string];
    const folder =
      { core: 'core', cli: 'cli', contracts: 'contracts', device: 'sdk/ts', web: 'web' }[pkg] ?? `domains/${pkg}`;
    return [`${folder}/${rest}`];
  });
}

const domainFiles = [
  'README.md',
  'decide.ts',
  'detect.ts',
  'domain.test.ts',
  'index.ts',
  'observe.ts',
  'settle.ts',
  'show.ts',
  'simulate.ts',
];

/** May a file in `from` import `to`? @returns why not */
function direction(from: string, to: string): string | undefined {
  if (from.startsWith('core/protocol/') && !to.startsWith('core/protocol/'))
    return 'protocol imports nothing of ours but protocol';
  if (
    from.startsWith('core/log/fsck/') &&
    !from.endsWith('.test.ts') &&
    !to.startsWith('core/log/fsck/') &&
    !to.startsWith('core/protocol/')
  )
    return 'fsck shares no code with the writer beyond protocol';
  if (from.startsWith('core/') && /^(domains|cli|web|sdk|sim|bench)\//.test(to))
    return 'core imports neither domains nor what is built on it';
  const domain = /^domains\/([^/]+)\//.exec(from)?.[1];
  if (domain && to.startsWith('domains/') && !to.startsWith(`domains/${domain}/`))
    return 'domains never import each other';
  if (domain && !/^(core|domains)\//.test(to)) return 'domains import core only';
  if (from.startsWith('sdk/') && !/^(sdk|core\/protocol)\//.test(to) && !from.endsWith('.test.ts'))
    return 'the device library imports protocol only';
  return undefined;
}

const banned: readonly { readonly pattern: RegExp; readonly where: RegExp; readonly why: string }[] = [
  {
    pattern: /\bconsole\.(log|error|warn|info)\b/,
    where: /^(core|domains|sdk)\/(?!.*\/testing\/).*(?<!\.test)\.ts$/,
    why: 'use the logger, or return what happened',
  },
  { pattern: /\benum\s+\w+\s*\{/, where: /\.tsx?$/, why: 'no enums: types are stripped, not compiled' },
  { pattern: /\bMath\.random\b/, where: /^(core|domains)\//, why: 'randomness comes seeded or from node:crypto' },
  {
    pattern: /\bDate\.now\b|new Date\(\)/,
    where: /^(core\/protocol|core\/ai|domains)\/.*(?<!\.test)\.ts$/,
    why: 'time is given, so that a replay is the same',
  },
  { pattern: /\bfrom ['"]node:/, where: /^(core\/protocol)\/.*(?<!\.test)\.ts$/, why: 'protocol runs in a browser' },
  { pattern: /\bTODO\b|\bFIXME\b/, where: /\.(tsx?|sol)$/, why: 'do it or leave it' },
  {
    pattern: /(?<![\w.])\/(?:home|root|work|tmp)\/[a-z]/,
    where: /\.(tsx?|js|md|json|sol)$/,
    why: 'paths of one machine mean nothing to others',
  },
];

const LINES_MAX = 420;

/** Everything that breaks a rule, one line each. */
export function brokenRules(files: readonly SourceFile[]): string[] {
  const problems: string[] = [];
  const imported = new Set<string>();
  for (const file of files) {
    for (const to of importsOf(file)) {
      imported.add(to);
      const why = direction(file.path, to);
      if (why) problems.push(`${file.path} imports ${to}: ${why}.`);
    }
    for (const { pattern, where, why } of banned) {
      const line =
        where.test(file.path) && !file.path.startsWith('scripts/rules')
          ? file.text.split('\n').findIndex((text) => !isComment(text, file.path) && pattern.test(text))
          : -1;
      if (line >= 0) problems.push(`${file.path}:${line + 1}: ${pattern.source}: ${why}.`);
    }
    const lines = file.text.split('\n').length;
    if (/\.(tsx?|sol)$/.test(file.path) && lines > LINES_MAX)
      problems.push(`${file.path} has ${lines} lines; a file has at most ${LINES_MAX}: split it.`);
  }
  problems.push(...unusedFiles(files, imported), ...domainShapes(files));
  return problems;
}

/** Examples in doc comments may do what code may not. */
function isComment(line: string, path: string): boolean {
  return /\.(tsx?|sol)$/.test(path) && /^\s*(\*|\/\/|\/\*)/.test(line);
}

/** Files that are started, not imported. */
const started =
  /(\.test\.ts|\.e2e\.ts|\.child\.ts|\.worker\.ts|-worker\.ts|\.config\.ts)$|^(cli\/main|bench\/|scripts\/|sim\/|vectors\/|contracts\/|web\/|examples\/)/;

function unusedFiles(files: readonly SourceFile[], imported: ReadonlySet<string>): string[] {
  return files
    .filter(({ path }) => path.endsWith('.ts') && !started.test(path) && !path.endsWith('.d.ts') && !imported.has(path))
    .filter(({ path }) => !publicEntries.has(path))
    .map(({ path }) => `${path} is imported by nothing: use it or remove it.`);
}

/** What users of a package import. */
const publicEntries: ReadonlySet<string> = new Set([
  'sdk/ts/indexeddb-storage.ts',
  'domains/service-level/simulate.ts',
]);

function domainShapes(files: readonly SourceFile[]): string[] {
  const names = new Set(files.flatMap(({ path }) => /^domains\/([^/]+)\//.exec(path)?.[1] ?? []));
  return [...names].flatMap((name) =>
    domainFiles
      .filter((file) => !files.some(({ path }) => path === `domains/${name}/${file}`))
      .map((file) => `domains/${name}/${file} is missing: every domain has the same files.`),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problems = brokenRules(sourceFiles());
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.stdout.write(problems.length === 0 ? 'House rules: kept.\n' : `House rules: ${problems.length} broken.\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
