// Builds the verifier as one file, dist/verifier.html: whoever has it needs nothing else to check a proof file.
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';
import { browserOnly, quickjsInline } from './build/plugins.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  plugins: [react(), browserOnly(), quickjsInline(), viteSingleFile({ removeViteModuleLoader: true })],
  resolve: {
    alias: [
      { find: /^\.\/worker\.ts$/, replacement: at('src/proof/worker-inline.ts') },
      { find: /^\.\/quickjs\.ts$/, replacement: at('src/proof/quickjs-inline.ts') },
    ],
  },
  // Not of modules: a page opened from a disk may not start those everywhere.
  worker: { format: 'iife', plugins: () => [browserOnly(), quickjsInline()] },
  build: {
    target: 'es2024',
    emptyOutDir: false,
    reportCompressedSize: false,
    rolldownOptions: { input: at('verifier.html') },
  },
});
