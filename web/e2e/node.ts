// A real node in a process of its own, with a data folder of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

export interface RunningNode {
  /** Address of the console, with its token. */
  readonly url: string;
  /** Address without the token. */
  readonly origin: string;
  readonly home: string;
  /** Runs a command of `trine` against it; resolves to what it printed. */
  trine(...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

/**
 * @param settings written to the data folder before the start
 * @param prepare what is done with the commands before the start
 */
export async function startTestNode(
  settings: object,
  prepare: (trine: RunningNode['trine'], home: string) => Promise<unknown> = async () => undefined,
): Promise<RunningNode> {
  const home = await mkdtemp(join(tmpdir(), 'trine-console-'));
  await writeFile(join(home, 'settings.json'), JSON.stringify(settings));
  const environment = { ...process.env, TRINE_HOME: home };
  await prepare((...args) => run([cli, ...args], environment), home);
  const child = spawn(process.execPath, [cli, 'up', '--port', '0', '--mqtt-port', '0'], { env: environment });
  const url = await findAddress(child);
  const { origin, port } = new URL(url);
  return {
    url,
    origin,
    home,
    trine: (...args) => run([cli, ...args], { ...environment, TRINE_PORT: port }),
    async stop() {
      const ended = once(child, 'exit');
      if (child.exitCode === null && child.kill('SIGTERM')) await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function findAddress(child: ChildProcess): Promise<string> {
  let output = '';
  const address = new Promise<string>((resolve) => {
    const read = (chunk: Buffer): void => {
      output += chunk;
      const match = /http:\/\/\S+#token=[0-9a-f]+/.exec(output);
      if (match) resolve(match[0]);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
  });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The node ended with ${code} before it was ready:\n${output}`);
  });
  return Promise.race([address, ended]);
}

async function run(args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, args, { env });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error(`trine ${args.slice(1).join(' ')} ended with ${code}:\n${output}`);
  return output;
}
