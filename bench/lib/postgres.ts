// A PostgreSQL cluster of its own in a temporary folder, with the durability it comes with.
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { end, freePort } from './trine.ts';

export interface Postgres {
  readonly pid: number;
  readonly port: number;
  readonly user: string;
  stop(): Promise<void>;
}

/** PostgreSQL does not run as root: then as the user of this name. */
const SYSTEM_USER = 'postgres';

/** @throws Error when PostgreSQL is not installed or does not start */
export async function startPostgres(): Promise<Postgres> {
  const binaries = dirname(realpathSync(execFileSync('which', ['postgres'], { encoding: 'utf8' }).trim()));
  const folder = mkdtempSync(join(tmpdir(), 'trine-bench-pg-'));
  const runAs = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  if (runAs.uid !== undefined) chownSync(folder, runAs.uid, runAs.gid);
  const data = join(folder, 'data');
  execFileSync(join(binaries, 'initdb'), ['-D', data, '-U', SYSTEM_USER, '-A', 'trust', '-E', 'UTF8'], {
    ...runAs,
    cwd: folder,
    stdio: 'ignore',
  });
  const port = await freePort();
  const server = spawn(join(binaries, 'postgres'), ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder], {
    ...runAs,
    cwd: folder,
    stdio: 'ignore',
  });
  const stop = async () => {
    await end(server);
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 100; tries++) {
    const client = new pg.Client({ host: '127.0.0.1', port, user: SYSTEM_USER, database: 'postgres' });
    try {
      await client.connect();
      await client.end();
      return { pid: server.pid as number, port, user: SYSTEM_USER, stop };
    } catch {
      // Not ready yet: it is asked again, and given up below.
      await sleep(100);
    }
  }
  await stop();
  throw new Error('PostgreSQL did not start within 10 s.');
}

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, SYSTEM_USER], { encoding: 'utf8' }).trim());
}
