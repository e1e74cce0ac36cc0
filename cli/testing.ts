// The command line and a node for tests, as child processes: what a user runs is what is tested.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const TRIES_MAX = 1_200;
const main = fileURLToPath(new URL('./main.ts', import.meta.url));

export interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly words: string;
  /** Standard output as JSON. */
  json<T>(): T;
}

export interface RunOptions {
  readonly input?: string;
  /** Sends SIGINT once this says so. */
  readonly interruptWhen?: () => Promise<boolean>;
}

/** A data folder, a node that may run on it, and the commands. */
export class Bench {
  readonly home: string = mkdtempSync(join(tmpdir(), 'trine-cli-'));
  #node: ChildProcess | undefined;

  /** A file in a folder of its own. */
  file(name: string, content: string | Uint8Array): string {
    const path = join(this.home, name);
    writeFileSync(path, content);
    return path;
  }

  /** Runs a command to its end. */
  async trine(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const child = spawn(process.execPath, [main, ...args], { env: this.#environment() });
    let out = '';
    let words = '';
    child.stdout.on('data', (part) => {
      out += part;
    });
    child.stderr.on('data', (part) => {
      words += part;
    });
    child.stdin.end(options.input ?? '');
    const closed = once(child, 'close') as Promise<[number | null]>;
    const { interruptWhen } = options;
    if (interruptWhen) {
      await this.until(async () => ((await interruptWhen()) || child.exitCode !== null ? true : undefined));
      child.kill('SIGINT');
    }
    const [status] = await closed;
    return { status, out, words, json: <T>() => JSON.parse(out) as T };
  }

  #environment(): NodeJS.ProcessEnv {
    const { TRINE_URL: _url, TRINE_TOKEN: _token, TRINE_PORT: _port, TRINE_MQTT_PORT: _mqtt, ...rest } = process.env;
    return { ...rest, TRINE_HOME: this.home };
  }

  /** Starts the node with short windows and waits until it is ready. */
  async up(): Promise<void> {
    this.file(
      'settings.json',
      JSON.stringify({
        device: { intervalMs: 400 },
        practice: { windowMs: 2_000, graceMs: 500, disputeWindowS: 0, shadowWindowsMin: 2 },
      }),
    );
    const node = spawn(process.execPath, [main, 'up', '--port', '0', '--mqtt-port', '0'], { env: this.#environment() });
    let words = '';
    node.stderr.on('data', (part) => {
      words += part;
    });
    node.stdout.resume();
    this.#node = node;
    while (!existsSync(join(this.home, 'node.json'))) {
      if (node.exitCode !== null) throw new Error(`The node ended: ${words}`);
      await sleep(50);
    }
  }

  /** Stops the node as Ctrl-C does. @returns its exit status */
  async down(): Promise<number | null> {
    const node = this.#node;
    this.#node = undefined;
    if (!node || node.exitCode !== null) return node?.exitCode ?? null;
    const exited = once(node, 'exit') as Promise<[number | null]>;
    node.kill('SIGINT');
    return (await exited)[0];
  }

  /** Of the node. */
  get url(): string {
    return (JSON.parse(readFileSync(join(this.home, 'node.json'), 'utf8')) as { url: string }).url;
  }

  /** Address of the log as the node serves it. */
  get logUrl(): string {
    return `${this.url}/log`;
  }

  async api<T>(path: string, method: 'GET' | 'POST' = 'GET'): Promise<T> {
    return JSON.parse(await this.text(path, method)) as T;
  }

  async text(path: string, method: 'GET' | 'POST' = 'GET'): Promise<string> {
    const token = readFileSync(join(this.home, 'keys', 'token.secret'), 'utf8').trim();
    const response = await fetch(`${this.url}/api/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
    });
    return response.text();
  }

  /** Asks until the answer is there. @throws Error where it never comes */
  async until<T>(ask: () => Promise<T | undefined>): Promise<T> {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      await sleep(50);
    }
    throw new Error('What was waited for never came.');
  }

  async close(): Promise<void> {
    await this.down();
    rmSync(this.home, { recursive: true, force: true });
  }
}
