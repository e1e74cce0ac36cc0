// The node's HTTP interface, as the commands use it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isErrorCode, TrineError } from '@trine/protocol';
import type { Command } from 'commander';
import { homeFolder, readRunning } from './home.ts';
import { CommandError, exitStatus } from './output.ts';

export interface NodeFlags {
  readonly url?: string;
  readonly token?: string;
  readonly home?: string;
}

/** What a device must know of its gateway. */
export interface Gateway {
  /** did:key whose acknowledgements count. */
  readonly key: string;
  readonly network: string;
  readonly mqtt: string;
}

/** Adds the options that say which node to speak to. */
export function withNode(command: Command): Command {
  return command
    .option('--url <address>', 'address of the node (TRINE_URL; default: the one running in the data folder)')
    .option('--token <token>', 'its access token (TRINE_TOKEN; default: from the data folder)')
    .option('--home <folder>', 'data folder (TRINE_HOME; default ~/.trine)');
}

export class Client {
  readonly url: string;
  private readonly token: string | undefined;

  constructor(flags: NodeFlags) {
    const home = homeFolder(flags.home);
    const port = process.env.TRINE_PORT ?? '4100';
    this.url = flags.url ?? process.env.TRINE_URL ?? readRunning(home)?.url ?? `http://127.0.0.1:${port}`;
    if (!/^https?:\/\//.test(this.url)) throw new CommandError(`${this.url} is no address: give http://HOST:PORT.`);
    this.token = flags.token ?? process.env.TRINE_TOKEN ?? tokenIn(home);
  }

  /** @param path below the node's address @throws TrineError with what the node said */
  async get<T>(path: string): Promise<T> {
    return (await (await this.request(path)).json()) as T;
  }

  async bytes(path: string): Promise<Uint8Array> {
    return new Uint8Array(await (await this.request(path)).arrayBuffer());
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    const response = await this.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await response.json()) as T;
  }

  /** Key, network and MQTT address of the node. An address of "any interface" is replaced by the host asked. */
  async gateway(): Promise<Gateway> {
    const gateway = await this.get<Gateway>('/gateway.json');
    const mqtt = gateway.mqtt.includes('://') ? gateway.mqtt : `mqtt://${gateway.mqtt}`;
    const { hostname } = new URL(this.url);
    return { ...gateway, mqtt: mqtt.replace(/\/\/(0\.0\.0\.0|\[::\])/, `//${hostname}`) };
  }

  private async request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...init.headers, ...(this.token && { authorization: `Bearer ${this.token}` }) };
    let response: Response;
    try {
      response = await fetch(new URL(path, this.url), { ...init, headers });
    } catch {
      throw new CommandError(`No node answers at ${this.url}. Start one with \`trine up\`, or name it with --url.`);
    }
    if (response.ok) return response;
    if (response.status === 401)
      throw new CommandError(
        `The node at ${this.url} does not accept the token: give --token or TRINE_TOKEN, or its data folder with --home.`,
      );
    const said = (await response.json().catch(() => ({}))) as { error?: string; code?: string };
    const message = said.error ?? `The node answered ${path} with HTTP status ${response.status}.`;
    if (isErrorCode(said.code)) throw new TrineError(said.code, message);
    throw new CommandError(message, response.status === 404 ? exitStatus.failed : exitStatus.unusable);
  }
}

function tokenIn(home: string): string | undefined {
  try {
    return readFileSync(join(home, 'keys', 'token.secret'), 'utf8').trim();
  } catch {
    return undefined;
  }
}
