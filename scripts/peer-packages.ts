// Named set-up step "npm packages of peers": what tests beside other people's programs need from npm, in a folder of its own,
// so that no installation of ours has it. Without it those tests are skipped by name.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where they lie. */
export const peersFolder = fileURLToPath(new URL('../node_modules/.peers/', import.meta.url));

const wanted = { 'zigbee-herdsman-converters': '26.112.0' } as const;

/** Is a package there? */
export function hasPeer(name: keyof typeof wanted): boolean {
  return existsSync(`${peersFolder}node_modules/${name}/package.json`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const missing = Object.entries(wanted).filter(([name]) => !hasPeer(name as keyof typeof wanted));
  if (missing.length > 0) {
    process.stdout.write(`npm packages of peers: ${missing.map(([name]) => name).join(', ')} are being installed\n`);
    mkdirSync(peersFolder, { recursive: true });
    writeFileSync(`${peersFolder}package.json`, '{"private":true}\n');
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...missing.map((one) => one.join('@'))];
    if (spawnSync('npm', args, { cwd: peersFolder, stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0)
      process.stdout.write('npm packages of peers: could not be installed; tests that need them are skipped by name\n');
  }
}
