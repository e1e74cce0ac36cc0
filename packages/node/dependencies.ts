// What a node depends on. All of it can be given: so a simulation runs whole nodes on a time, a disk and a chain of its
// own, and the same seed is the same run.
import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import { machine, type System } from '@trine/system/system.ts';
import type { Logger } from 'pino';
import type { SandboxFiles } from './connectors/code.ts';
import { type OpenChain, openChain } from './genesis/genesis.ts';
import { endProcess } from './last-resort.ts';
import { type OpenStore, openStore } from './projections/tables/store.ts';
import { type Network, openMqtt } from './ways-in.ts';

/** Measures what the node itself takes of the machine. */
export interface Probe {
  readonly hostname: string;
  residentBytes(): number;
  /** Free on the disk that a folder is on. */
  freeBytes(folder: string): Promise<number>;
}

export interface NodeDependencies extends System {
  /** Opens the tables. */
  readonly store: OpenStore;
  /** Opens the ways in, besides HTTP, which is opened by whoever started the node. */
  readonly network: Network;
  /** Opens the chain. */
  readonly chain: OpenChain;
  readonly probe: Probe;
  /** What runs the code of mappings. */
  readonly sandbox: SandboxFiles;
  /** Ends the process: nothing can be sealed any more. */
  readonly end: (logger: Logger, error: Error, what: string) => void;
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** As they are installed. */
export const sandboxFiles: SandboxFiles = {
  quickjs: () => new Uint8Array(readFileSync(new URL(import.meta.resolve('@jitl/quickjs-wasmfile-release-sync/wasm')))),
  jsonata: () => readFileSync(new URL(import.meta.resolve('jsonata')), 'utf8'),
};

/** The machine's own, and the chain and ways in of the settings. */
export const machineDependencies: NodeDependencies = {
  ...machine,
  store: (path) => openStore(path),
  network: { openMqtt },
  chain: openChain,
  probe: { hostname: hostname(), residentBytes: () => process.memoryUsage.rss(), freeBytes },
  sandbox: sandboxFiles,
  end: endProcess,
};
