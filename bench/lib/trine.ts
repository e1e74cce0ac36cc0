// A node as a process of its own, started as a user starts it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { answer, connect, type TrineApi } from '@trine/client';

const cli = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const START_MS_MAX = 120_000;

export interface Trine {
  readonly pid: number;
  readonly home: string;
  readonly url: string;
  readonly mqttPort: number;
  readonly network: string;
  /** did:key of the gateway, which signs acknowledgements. */
  readonly gateway: string;
  /** From spawning the process to the first 200 of `/healthz`. */
  readonly startSeconds: number;
  /** With the token of the installation. */
  readonly api: TrineApi;
  /** Ends the process and waits for it; the data folder stays. */
  stop(): Promise<void>;
}

/** A data folder for one measurement. */
export function temporaryHome(): { home: string; remove: () => void } {
  const home = mkdtempSync(join(tmpdir(), 'trine-bench-'));
  return { home, remove: () => rmSync(home, { recursive: true, force: true }) };
}

/** @param nodeOptions for the runtime, for example `--cpu-prof` */
export async function startTrine(home: string, nodeOptions: readonly string[] = []): Promise<Trine> {
  const begun = performance.now();
  const [port, mqttPort] = await Promise.all([freePort(), freePort()]);
  const child = spawn(
    process.execPath,
    [...nodeOptions, cli, 'up', '--home', home, '--port', String(port), '--mqtt-port', String(mqttPort)],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2_000);
  });
  const url = `http://127.0.0.1:${port}`;
  await healthy(child, url, begun, () => said);
  const startSeconds = (performance.now() - begun) / 1000;
  const token = readFileSync(join(home, 'keys', 'token.secret'), 'utf8').trim();
  const api = connect({ url, token });
  const gateway = await answer(api.GET('/gateway.json'));
  return {
    pid: child.pid as number,
    home,
    url,
    mqttPort,
    network: gateway.network,
    gateway: gateway.key,
    startSeconds,
    api,
    stop: () => end(child),
  };
}

async function healthy(child: ChildProcess, url: string, begun: number, said: () => string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The node ended while starting:\n${said()}`);
    const isUp = await answer(connect({ url }).GET('/healthz')).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    if (performance.now() - begun > START_MS_MAX) {
      await end(child);
      throw new Error(`The node was not ready after ${START_MS_MAX / 1000} s:\n${said()}`);
    }
    await sleep(10);
  }
}

/** Asks a process to end, and ends it when it does not. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await exited;
  clearTimeout(timer);
}

/** A port nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
