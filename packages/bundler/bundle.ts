// Builds the bundle of a domain: one module of all that decides, over what the engine offers to bundles. Its bytes are the
// identity of what decides, so they follow from what is executed: no comment, name, form text or folder is in them.
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildResult, build, type Plugin, transform } from 'esbuild';
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

function ours(specifier: string): string | undefined {
  const known = OURS[specifier];
  if (known) return join(root, known);
  return specifier.startsWith(MODELS) ? join(root, 'packages/models', specifier.slice(MODELS.length)) : undefined;
}

const isPackage = (path: string) => path.includes(`${sep}node_modules${sep}`);

/** A source of ours or of the domain; undefined where it is a package's. */
function sourceOf(specifier: string, importer: string): string | undefined {
  const path = specifier.startsWith('.') ? resolve(dirname(importer), specifier) : ours(specifier);
  const instead = path && INSTEAD[relative(root, path).replaceAll(sep, '/')];
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
async function readSource(path: string, folder: string, order: ImportOrder | undefined): Promise<string> {
  // As a namespace of its own, the bundler leaves out what is not used of it.
  const text = readFileSync(path, 'utf8').replace(/^import \{ z \} from 'zod';/m, "import * as z from 'zod';");
  const { code } = await transform(text, { loader: 'ts', format: 'esm', sourcefile: path, tsconfigRaw: TSCONFIG });
  const bare = path.startsWith(folder + sep) ? withoutFormTexts(code) : code;
  return order ? order.sort(bare, (specifier) => sourceOf(specifier, path) ?? specifier) : bare;
}

function sourcesPlugin(folder: string, order: ImportOrder | undefined): Plugin {
  const manifest = resolve(folder, MANIFEST);
  return {
    name: 'sources',
    setup({ onResolve, onLoad, resolve: resolvePackage }) {
      onResolve({ filter: /.*/ }, ({ path, importer, kind, pluginData }) => {
        if (kind === 'entry-point' || pluginData === 'package') return undefined;
        if (path.startsWith('node:'))
          throw new BundleBuildError(`${importer} imports ${path}: what decides reads no machine.`);
        const source = isPackage(importer) ? undefined : sourceOf(path, importer);
        if (source === manifest) return { path: source, namespace: NO_MANIFEST, sideEffects: false };
        if (source) return { path: source, sideEffects: false };
        if (path.startsWith('@trine/'))
          throw new BundleBuildError(`${importer} imports ${path}: bundles are made of engine, models and protocol.`);
        // Packages are this installation's, at its pinned versions, wherever the domain lies.
        if (isPackage(importer)) return undefined;
        return resolvePackage(path, { kind: 'import-statement', resolveDir: root, pluginData: 'package' });
      });
      onLoad({ filter: /.*/, namespace: NO_MANIFEST }, () => ({ contents: 'export const manifest = void 0;' }));
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (isPackage(path)) return undefined;
        return { contents: await readSource(path, folder, order), loader: 'js', resolveDir: dirname(path) };
      });
    },
  };
}

type Built = BuildResult<{ write: false; metafile: true }>;

function bundleOf(entry: string, folder: string, order?: ImportOrder): Promise<Built> {
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
    plugins: [sourcesPlugin(folder, order)],
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
  const entry = `import{${name} as d}from${JSON.stringify(index)};import{bundled}from"@trine/engine";export default bundled(d);`;
  return buildModule(entry, own);
}

/** One module of an entry and of all that it imports. @param folder that it stands in @throws BundleBuildError */
export async function buildModule(entry: string, folder: string): Promise<BuiltBundle> {
  try {
    const first = await bundleOf(entry, folder);
    const { outputFiles, metafile } = await bundleOf(entry, folder, orderOf(first));
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

function inWords(error: unknown): Error {
  const { errors } = error as { errors?: readonly { text: string; location: { file: string; line: number } | null }[] };
  const [first] = errors ?? [];
  if (error instanceof BundleBuildError) return error;
  if (first === undefined) return new BundleBuildError((error as Error).message);
  // What a step of ours could not read says itself where.
  const [, ours] = /^Transform failed[^\n]*\n(.*)/.exec(first.text) ?? [];
  if (ours) return new BundleBuildError(ours);
  const at = first.location ? `${first.location.file}:${first.location.line}: ` : '';
  return new BundleBuildError(`${at}${first.text}`);
}
