// Named set-up step "Debian packages": what the tests in a browser and against peers, and the benchmark, need beside npm. Installs them where
// it may (root on Debian), says what is missing otherwise; the tests that need it are then skipped by name.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const wanted: readonly { readonly name: string; readonly path: string }[] = [
  { name: 'chromium', path: '/usr/bin/chromium' },
  { name: 'mosquitto', path: '/usr/sbin/mosquitto' },
  { name: 'python3-cbor2', path: '/usr/lib/python3/dist-packages/cbor2' },
  { name: 'python3-cryptography', path: '/usr/lib/python3/dist-packages/cryptography' },
];

const missing = wanted.filter(({ path }) => !existsSync(path)).map(({ name }) => name);
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
