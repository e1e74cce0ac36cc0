// Builds the bundle of a domain: one module of all that decides, over what the engine offers to bundles. Its bytes are the
// identity of what decides, so they follow from what is executed: no comment, name, form text or folder is in them.
import { readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildResult, build, type OnResolveResult, type Plugin, type PluginBuild, transform } from 'esbuild';
import { ImportOrder, withoutFormTexts } from './canonical.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Of ours, what a domain may be made of; everything else of the engine is whoever checks a decision's. */
const OURS: Readonly<Record<string, string>> = {
  '@trine/engine': 'packages/engine/abi/guest.ts',
  '@trine/protocol': 'packages/engine/abi/protocol.ts',
};
/** Files that bundles have in another form: what is left out of it decides nothing. */
const INSTEAD: Readonly<Record<string, string>> = {
  'packages/protocol/errors.ts': 'packages/engine/abi/errors.ts',
  'packages/protocol/limits.ts': 'packages/engine/abi/limits.ts',
};
/** For the words of a domain: they decide nothing, so they may use the whole of the formats. */
const OURS_FOR_WORDS: typeof OURS = {
  '@trine/engine': 'packages/engine/abi/describe.ts',
  '@trine/protocol': 'packages/protocol/index.ts',
};
const MODELS = '@trine/models/';
/** Words, panels and limits of devices are data beside the bundle. */
const MANIFEST = './manifest.ts';
const NO_MANIFEST = 'manifest';
const TSCONFIG = { compilerOptions: { verbatimModuleSyntax: true } };

/** The syntax that both kinds of machine know, natively run or sandboxed. */
const FORM = { target: 'es2022', format: 'esm', legalComments: 'none', charset: 'ascii' } as const;

/** A domain cannot be built, in words. */
export class BundleBuildError extends Error {
  override readonly name = 'BundleBuildError';
}

/** A built module, and the files of ours and of the domain that something is left of in it, from the project's folder. */
export interface BuiltBundle {
  readonly code: string;
  readonly sources: readonly string[];
}

/** What is built: what decides, or the words beside it. */
type Purpose = 'deciding' | 'words';

function ours(specifier: string, purpose: Purpose): string | undefined {
  const known = (purpose === 'deciding' ? OURS : OURS_FOR_WORDS)[specifier];
  if (known) return join(root, known);
  return specifier.startsWith(MODELS) ? join(root, 'packages/models', specifier.slice(MODELS.length)) : undefined;
}

const isWithin = (path: string, folder: string) => path.startsWith(folder + sep);
const isPackage = (path: string) => path.includes(`${sep}node_modules${sep}`);

/** A source of ours or of the domain; undefined where it is a package's. */
function sourceOf(specifier: string, importer: string, purpose: Purpose = 'deciding'): string | undefined {
  const path = specifier.startsWith('.') ? resolve(dirname(importer), specifier) : ours(specifier, purpose);
  const instead = purpose === 'deciding' && path && INSTEAD[relative(root, path).replaceAll(sep, '/')];
  return instead ? join(root, instead) : path;
}

/** What a domain's index gives to others: one constant. @throws BundleBuildError */
function exportedName(index: string): string {
  const names = [...readFileSync(index, 'utf8').matchAll(/^export const (\w+)/gm)].map(([, name]) => name as string);
  const [only] = names;
  if (only === undefined || names.length !== 1)
    throw new BundleBuildError(`${index} must export one constant, the domain; it exports ${names.length}.`);
  return only;
}

/** A file as it goes into the bundle. @param order of its imports; undefined while it is not known */
async function readSource(path: string, { folder, purpose }: Task, order: ImportOrder | undefined): Promise<string> {
  // As a namespace of its own, the bundler leaves out what is not used of it.
  const text = readFileSync(path, 'utf8').replace(/^import \{ z \} from 'zod';/m, "import * as z from 'zod';");
  const { code } = await transform(text, { loader: 'ts', format: 'esm', sourcefile: path, tsconfigRaw: TSCONFIG });
  const bare = purpose === 'deciding' && path.startsWith(folder + sep) ? withoutFormTexts(code) : code;
  return order ? order.sort(bare, (specifier) => sourceOf(specifier, path) ?? specifier) : bare;
}

