// A Mosquitto of its own on a free port.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { end, freePort } from './trine.ts';

export interface Mosquitto {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

/** Debian keeps daemons where a user's PATH does not look. */
export const mosquittoPaths = ['mosquitto', '/usr/sbin/mosquitto'];

/** @param path of the program @throws Error when it does not start */
export async function startMosquitto(path: string): Promise<Mosquitto> {
  const folder = mkdtempSync(join(tmpdir(), 'trine-bench-mosquitto-'));
  const port = await freePort();
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence false',
    // By default it drops what a subscriber cannot keep up with: here nothing may be lost.
    'max_queued_messages 0',
    'max_inflight_messages 1000',
    ...(process.getuid?.() === 0 ? ['user root'] : []),
  ];
  writeFileSync(join(folder, 'mosquitto.conf'), `${lines.join('\n')}\n`);
  const broker = spawn(path, ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' });
  const stop = async () => {
    await end(broker);
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 100; tries++) {
    if (await answers(port)) return { pid: broker.pid as number, port, stop };
    await sleep(50);
  }
  await stop();
  throw new Error('Mosquitto did not start within 5 s.');
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
