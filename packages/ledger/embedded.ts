// The practice chain that runs inside an installation: anvil, with keys of its own, blocks on demand, state that
// survives kill -9, and administrative calls that nobody else reaches.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressOfPrivateKey, type Hex } from '@trine/protocol';
import { canIsolate, processCommand, processStart, spawnAnvil } from './anvil.ts';
import type { Chain, ChainRequest } from './chain.ts';
import { LedgerError } from './errors.ts';
import { connectIpc, type IpcClient } from './ipc.ts';
import { Miner, type MinerFigures } from './miner.ts';
import { readSnapshot, writeSnapshot } from './snapshots.ts';
import { type Clock, sleep, systemClock, systemTimers, type Timers } from './time.ts';

export type EmbeddedOptions = {
  /** folder of the chain's files, kept by this chain alone */
  readonly folder: string;
  /** EIP-155 chain id, this installation's own */
  readonly chainId: bigint;
  /** secp256k1 private keys, 32 bytes each: their accounts hold ether from the beginning */
  readonly keys: readonly Uint8Array[];
  /** least time between blocks; default 1000 */
  readonly blockIntervalMs?: number;
  /** in a network namespace of its own where the system allows it; default true */
  readonly isolate?: boolean;
  readonly clock?: Clock;
  readonly timers?: Timers;
};

export type EmbeddedChain = Chain & {
  readonly kind: 'embedded';
  /** what blocks and copies cost by now; `outgrown` says that it is time for a real chain */
  figures(): MinerFigures;
  /** process id of the chain, for tests and for the curious */
  readonly pid: number;
};

type Running = {
  pid: number;
  start: string | undefined;
  parent: number;
  parentStart: string | undefined;
  runtime: string;
};

const GAS_LIMIT = 60_000_000;
const START_MS_MAX = 15_000;
const FUNDS = `0x${(10n ** 24n).toString(16)}`;

