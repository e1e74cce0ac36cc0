// Set-up, run before `npm start` and `npm test` by whatever Node the machine has. Installs what the lockfile names,
// the pinned Node among it, once for each lockfile. Plain JavaScript for old versions of Node.
// `--tests` also installs what only the tests use; `--onnx` what runs ONNX models (part of `--tests`).
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const forTests = process.argv.includes('--tests');
const withOnnx = forTests || process.argv.includes('--onnx');
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

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const pinned = manifest.dependencies.node;

/**
 * Runs npm with a line of progress, so that nobody wonders whether it stands still.
 * @param {string} what for people
 * @param {string[]} args
 * @param {string} [node] the Node to run npm under; the one at hand where omitted
 */
function npm(what, args, node) {
  return new Promise((resolve, reject) => {
    const begun = Date.now();
    const all = [...args, '--no-audit', '--no-fund', '--loglevel=error'];
    const script = process.env.npm_execpath;
    const path = node ? `${dirname(node)}${delimiter}${process.env.PATH}` : process.env.PATH;
    const options = { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, PATH: path } };
    const child = script?.endsWith('.js')
      ? spawn(node ?? process.execPath, [script, ...all], options)
      : spawn('npm', all, { ...options, shell: process.platform === 'win32' });
    const say = () => `Setting up: ${what} (${Math.round((Date.now() - begun) / 1000)} s)`;
    const progress = setInterval(() => process.stderr.isTTY && process.stderr.write(`\r${say()}`), 500);
    process.stderr.write(say());
    child.on('error', reject);
    child.on('exit', (code) => {
      clearInterval(progress);
      process.stderr.write('\n');
      if (code === 0) resolve(undefined);
      else reject(new Error(`npm ended with ${code}: see its words above. Is the npm registry reachable?`));
    });
  });
}

/**
 * npm leaves out optional packages that the Node it runs under is too old for, so it must run under the pinned one: an
 * older Node gets that first, in a folder of its own.
 */
async function install() {
  const args = ['ci', ...(forTests ? [] : ['--omit=dev'])];
  const what = 'installing what the lockfile names';
  if (process.version === `v${pinned}`) return npm(what, args);
  const folder = mkdtempSync(join(tmpdir(), 'trine-setup-'));
  try {
    await npm(`fetching Node ${pinned}`, ['install', '--prefix', folder, `node@${pinned}`]);
    await npm(what, args, join(folder, 'node_modules', 'node', 'bin', 'node'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const runtime = join(root, 'packages', 'models', 'runtime');

/** The ONNX runtime is large and few need it: it has a lockfile of its own, and only this machine's binaries are kept. */
async function installOnnx() {
  const done = join(runtime, 'node_modules', '.trine-setup.json');
  const wanted = createHash('sha256')
    .update(readFileSync(join(runtime, 'package-lock.json')))
    .digest('hex');
  if (existsSync(done) && readFileSync(done, 'utf8') === wanted) return;
  // Its install script would fetch libraries for graphics cards; the package holds all that a CPU needs.
  const node = join(root, 'node_modules', 'node', 'bin', 'node');
  await npm('installing what runs ONNX models', ['ci', '--prefix', runtime, '--ignore-scripts'], node);
  const binaries = join(runtime, 'node_modules', 'onnxruntime-node', 'bin', 'napi-v6');
  for (const platform of readdirSync(binaries))
    for (const arch of readdirSync(join(binaries, platform)))
      if (platform !== process.platform || arch !== process.arch)
        rmSync(join(binaries, platform, arch), { recursive: true, force: true });
  writeFileSync(done, wanted);
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

if (withOnnx) {
  try {
    await installOnnx();
  } catch (error) {
    process.stderr.write(`Set-up of the ONNX runtime failed: ${error.message}\n`);
    process.exit(1);
  }
}
