// The node's HTTP interface, as the commands use it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { answer, connect, type Schemas, type TrineApi, UnreachableError } from '@trine/client';
import { TrineError } from '@trine/protocol';
import type { Command } from 'commander';
import { homeFolder, readRunning } from './home.ts';
import { CommandError } from './output.ts';

export interface NodeFlags {
  readonly url?: string;
  readonly token?: string;
  readonly home?: string;
}

/** Adds the options that say which node to speak to. */
export function withNode(command: Command): Command {
  return command
    .option('--url <address>', 'address of the node (TRINE_URL; default: the one running in the data folder)')
    .option('--token <token>', 'its access token (TRINE_TOKEN; default: from the data folder)')
    .option('--home <folder>', 'data folder (TRINE_HOME; default ~/.trine)');
}

/** A page of a list. */
interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string | undefined;
}

export class Client {
  readonly url: string;
  readonly api: TrineApi;
  /** What needs the node's token can be asked. */
  readonly hasToken: boolean;

  constructor(flags: NodeFlags) {
    const home = homeFolder(flags.home);
    const port = process.env.TRINE_PORT ?? '4100';
    this.url = flags.url ?? process.env.TRINE_URL ?? readRunning(home)?.url ?? `http://127.0.0.1:${port}`;
    if (!/^https?:\/\//.test(this.url)) throw new CommandError(`${this.url} is no address: give http://HOST:PORT.`);
    const token = flags.token ?? process.env.TRINE_TOKEN ?? tokenIn(home);
    this.hasToken = token !== undefined;
    this.api = connect({ url: this.url.replace(/\/+$/, ''), token });
  }

  /**
   * What the node answers.
   * @example client.ask(client.api.GET('/api/v1/overview'))
   * @throws TrineError with what the node said
   */
  async ask<T>(call: Promise<{ readonly data?: T }>): Promise<Exclude<T, undefined>> {
    try {
      return await answer(call);
    } catch (error) {
      if (error instanceof UnreachableError)
        throw new CommandError(`${error.message} Start one with \`trine up\`, or name it with --url.`);
      if (error instanceof TrineError && error.code === 'unauthorised')
        throw new CommandError(
          `The node at ${this.url} does not accept the token: give --token or TRINE_TOKEN, or its data folder with --home.`,
        );
      throw error;
    }
  }

  /** All rows of a list, page by page. @param page asks for the one that begins `after` the one before */
  async all<T>(page: (query: { limit: number; after?: string }) => Promise<{ readonly data?: Page<T> }>): Promise<T[]> {
    const rows: T[] = [];
    let after: string | undefined;
    do {
      const found: Page<T> = await this.ask(page({ limit: PAGE, ...(after !== undefined && { after }) }));
      rows.push(...found.items);
      after = found.next;
    } while (after !== undefined);
    return rows;
  }

  async evidence(id: string): Promise<Uint8Array> {
    const params = { path: { id } };
    const call = this.api.GET('/api/v1/evidence/{id}', { params, parseAs: 'arrayBuffer' });
    // Bytes in JSON Schema are a string; they come as they are.
    return new Uint8Array((await this.ask<unknown>(call)) as ArrayBuffer);
  }

  /** Key, network and MQTT address of the node. An address of "any interface" is replaced by the host asked. */
  async gateway(): Promise<Schemas['Gateway']> {
    const gateway = await this.ask(this.api.GET('/gateway.json'));
    const mqtt = gateway.mqtt.includes('://') ? gateway.mqtt : `mqtt://${gateway.mqtt}`;
    const { hostname } = new URL(this.url);
    return { ...gateway, mqtt: mqtt.replace(/\/\/(0\.0\.0\.0|\[::\])/, `//${hostname}`) };
  }

  /** The head of a sequence, for who goes on with it; undefined where there is none. */
  async head(subject: string, keyOwner: string): Promise<{ epoch: number; id: string } | undefined> {
    const { epoch, id } = await this.ask(this.api.GET('/api/v1/chain', { params: { query: { subject, keyOwner } } }));
    return id === undefined || epoch === undefined ? undefined : { epoch, id };
  }
}

const PAGE = 1_000;

function tokenIn(home: string): string | undefined {
  try {
    return readFileSync(join(home, 'keys', 'token.secret'), 'utf8').trim();
  } catch {
    return undefined;
  }
}
