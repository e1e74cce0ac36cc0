#!/usr/bin/env node
// Runs the command line under the Node this project pins, whatever Node the system has. Plain JavaScript that old
// versions understand.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= 24) await import('../main.ts');
else {
  let pinned;
  try {
    pinned = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node');
  } catch {
    pinned = '';
  }
  if (!existsSync(pinned)) {
    process.stderr.write('trine: the pinned Node is not installed. Run `npm ci` in the folder of the project.\n');
    process.exit(2);
  }
  const child = spawn(pinned, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both; a signal to this process alone is handed on.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 128 + 15 : code));
}