/**
 * Starts the embedded chain, or continues it where its last whole copy stands.
 *
 * @returns the chain; stop it before the process ends (a killed process takes it along)
 * @throws LedgerError when another node runs on the same folder, or the program does not start
 * @example const chain = await startEmbedded({ folder, chainId: 31_999n, keys: [randomBytes(32)] });
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedChain> {
  const { folder, chainId, clock = systemClock, timers = systemTimers } = options;
  const isolated = (options.isolate ?? true) && canIsolate();
  const { child, ipc, clean } = await startProgram(options, isolated, clock);
  let stopping = false;
  const gone = () =>
    new LedgerError('chain-stopped', 'The embedded chain ended unexpectedly: start the node again.', 'later');
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', () => {
      child.stdin?.destroy();
      if (!stopping) reject(gone());
    });
  });
  ended.catch(() => {}); // whoever cares awaits it
  const save = (block: bigint, bytes: Uint8Array) => writeSnapshot(join(folder, 'state'), block, bytes);
  const { request: ask } = ipc;
  const intervalMs = options.blockIntervalMs ?? 1000;
  const miner = await Miner.start({ request: ask, save, intervalMs, clock, timers }).catch(async (error) => {
    stopping = true;
    await end(child);
    clean();
    throw error;
  });
  child.once('exit', () => miner.stop()); // there is nothing to try again
  const request: ChainRequest = async (call) => {
    if (call.method !== 'eth_sendRawTransaction') return ask(call);
    // One that is known already waits for a block as much as one that is new; junk waits for none.
    let refused = false;
    try {
      return await ask(call);
    } catch (error) {
      refused = !/already/i.test((error as Error).message);
      throw error;
    } finally {
      if (!refused) miner.wanted();
    }
  };
  const isGone = () => child.exitCode !== null || child.signalCode !== null;
  return {
    ...{ chainId, kind: 'embedded' as const, isolation: isolated ? ('namespace' as const) : ('loopback' as const) },
    ...{ request, pid: child.pid as number, ended, clock, timers },
    finalBlock: () => Promise.resolve(miner.durableBlock),
    refresh: () => miner.refresh(),
    figures: () => miner.figures(),
    problem: () => (isGone() && !stopping ? gone().message : miner.problem()),
    async stop() {
      if (stopping) return;
      stopping = true;
      await miner.stop();
      ipc.close();
      await end(child); // the miner has written everything
      clean();
    },
  };
}

type Program = { readonly child: ChildProcess; readonly ipc: IpcClient; readonly clean: () => void };

/** The process of the chain, answering. */
async function startProgram(options: EmbeddedOptions, isolated: boolean, clock: Clock): Promise<Program> {
  const { folder } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  endOrphan(folder);
  // The socket's path must be short (108 bytes), whatever the folder's is; the folder made here is the user's alone.
  const runtime = mkdtempSync(join(tmpdir(), 'trine-'));
  const socket = join(runtime, 'chain.ipc');
  const args = [...stateArgs(options, runtime, clock), '--chain-id', String(options.chainId), '--ipc', socket];
  args.push('--accounts', '0', '--hardfork', 'osaka', '--no-mining', '--quiet', '--gas-limit', String(GAS_LIMIT));
  args.push('--cache-path', join(runtime, 'cache'));
  const record = (pid: number) => {
    const own = { parent: process.pid, parentStart: processStart(process.pid), runtime };
    const running: Running = { pid, start: processStart(pid), ...own };
    writeFileSync(join(folder, 'running.json'), JSON.stringify(running), { mode: 0o600 });
  };
  record(0); // so that the next start finds the folder made here, whenever this process is killed
  const child = spawnAnvil(args, isolated);
  record(child.pid as number);
  const clean = () => {
    rmSync(runtime, { recursive: true, force: true });
    rmSync(join(folder, 'running.json'), { force: true });
  };
  try {
    const ipc = await connectWhenReady(child, socket);
    rmSync(join(runtime, 'load.json'), { force: true });
    return { child, ipc, clean };
  } catch (error) {
    child.kill('SIGKILL');
    clean();
    throw error;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
  child.stdin?.destroy();
}

/** Continue from the newest copy, or begin with a genesis of this installation's own accounts. */
function stateArgs(options: EmbeddedOptions, runtime: string, clock: Clock): string[] {
  const state = readSnapshot(join(options.folder, 'state'));
  if (state !== undefined) {
    writeFileSync(join(runtime, 'load.json'), state, { mode: 0o600 });
    return ['--load-state', join(runtime, 'load.json')];
  }
  const alloc = Object.fromEntries(options.keys.map((key) => [addressOfPrivateKey(key), { balance: FUNDS }]));
  const zero: Hex = `0x${'00'.repeat(32)}`;
  const genesis = {
    config: { chainId: Number(options.chainId) },
    ...{ nonce: '0x0', difficulty: '0x0', extraData: '0x', mixHash: zero, coinbase: `0x${'00'.repeat(20)}` },
    timestamp: `0x${Math.floor(clock.now() / 1000).toString(16)}`,
    gasLimit: `0x${GAS_LIMIT.toString(16)}`,
    alloc,
  };
  writeFileSync(join(runtime, 'load.json'), JSON.stringify(genesis), { mode: 0o600 });
  return ['--init', join(runtime, 'load.json')];
}

async function connectWhenReady(child: ChildProcess, socket: string): Promise<IpcClient> {
  let complaint = '';
  child.stderr?.on('data', (data: Buffer) => {
    complaint = (complaint + data.toString('utf8')).slice(-2000);
  });
  const deadline = performance.now() + START_MS_MAX;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    if (existsSync(socket)) {
      try {
        const ipc = await connectIpc(socket);
        await ipc.request({ method: 'eth_chainId' });
        return ipc;
      } catch {
        // the socket is there a moment before it answers
      }
    }
    await sleep(systemTimers, 10); // a program of the machine starts in the machine's time
  }
  throw new LedgerError(
    'chain-not-started',
    `The embedded chain did not start; it said: ${complaint.trim() || 'nothing'}. Start the node again.`,
    'later',
  );
}

/** Ends a chain that a killed node left behind, after making sure that it is that one. */
function endOrphan(folder: string): void {
  let left: Running;
  try {
    left = JSON.parse(readFileSync(join(folder, 'running.json'), 'utf8')) as Running;
  } catch {
    return;
  }
  const alive = processCommand(left.pid)?.includes(left.runtime) && processStart(left.pid) === left.start;
  const owner = processCommand(left.parent) !== undefined && processStart(left.parent) === left.parentStart;
  if (alive && owner) {
    throw new LedgerError(
      'chain-in-use',
      `Another node (process ${left.parent}) runs its chain in ${folder}: stop it first.`,
      'never',
    );
  }
  if (alive) process.kill(left.pid, 'SIGKILL');
  if (/trine-[^/\\]+$/.test(left.runtime)) rmSync(left.runtime, { recursive: true, force: true });
}
