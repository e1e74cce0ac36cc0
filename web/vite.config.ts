// Builds the console into dist/, which is committed: a node serves it as it lies, and users need no build tools.
import { fileURLToPath } from 'node:url';
import { domainIdentities } from '@trine/domains/identities.ts';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { browserOnly, recordSources } from './build/plugins.ts';

const identities = await domainIdentities();
const sources = recordSources(fileURLToPath(new URL('..', import.meta.url)), identities);

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), browserOnly(), sources.collect(), sources.write()],
  // What a decision is computed again with is fixed here and never asked of the node under examination.
  define: { __DOMAIN_IDENTITIES__: JSON.stringify(identities) },
  worker: { format: 'es', plugins: () => [browserOnly(), sources.collect()] },
  build: { target: 'es2024', assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
});
