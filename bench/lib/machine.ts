// The machine a result holds for: no names, no addresses.
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, release, totalmem } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly kernel: string;
}

export function machine(): Machine {
  return {
    cpu: (cpus()[0]?.model ?? 'unknown').trim(),
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    kernel: release().split('-')[0] ?? release(),
  };
}

/** First line that a program says of its version; undefined where the program is absent. */
export function versionOf(program: string, flag = '--version'): string | undefined {
  try {
    return execFileSync(program, [flag], { stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' }).split('\n')[0];
  } catch (error) {
    // Some programs print their help, version included, and say with their status that it is no run.
    const said = (error as { stdout?: string }).stdout;
    return said ? said.split('\n')[0] : undefined;
  }
}
