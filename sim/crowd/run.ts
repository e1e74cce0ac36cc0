// Runs the check of a crowd, and tells what it measured.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { CrowdOptions } from './checks.ts';

/** The state of the chain, of every block. */
const HEAP = '--max-old-space-size=8192';
const main = fileURLToPath(new URL('main.ts', import.meta.url));

export async function runCrowd(t: TestContext, { homes, flips }: CrowdOptions): Promise<void> {
  const child = spawn(process.execPath, [HEAP, main, String(homes), String(flips)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', error: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    said.error += chunk;
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  for (const line of said.out.trim().split('\n')) t.diagnostic(line);
  assert.equal(status, 0, said.error);
  assert.match(said.out, new RegExp(`one line of ${homes}: `));
}
