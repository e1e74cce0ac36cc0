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

const skipped = new Set(['node_modules', 'dist', '.git', 'artifacts', 'results', 'bundles', 'own']);

/** Source files of the project. */
export function sourceFiles(folder: string = root): SourceFile[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): SourceFile[] => {
    if (skipped.has(entry.name) || entry.name.startsWith('.')) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    if (!/\.(ts|tsx|js|sol|md|json|css|csv|html)$/.test(entry.name) || entry.name === 'package-lock.json') return [];
    return [{ path: relative(root, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }];
  });
}

/** Folder of each workspace that is not a domain. */
const workspaces: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['protocol', 'mapping', 'system', 'engine', 'models', 'bundler', 'log', 'ledger', 'node'].map((name) => [
      name,
      `packages/${name}`,
    ]),
  ),
  cli: 'cli',
  contracts: 'contracts',
  domains: 'domains',
  connectors: 'connectors',
  client: 'clients/ts',
  device: 'sdk/ts',
  'example-service-credit': 'examples/service-credit',
  web: 'web',
};

/**
 * What a TypeScript file imports of ours, as paths from the root.
 * @param withStarted also threads and programs that it starts by their file
 */
export function importsOf({ path, text }: SourceFile, withStarted = true): string[] {
  if (!/\.tsx?$/.test(path)) return [];
  const found = text.matchAll(
    /(?:from|import|import\.meta\.resolve\()\s*\(?['"]([^'"]+)['"]|new URL\(\s*['"](\.[^'"]+\.tsx?)['"]/g,
  );
  return [...found].flatMap(([, specifier, url]) => {
    if (specifier === undefined && !withStarted) return [];
    const name = specifier ?? (url as string);
    if (name.startsWith('.')) return [relative(root, resolve(root, dirname(path), name)).replaceAll('\\', '/')];
    const workspace = /^@trine\/([^/]+)(?:\/(.+))?$/.exec(name);
    if (!workspace) return [];
    const [, pkg, rest = 'index.ts'] = workspace as unknown as [string, string, string | undefined];
    return [`${workspaces[pkg] ?? `domains/${pkg}`}/${rest}`];
  });
}

/** What every domain has; more where it needs more. */
const domainFiles = [
  'README.md',
  'domain.test.ts',
  'engine.ts',
  'index.ts',
  'manifest.ts',
  'panels.ts',
  'routes.ts',
  'simulate.ts',
  'terms.ts',
  'things.ts',
  'triggers.ts',
];

/** What each part may import besides itself: the flow goes one way. */
const layers: readonly { readonly part: string; readonly mayImport: readonly string[]; readonly why: string }[] = [
  { part: 'packages/protocol/', mayImport: [], why: 'protocol imports nothing of ours but protocol' },
  { part: 'packages/engine/', mayImport: ['packages/protocol/'], why: 'the engine is pure: it imports protocol only' },
  { part: 'packages/models/', mayImport: ['packages/protocol/'], why: 'models import protocol only' },
  { part: 'packages/mapping/', mayImport: ['packages/protocol/'], why: 'mapping is pure: it imports protocol only' },
  {
    part: 'connectors/',
    mayImport: ['packages/mapping/', 'packages/protocol/'],
    why: 'connectors are pure: they import mapping and protocol only',
  },
  { part: 'packages/system/', mayImport: [], why: 'the system imports nothing of ours' },
  {
    part: 'packages/log/',
    mayImport: ['packages/protocol/', 'packages/system/'],
    why: 'the log imports protocol and system only',
  },
  {
    part: 'packages/ledger/',
    mayImport: ['packages/protocol/', 'packages/system/', 'contracts/'],
    why: 'the ledger imports protocol and system only',
  },
  { part: 'packages/node/', mayImport: ['packages/'], why: 'the node imports neither domains nor what is built on it' },
  {
    part: 'sdk/',
    mayImport: ['packages/protocol/'],
    why: 'the device library imports protocol only',
  },
  {
    part: 'clients/',
    mayImport: ['packages/protocol/'],
    why: 'a client imports protocol only: the document says the rest',
  },
  { part: 'contracts/', mayImport: ['packages/protocol/'], why: 'contracts import protocol only' },
];
const DOMAIN_MAY_IMPORT = ['packages/engine/', 'packages/models/', 'packages/protocol/'];

/** May a file in `from` import `to`? @returns why not */
function direction(from: string, to: string): string | undefined {
  const isTest = /\.test\.ts$|\/testing\//.test(from);
  if (from.startsWith('packages/log/fsck/') && !isTest && !/^packages\/(log\/fsck|protocol)\//.test(to))
    return 'fsck shares no code with the writer beyond protocol';
  const layer = layers.find(({ part }) => from.startsWith(part));
  const isAllowed = (parts: readonly string[]) => parts.some((part) => to.startsWith(part));
  // The device library is tested against the node itself.
  if (layer && !(isTest && layer.part === 'sdk/') && !isAllowed([layer.part, ...layer.mayImport])) return layer.why;
  const domain = /^domains\/[^/]+\//.exec(from)?.[0];
  if (domain === undefined || to.startsWith(domain)) return undefined;
  if (to.startsWith('domains/')) return 'domains never import each other';
  return isAllowed(DOMAIN_MAY_IMPORT) ? undefined : 'domains import engine, models and protocol only';
}

/** Files that are the way to the machine itself, and why. */
const adapters: Readonly<Record<string, string>> = {
  'packages/ledger/(anvil|embedded|snapshots|ipc|time)': 'a chain in a process of its own',
  'packages/log/(serve|fsck/)': 'read beside the node',
  'packages/node/(dependencies|settings|last-resort)': 'what is not given to a node comes from here',
  'packages/node/serve/(metrics|routes/(overview|static))': 'HTTP, which a simulation does not open',
  'packages/node/jobs/': 'threads for questions of people, over HTTP',
  'packages/node/ingest/transports/': 'ways in, which a simulation does not open',
  'packages/node/projections/tables/': 'the database, which is given as a whole',
  'packages/node/projections/rebuild': 'a command, with the node stopped',
};

const banned: readonly { readonly pattern: RegExp; readonly where: RegExp; readonly why: string }[] = [
  {
    pattern: /\bconsole\.(log|error|warn|info)\b/,
    where: /^(packages|domains|sdk)\/(?!.*\/testing\/).*(?<!\.test)\.ts$/,
    why: 'use the logger, or return what happened',
  },
  { pattern: /\benum\s+\w+\s*\{/, where: /\.tsx?$/, why: 'no enums: types are stripped, not compiled' },
  { pattern: /\bMath\.random\b/, where: /^(packages|domains)\//, why: 'randomness comes seeded or from node:crypto' },
  {
    pattern: /\bDate\.now\b|new Date\(\)/,
    where: /^(packages\/(protocol|engine|models)|domains)\/.*(?<!\.test)\.ts$/,
    why: 'time is given, so that a replay is the same',
  },
  {
    pattern: /\bfrom ['"]node:/,
    where: /^packages\/(protocol|engine)\/(?!checks\/).*(?<!\.test)\.ts$/,
    why: 'protocol and engine run in a browser',
  },
  {
    pattern: /\bprocess\.std(out|err)\.write\b/,
    where: /^cli\/(?!output\.ts$)(?!.*\.test\.ts$).*\.ts$/,
    why: 'speak through cli/output.ts, which spells out what a terminal would obey',
  },
  {
    pattern: /\bservice-level\b|\bserviceLevel|\bmetering\b|\bbooking\b/,
    where: /^packages\/(?!.*\/(?:testing|checks)\/)(?!.*\.test\.ts$).*\.ts$/,
    why: 'packages name no domain: what they need of one stands in its manifest',
  },
  {
    pattern:
      /\bfrom ['"]node:(?:fs|worker_threads|os|child_process|timers|sqlite)\b|\b(?:randomBytes|randomFillSync|randomUUID|getRandomValues)\b|\bgenerateKeyPair|\bDate\.now\b|new Date\(\)|(?<![.\w])set(?:Timeout|Interval|Immediate)\(|\bperformance\.now\b|\bprocess\.(?:memoryUsage|hrtime)\b/,
    where: new RegExp(
      `^(?!${Object.keys(adapters).join('|')})packages/(?:node|log|ledger)/(?!(?:.*/)?testing/).*(?<!\\.(?:test|checks|fixture|child))\\.ts$`,
    ),
    why: 'what a node takes from the machine is given: packages/system, packages/node/dependencies.ts',
  },
  {
    // Constants in capitals and limits are more than one.
    pattern:
      /(?:\$\{(?!\w*[A-Z]{2}|limits\.)[^}]*\}|\{formatCount\([^}]*\)\}) (?:more |other )?(?:readings|members|deciders|leaves|packs|statements|signatures|obligations|rows|bodies|labels|policies|decisions|payments|alerts|owners|neighbours|keys)\b(?!\/)/,
    where:
      /^(?:packages\/(?:protocol|engine|log|node)|cli|domains|web\/src)\/(?!(?:.*\/)?(?:testing|checks)\/).*(?<!\.test)\.tsx?$/,
    why: 'there may be one: countOf of packages/protocol/words.ts, formatCounted of web/src/format/amount.ts',
  },
  { pattern: /^\s+private (?!constructor\b)/m, where: /\.ts$/, why: 'private fields are #private' },
  { pattern: /\bTODO\b|\bFIXME\b/, where: /\.(tsx?|sol)$/, why: 'do it or leave it' },
  {
    pattern: /(?<![\w.])\/(?:home|root|work|tmp)\/[a-z]/,
    where: /\.(tsx?|js|md|json|sol)$/,
    why: 'paths of one machine mean nothing to others',
  },
];

const LINES_MAX = 420;
/** What nobody reads line by line: a test makes it again. */
const generated: ReadonlySet<string> = new Set(['clients/ts/schema.ts']);

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
    if (/\.(tsx?|sol)$/.test(file.path) && lines > LINES_MAX && !generated.has(file.path))
      problems.push(`${file.path} has ${lines} lines; a file has at most ${LINES_MAX}: split it.`);
  }
  problems.push(
    ...unusedFiles(files, imported),
    ...unusedExports(files),
    ...importCycles(files),
    ...domainShapes(files),
  );
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

/** Where exports are used from outside the project: indexes, and what users of a package import. */
const isPublic = (path: string) =>
  /(^|\/)index\.ts$/.test(path) || path.startsWith('sdk/ts/') || publicEntries.has(path);

/** Names that a file of the packages or the commands exports and nothing else mentions. */
function unusedExports(files: readonly SourceFile[]): string[] {
  const code = files.filter(({ path }) => /\.tsx?$/.test(path));
  const mentions = new Map<string, number>();
  for (const { text } of code)
    for (const name of new Set(text.match(/\b[A-Za-z_$][\w$]*\b/g) ?? []))
      mentions.set(name, (mentions.get(name) ?? 0) + 1);
  return code
    .filter(({ path }) => /^(packages|domains|cli)\//.test(path) && !isPublic(path))
    .flatMap(({ path, text }) => {
      const names = text.matchAll(
        /^export (?:abstract )?(?:async )?(?:function\*?|const|class|interface|type) ([\w$]+)/gm,
      );
      return [...names]
        .map(([, name]) => name as string)
        .filter((name) => mentions.get(name) === 1)
        .filter((name) => !isPartOfAnotherExport(text, name))
        .map((name) => `${path} exports ${name}, and nothing else uses it: keep it to the file or remove it.`);
    });
}

/** A type that an exported function or type of the same file is made of is part of what is exported. */
function isPartOfAnotherExport(text: string, name: string): boolean {
  return (text.match(new RegExp(`\\b${name.replaceAll('$', '\\$')}\\b`, 'g')) ?? []).length > 1;
}

/** Files that import each other in a circle, types included: neither can be read alone. */
function importCycles(files: readonly SourceFile[]): string[] {
  const imports = new Map(files.map((file) => [file.path, importsOf(file, false)]));
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (state.get(path) === 'done' || !imports.has(path)) return;
    if (state.get(path) === 'open') {
      cycles.push(`${[...way.slice(way.indexOf(path)), path].join(' imports ')}: a circle.`);
      return;
    }
    state.set(path, 'open');
    for (const next of imports.get(path) ?? []) if (next !== path) visit(next, [...way, path]);
    state.set(path, 'done');
  };
  for (const { path } of files) visit(path, []);
  return cycles;
}

/** What users of a package import. */
const publicEntries: ReadonlySet<string> = new Set([
  'sdk/ts/indexeddb-storage.ts',
  // What bundles are built of in place of an index.
  'packages/engine/abi/guest.ts',
  'packages/engine/abi/protocol.ts',
  'packages/engine/abi/limits.ts',
  'packages/engine/abi/describe.ts',
  'packages/engine/sandbox/guest.ts',
]);

/** Every domain has the same files, and real-looking data with right answers that its test reads. */
function domainShapes(files: readonly SourceFile[]): string[] {
  const names = new Set(files.flatMap(({ path }) => /^domains\/([^/]+)\//.exec(path)?.[1] ?? []));
  return [...names].flatMap((name) => {
    const own = new Map(
      files.filter(({ path }) => path.startsWith(`domains/${name}/`)).map(({ path, text }) => [path, text]),
    );
    const tests = [...own].filter(([path]) => path.endsWith('.test.ts')).map(([, text]) => text);
    const fixtures = [...own.keys()].filter((path) => path.startsWith(`domains/${name}/fixtures/`));
    const isRead = (path: string) => tests.some((text) => text.includes(path.slice(`domains/${name}/`.length)));
    return [
      ...domainFiles
        .filter((file) => !own.has(`domains/${name}/${file}`))
        .map((file) => `domains/${name}/${file} is missing: every domain has the same files.`),
      ...(fixtures.length === 0
        ? [`domains/${name}/fixtures/ is missing: real-looking data with what must come out.`]
        : []),
      ...fixtures.filter((path) => !isRead(path)).map((path) => `${path} is read by no test of its domain.`),
    ];
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problems = brokenRules(sourceFiles());
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.stdout.write(problems.length === 0 ? 'House rules: kept.\n' : `House rules: ${problems.length} broken.\n`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
