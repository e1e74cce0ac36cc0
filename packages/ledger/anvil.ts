// The process of the embedded chain: found, started in its own network namespace, ended with its parent.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { LedgerError } from './errors.ts';

/**
 * Where the program is: in the npm package for this platform that `@foundry-rs/anvil` installs beside itself.
 * @throws LedgerError when there is none for this platform
 */
export function findAnvil(): string {
  const platform = process.platform === 'win32' ? 'win32' : process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const name = `@foundry-rs/anvil-${platform}-${arch}`;
  const requireHere = createRequire(import.meta.url);
  for (const from of [requireHere, createRequire(requireHere.resolve('@foundry-rs/anvil/package.json'))]) {
    try {
      const path = join(
        dirname(from.resolve(`${name}/package.json`)),
        'bin',
        platform === 'win32' ? 'anvil.exe' : 'anvil',
      );
      if (existsSync(path)) return path;
    } catch {
      // not installed there
    }
  }
  throw new LedgerError(
    'chain-unsupported',
    `The embedded chain needs the npm package ${name}: run npm ci, or name a chain's URL.`,
    'never',
  );
}

let namespaces: boolean | undefined;

/** May this user make a network namespace (Linux with unprivileged user namespaces)? Tried once. */
export function canIsolate(): boolean {
  if (namespaces === undefined) {
    try {
      execFileSync('unshare', ['--user', '--net', '--map-root-user', 'true'], { stdio: 'ignore' });
      namespaces = true;
    } catch {
      namespaces = false;
    }
  }
  return namespaces;
}

// The shell becomes the program; its helper waits for the end of standard input, which comes when the parent is gone,
// however it went, and then ends the program.
const TIED = 'exec 3<&0; (cat <&3; kill -9 $$) >/dev/null 2>&1 & exec "$@" </dev/null 3<&-';

/**
 * Starts the program tied to this process: it ends when this process does, even by kill -9.
 *
 * @param args of anvil, without a listening address
 * @param isolated in a network namespace of its own, where its HTTP listener reaches nobody
 */
export function spawnAnvil(args: readonly string[], isolated: boolean): ChildProcess {
  const listen = isolated ? ['--host', '0.0.0.0'] : ['--host', '127.0.0.1', '--port', '0', '--no-cors'];
  const command = [findAnvil(), ...args, ...listen];
  const whole = isolated ? ['unshare', '--user', '--net', '--map-root-user', ...command] : command;
  return spawn('sh', ['-c', TIED, 'sh', ...whole], { stdio: ['pipe', 'ignore', 'pipe'] });
}

/** When a process started, in the system's ticks, to tell it from a later one with the same number. */
export function processStart(pid: number): string | undefined {
  try {
    // proc(5): the command, in brackets, may hold blanks; the start time is the 20th field after it.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
  } catch {
    return undefined;
  }
}

/** The command line of a running process, or undefined. */
export function processCommand(pid: number): string | undefined {
  try {
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
  } catch {
    return undefined;
  }
}
