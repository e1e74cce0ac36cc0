// Set-up, run before `npm start` and `npm test` by whatever Node the machine has. Installs what the lockfile names,
// the pinned Node among it, once for each lockfile. Plain JavaScript for old versions of Node.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const forTests = process.argv.includes('--tests');
const stamp = join(root, 'node_modules', '.trine-setup.json');
const lock = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');

/** @returns {boolean} whether this lockfile is installed, with the tools for tests where they are needed */
function isDone() {
  try {
    const done = JSON.parse(readFileSync(stamp, 'utf8'));
    return (
      done.lock === lock && (done.tests || !forTests) && existsSync(join(root, 'node_modules', 'node', 'bin', 'node'))
    );
  } catch {
    return false;
  }
}

/** Runs npm with a line of progress, so that nobody wonders whether it stands still. */
function install() {
  return new Promise((resolve, reject) => {
    const begun = Date.now();
    const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...(forTests ? [] : ['--omit=dev'])];
    const npm = process.env.npm_execpath;
    const child = npm?.endsWith('.js')
      ? spawn(process.execPath, [npm, ...args], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
      : spawn('npm', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
    const say = () => `Setting up: installing what the lockfile names (${Math.round((Date.now() - begun) / 1000)} s)`;
    const progress = setInterval(() => process.stderr.isTTY && process.stderr.write(`\r${say()}`), 500);
    process.stderr.write(say());
    child.on('error', reject);
    child.on('exit', (code) => {
      clearInterval(progress);
      process.stderr.write('\n');
      if (code === 0) resolve(undefined);
      else reject(new Error(`npm ci ended with ${code}: see its words above. Is the npm registry reachable?`));
    });
  });
}

if (!isDone()) {
  try {
    rmSync(stamp, { force: true });
    await install();
    // TypeScript comes along as the optional peer of a library: only the tests use it.
    if (!forTests)
      for (const name of ['typescript', '@typescript'])
        rmSync(join(root, 'node_modules', name), { recursive: true, force: true });
    // The headers that come with the pinned Node are for building add-ons: nothing here builds any.
    for (const name of ['include', 'share']) {
      rmSync(join(root, 'node_modules', 'node', name), { recursive: true, force: true });
      for (const arch of ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'])
        rmSync(join(root, 'node_modules', 'node', 'node_modules', `node-${arch}`, name), {
          recursive: true,
          force: true,
        });
    }
    mkdirSync(dirname(stamp), { recursive: true });
    writeFileSync(stamp, JSON.stringify({ lock, tests: forTests }));
  } catch (error) {
    process.stderr.write(`Set-up failed: ${error.message}\n`);
    process.exit(1);
  }
}