/** @throws BundleBuildError where it is no package: a path of this machine, say */
async function packageOf(name: string, importer: string, find: PluginBuild['resolve']): Promise<OnResolveResult> {
  if (/^(@[\w-]+\/)?\w[\w.-]*(\/|$)/.test(name)) {
    const found = await find(name, { kind: 'import-statement', resolveDir: root, pluginData: 'package' });
    if (found.errors.length > 0 || isPackage(found.path)) return found;
  }
  throw new BundleBuildError(`${importer} imports ${name}, which is no package that is installed.`);
}

/** A bundle to be built. */
interface Task {
  /** Text of the module that imports the rest. */
  readonly entry: string;
  /** Of the domain: its files lie in it. */
  readonly folder: string;
  readonly purpose: Purpose;
}

function sourcesPlugin(task: Task, order: ImportOrder | undefined): Plugin {
  const { folder, purpose } = task;
  const manifest = resolve(folder, MANIFEST);
  return {
    name: 'sources',
    setup({ onResolve, onLoad, resolve: resolvePackage }) {
      onResolve({ filter: /.*/ }, ({ path, importer, kind, pluginData }) => {
        if (kind === 'entry-point' || pluginData === 'package') return undefined;
        if (path.startsWith('node:'))
          throw new BundleBuildError(`${importer} imports ${path}: what decides reads no machine.`);
        const source = isPackage(importer) ? undefined : sourceOf(path, importer, purpose);
        if (source && !isWithin(source, folder) && !isWithin(source, join(root, 'packages')))
          throw new BundleBuildError(`${importer} imports ${path}: that lies outside of the domain's folder.`);
        if (source === manifest && purpose === 'deciding')
          return { path: source, namespace: NO_MANIFEST, sideEffects: false };
        if (source) return { path: source, sideEffects: false };
        if (path.startsWith('@trine/'))
          throw new BundleBuildError(`${importer} imports ${path}: bundles are made of engine, models and protocol.`);
        // Packages are this installation's, at its pinned versions, wherever the domain lies.
        if (isPackage(importer)) return undefined;
        return packageOf(path, importer, resolvePackage);
      });
      onLoad({ filter: /.*/, namespace: NO_MANIFEST }, () => ({ contents: 'export const manifest = void 0;' }));
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (isPackage(path)) return undefined;
        return { contents: await readSource(path, task, order), loader: 'js', resolveDir: dirname(path) };
      });
    },
  };
}

type Built = BuildResult<{ write: false; metafile: true }>;

function bundleOf(task: Task, order?: ImportOrder): Promise<Built> {
  const { entry, folder } = task;
  return build({
    ...FORM,
    stdin: { contents: entry, loader: 'js', resolveDir: folder, sourcefile: join(folder, 'entry.js') },
    absWorkingDir: root,
    bundle: true,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['import', 'default'],
    treeShaking: true,
    minifySyntax: true,
    minifyIdentifiers: true,
    // The first build shows what is left of each file.
    minifyWhitespace: order !== undefined,
    write: false,
    metafile: true,
    logLevel: 'silent',
    tsconfigRaw: TSCONFIG,
    plugins: [sourcesPlugin(task, order)],
  });
}

/** What is left of each file, by path: the bundler writes its name before it. */
function leftOf({ outputFiles: [file], metafile }: Built): Map<string, string> {
  const left = new Map<string, string>();
  let path = '';
  for (const line of (file?.text ?? '').split('\n')) {
    const name = /^\/\/ (.+)$/.exec(line)?.[1];
    if (name !== undefined && name in metafile.inputs) path = resolve(root, name);
    else if (path !== '' && !line.startsWith('export {') && line !== '')
      left.set(path, `${left.get(path) ?? ''}${line}\n`);
  }
  return left;
}

