// The command line and a node for tests, as child processes: what a user runs is what is tested.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ServedNode } from '@trine/node/testing/served.ts';
import { toHex } from '@trine/protocol';

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

/** Commands of a guide, block by block, as they are run: without `npx trine`, comments, and where the node is. */
export function guideCommands(name: string): string[][][] {
  const guide = readFileSync(new URL(`../docs/guides/${name}.md`, import.meta.url), 'utf8');
  return [...guide.matchAll(/```sh\n([^`]*)```/g)].map(([, block = '']) =>
    block
      .trim()
      .split('\n')
      .map(
        (line) =>
          line
            .replace(/ +#.*| --url .*/g, '')
            .match(/'[^']*'|\S+/g)
            ?.map((word) => word.replaceAll("'", ''))
            .slice(2) ?? [],
      ),
  );
}

/** A node in virtual time behind a port, its keys in a data folder, and the commands with the node's clock. */
export class VirtualBench {
  readonly bench: Bench = new Bench();
  readonly served: ServedNode;
  readonly #server: Server;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(served: ServedNode) {
    this.served = served;
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        this.#turn = this.#turn.then(() => this.#answer(request, Buffer.concat(parts), response));
      });
    });
  }

  /** @param t closes it, and not the node */
  static async open(t: TestContext, served: ServedNode): Promise<VirtualBench> {
    const made = new VirtualBench(served);
    const { bench } = made;
    await new Promise<void>((listening) => made.#server.listen(0, '127.0.0.1', listening));
    t.after(async () => {
      made.#server.closeAllConnections();
      made.#server.close();
      await bench.close();
    });
    const { keys } = served.node.genesis;
    mkdirSync(join(bench.home, 'keys'));
    for (const name of ['account', 'recipient', 'arbiter'] as const)
      bench.file(`keys/${name}.secret`, toHex(keys[name]));
    bench.file('keys/token.secret', keys.token);
    return made;
  }

  async #answer({ method = 'GET', url = '/', headers }: IncomingMessage, given: Buffer, response: ServerResponse) {
    const { served } = this;
    // Whoever asks what became of an act has waited a while.
    if (url.includes('/acts/')) await served.settling.settle();
    const body = given.length > 0 ? given.toString() : undefined;
    const asked = { method, token: headers.authorization?.slice(7) ?? '', ...(body && { body }) };
    const answer = await served.ask(url, { ...asked, headers: { 'content-type': 'application/json' } });
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(answer.bytes);
  }

  /** Runs a command to its end: the node's hour is another one than the machine's, so its clock is set to it. */
  async trine(...args: string[]): Promise<Ran> {
    const aheadMs = Date.now() - this.served.parts.world.now();
    const clock = `const now=Date.now;Date.now=()=>now()-${aheadMs}`;
    const url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    process.env.NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(clock)}`;
    try {
      return await this.bench.trine([...args, '--url', url]);
    } finally {
      process.env.NODE_OPTIONS = '';
    }
  }
}
