// What the build adds to Vite: a refusal of Node's modules, and a record of the sources that went in.
import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { buildFiles, hashSources } from './sources.ts';

/** Fails the build where something bundled needs Node: the verifier must run in any browser. */
export function browserOnly(): Plugin {
  return {
    name: 'browser-only',
    enforce: 'pre',
    resolveId(source, importer) {
      if (source.startsWith('node:')) throw new Error(`${importer} imports ${source}, which no browser has.`);
      return undefined;
    },
  };
}

/** QuickJS within the page, as base64, where nothing may be asked for; and no second copy by who would fetch it. */
export function quickjsInline(): Plugin {
  const name = 'virtual:quickjs-wasm';
  return {
    name: 'quickjs-inline',
    enforce: 'pre',
    resolveId: (source) => (source === name ? `\0${name}` : undefined),
    load(id) {
      if (id !== `\0${name}`) return undefined;
      const file = fileURLToPath(import.meta.resolve('@jitl/quickjs-wasmfile-release-sync/wasm'));
      return `export default ${JSON.stringify(readFileSync(file).toString('base64'))};`;
    },
    transform(code, id) {
      if (!id.includes('quickjs-wasmfile-release-sync') || !id.endsWith('.mjs')) return undefined;
      return code.replaceAll(/new URL\((["'])emscripten-module\.wasm\1,\s*import\.meta\.url\)/g, 'new URL("data:,")');
    },
  };
}

/** @param root of the repository */
export function recordSources(root: string): { collect(): Plugin; write(): Plugin } {
  const paths = new Set<string>(buildFiles);
  return {
    collect: () => ({
      name: 'collect-sources',
      generateBundle() {
        for (const id of this.getModuleIds()) {
          const path = relative(root, id.replace(/\?.*$/, '')).split(sep).join('/');
          const isOurs = !path.startsWith('..') && !path.includes('node_modules') && !/[\0:]/.test(path);
          if (isOurs) paths.add(path);
        }
      },
    }),
    write: () => ({
      name: 'write-build-record',
      enforce: 'post',
      generateBundle: {
        order: 'post',
        handler() {
          const sources = [...paths].sort();
          const record = { sha256: hashSources(root, sources), sources };
          this.emitFile({ type: 'asset', fileName: 'build.json', source: `${JSON.stringify(record, undefined, 2)}\n` });
        },
      },
    }),
  };
}
