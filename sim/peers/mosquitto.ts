// Debian's Mosquitto as a broker of the user's own, for runs of the platform beside it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { until } from '../platform.ts';

const program = '/usr/sbin/mosquitto';
/** For `skip` of a test. */
export const withoutMosquitto: string | false = existsSync(program)
  ? false
  : 'the Debian package mosquitto is not installed';

export interface Mosquitto {
  readonly url: string;
  start(): Promise<void>;
  /** @param signal SIGTERM lets it write what it keeps, SIGKILL does not */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** @param folder what it keeps lies there: it writes it down at each change, as far as it can */
export async function mosquittoIn(folder: string): Promise<Mosquitto> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  const url = `mqtt://127.0.0.1:${port}`;
  const config = join(folder, 'mosquitto.conf');
  writeFileSync(
    config,
    [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous true',
      // Started by root it would become somebody else, who may not write here.
      `user ${userInfo().username}`,
      'persistence true',
      `persistence_location ${folder}/`,
      'autosave_on_changes true',
      'autosave_interval 1',
      'max_queued_messages 0',
    ].join('\n'),
  );
  let child: ChildProcess | undefined;
  return {
    url,
    start: async () => {
      child = spawn(program, ['-c', config], { stdio: 'ignore' });
      await until('Mosquitto answers', () => answers(url));
    },
    stop: async (signal) => {
      const running = child;
      child = undefined;
      if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
      running.kill(signal);
      await once(running, 'exit');
    },
  };
}

async function answers(url: string): Promise<true | undefined> {
  const client = mqtt.connect(url, { reconnectPeriod: 0, connectTimeout: 500 });
  const isThere = await new Promise<boolean>((resolve) =>
    client
      .once('connect', () => resolve(true))
      .once('error', () => resolve(false))
      .once('close', () => resolve(false)),
  );
  await client.endAsync(true);
  return isThere || undefined;
}
