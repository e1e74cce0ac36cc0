// The committed artifacts are those of the sources. Needs the Solidity compiler (npm package `solc`).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { artifactFiles } from '../scripts/artifacts.ts';

const solc = fileURLToPath(new URL('../../node_modules/solc/soljson.js', import.meta.url));
const hardhat = fileURLToPath(import.meta.resolve('hardhat/package.json')).replace(/package\.json$/, 'dist/src/cli.js');

test('artifacts are rebuilt from the sources byte for byte', {
  skip: !existsSync(solc) && 'solc not installed',
}, () => {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  execFileSync(process.execPath, [hardhat, 'compile'], { cwd, stdio: 'pipe' });
  for (const [file, text] of artifactFiles()) {
    assert.ok(readFileSync(file, 'utf8') === text, `${file} is not of these sources: run npm run build -w contracts`);
  }
});
