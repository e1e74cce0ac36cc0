// Builds the console into dist/, which is committed: a node serves it as it lies, and users need no build tools.
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { browserOnly, recordSources } from './build/plugins.ts';

const sources = recordSources(fileURLToPath(new URL('..', import.meta.url)));

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), browserOnly(), sources.collect(), sources.write()],
  worker: { format: 'es', plugins: () => [browserOnly(), sources.collect()] },
  build: { target: 'es2024', assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
});