function orderOf(first: Built): ImportOrder {
  const imports = Object.entries(first.metafile.inputs).map(
    ([path, input]) => [resolve(root, path), input.imports.map((one) => resolve(root, one.path))] as const,
  );
  return new ImportOrder(leftOf(first), new Map(imports));
}

/**
 * Builds what a domain decides with.
 *
 * @param folder of the domain, with `index.ts`
 * @returns the same bytes for the same behaviour, wherever and whenever it is built
 * @throws BundleBuildError in words, naming file and line
 */
export async function buildBundle(folder: string): Promise<BuiltBundle> {
  const own = realpathSync(folder);
  const index = join(own, 'index.ts');
  const name = exportedName(index);
  const entry = `import{${name} as d}from"./index.ts";import{bundled}from"@trine/engine";export default bundled(d);`;
  return buildModule({ entry, folder: own, purpose: 'deciding' });
}

/**
 * Builds what tells of a domain: its manifest and the form of its terms, as a bundle whose terms answer with these. To be
 * run in the sandbox alone, because a stranger's folder is run by it.
 * @throws BundleBuildError in words, naming file and line
 */
export async function buildWords(folder: string): Promise<string> {
  const own = realpathSync(folder);
  const index = join(own, 'index.ts');
  const entry = `import{${exportedName(index)} as d}from"./index.ts";
    const{routes:_,...manifest}=d.manifest;const none=()=>[];
    export default{abi:1,terms:{parse:()=>JSON.parse(JSON.stringify({manifest,schema:d.terms.schema}))},triggers:none,inputs:none,open:none};`;
  return (await buildModule({ entry, folder: own, purpose: 'words' })).code;
}

/** A file of ours with all that it imports, as one expression: what it exports as default. */
export async function buildExpression(file: string): Promise<string> {
  const entry = `export{default}from${JSON.stringify(`./${basename(file)}`)};`;
  const { code } = await buildModule({ entry, folder: dirname(file), purpose: 'deciding' });
  const [, body, name] = /^([\s\S]*)export\{([\w$]+) as default\};\s*$/.exec(code) ?? [];
  if (body === undefined) throw new BundleBuildError(`${file} exports no default.`);
  return `(()=>{"use strict";${body}return ${name}})()`;
}

/** One module of an entry and of all that it imports. @throws BundleBuildError */
async function buildModule(task: Task): Promise<BuiltBundle> {
  try {
    const first = await bundleOf(task);
    const { outputFiles, metafile } = await bundleOf(task, orderOf(first));
    const [file] = outputFiles;
    // Short names are given with regard to the text around them: once nothing is left of those of the sources, again.
    const once = await transform(file?.text ?? '', { ...FORM, minify: true });
    const { code } = await transform(once.code, { ...FORM, minify: true });
    const [output] = Object.values(metafile.outputs);
    const sources = Object.entries(output?.inputs ?? {}).flatMap(([path, { bytesInOutput }]) =>
      bytesInOutput > 0 && !/node_modules|^manifest:|entry\.js$/.test(path) ? [path] : [],
    );
    return { code, sources: sources.sort() };
  } catch (error) {
    throw inWords(error);
  }
}

interface Failure {
  readonly text: string;
  readonly location: { readonly file: string; readonly line: number } | null;
  /** What a step of ours threw. */
  readonly detail?: unknown;
}

function inWords(error: unknown): Error {
  const { errors } = error as { errors?: readonly Failure[] };
  const [first] = errors ?? [];
  if (first?.detail instanceof BundleBuildError) return first.detail;
  if (error instanceof BundleBuildError) return error;
  if (first === undefined) return new BundleBuildError((error as Error).message);
  // What a step of ours could not read says itself where.
  const [, ours] = /^Transform failed[^\n]*\n(.*)/.exec(first.text) ?? [];
  if (ours) return new BundleBuildError(ours);
  const at = first.location ? `${first.location.file}:${first.location.line}: ` : '';
  return new BundleBuildError(`${at}${first.text}`);
}
