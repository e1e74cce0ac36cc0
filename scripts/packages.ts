// Named set-up step "Debian packages": what the end-to-end tests and the benchmark need beside npm. Installs them where
// it may (root on Debian), says what is missing otherwise; the tests that need it are then skipped by name.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const wanted: readonly { readonly name: string; readonly program: string }[] = [
  { name: 'chromium', program: '/usr/bin/chromium' },
  { name: 'mosquitto', program: '/usr/sbin/mosquitto' },
];

const missing = wanted.filter(({ program }) => !existsSync(program)).map(({ name }) => name);
if (missing.length > 0) {
  const may = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  process.stdout.write(`Debian packages: ${missing.join(', ')} ${may ? 'are being installed' : 'are missing'}\n`);
  if (may) {
    const run = (args: readonly string[]) =>
      spawnSync('apt-get', args, {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      }).status;
    run(['update', '-qq']);
    if (run(['install', '-y', '-qq', '--no-install-recommends', ...missing]) !== 0)
      process.stdout.write(
        `Debian packages: could not install ${missing.join(', ')}; tests that need them are skipped by name\n`,
      );
  } else process.stdout.write(`Install them for all tests: apt-get install ${missing.join(' ')}\n`);
}
