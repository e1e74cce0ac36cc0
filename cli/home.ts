// The data folder as the commands use it: where the node runs, its token, the network document.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type NetworkDocument, parseNetwork } from '@trine/protocol';
import { readGivenText } from './files.ts';
import { CommandError } from './output.ts';

/** Of a network document: it stands in a leaf, and a file of it may be laid out. */
const NETWORK_BYTES_MAX = 1_048_576;

/** Where a running node answers; written at its start, removed at its stop. */
export interface RunningNode {
  readonly url: string;
  readonly pid: number;
}

/** @param given by a flag; otherwise TRINE_HOME, otherwise `~/.trine` */
export function homeFolder(given?: string): string {
  return resolve(given ?? process.env.TRINE_HOME ?? join(homedir(), '.trine'));
}

export function writeRunning(home: string, node: RunningNode): void {
  const path = join(home, 'node.json');
  writeFileSync(`${path}.new`, `${JSON.stringify(node)}\n`);
  renameSync(`${path}.new`, path);
}

export function removeRunning(home: string): void {
  rmSync(join(home, 'node.json'), { force: true });
}

/** The node of this data folder, where one runs; a file that a killed node left behind does not count. */
export function readRunning(home: string): RunningNode | undefined {
  try {
    const node = JSON.parse(readFileSync(join(home, 'node.json'), 'utf8')) as RunningNode;
    process.kill(node.pid, 0);
    return node;
  } catch (error) {
    // EPERM: the process is there, and another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
      ? (JSON.parse(readFileSync(join(home, 'node.json'), 'utf8')) as RunningNode)
      : undefined;
  }
}

/** @throws CommandError naming the file */
export function readNetworkFile(path: string): NetworkDocument {
  const text = readGivenText(path, 'network document', NETWORK_BYTES_MAX);
  try {
    return parseNetwork(text);
  } catch (error) {
    throw new CommandError(`${path} is no network document: ${(error as Error).message}`);
  }
}

/** The network document of the node of this data folder, where there is one. */
export function ownNetwork(home: string): NetworkDocument | undefined {
  const path = join(home, 'network.json');
  return existsSync(path) ? readNetworkFile(path) : undefined;
}
