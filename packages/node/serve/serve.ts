// Opens the HTTP port: console, API, log and MQTT over WebSocket.
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { TrineError } from '@trine/protocol';
import { errorAnswer, retryAfterS } from '../error-answer.ts';
import { Counters } from '../ingest/counters.ts';
import { ConnectionGate, type ConnectionLimits } from '../ingest/transports/connection-gate.ts';
import { openHttpTransport } from '../ingest/transports/http.ts';
import { openWebSocketTransport } from '../ingest/transports/websocket.ts';
import type { Node } from '../node.ts';
import { createApi } from './app.ts';
import { pathOf } from './host.ts';

export interface Served {
  /** Address of the console, without the token. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** The HTTP port is taken. */
export class PortTakenError extends TrineError {
  override readonly name = 'PortTakenError';
  constructor(port: number) {
    super('in-use', `Port ${port} is taken. Stop what uses it, or choose another with --port or TRINE_PORT.`, {
      facts: { port },
    });
  }
}

/** What one connection to the HTTP port may take, and all of them. Units come last in the name. */
export interface HttpLimits extends ConnectionLimits {
  /** From the opening of a connection, or the end of the last answer, to the end of the heads of a request. */
  readonly headersMsMax: number;
  /** To the end of its body. */
  readonly requestMsMax: number;
  /** Without a request. */
  readonly keepAliveMsMax: number;
  /** How often connections are looked at for these times. */
  readonly checkEveryMs: number;
  readonly headerBytesMax: number;
  readonly requestsPerConnectionMax: number;
}

export const httpLimits: HttpLimits = {
  connectionsMax: 2_000,
  connectionsPerAddressMax: 200,
  headersMsMax: 10_000,
  requestMsMax: 60_000,
  keepAliveMsMax: 10_000,
  checkEveryMs: 1_000,
  headerBytesMax: 16_384,
  requestsPerConnectionMax: 10_000,
};

/** What was refused on each port taken here, by reason. */
const refusedOn = new WeakMap<Server, Counters>();

/**
 * Takes the port before anything else starts, so that a taken port is found out at once.
 * @throws PortTakenError
 */
export async function takePort(host: string, port: number, given: Partial<HttpLimits> = {}): Promise<Server> {
  const limits = { ...httpLimits, ...given };
  const server = createServer(
    {
      headersTimeout: limits.headersMsMax,
      requestTimeout: limits.requestMsMax,
      keepAliveTimeout: limits.keepAliveMsMax,
      connectionsCheckingInterval: limits.checkEveryMs,
      maxHeaderSize: limits.headerBytesMax,
    },
    (_request, response) => {
      refuse(
        response,
        new TrineError('unavailable', 'The node is starting: try again in a moment.', {
          facts: { retryAfterMs: 2_000 },
        }),
      );
    },
  );
  server.maxRequestsPerSocket = limits.requestsPerConnectionMax;
  const counters = new Counters();
  refusedOn.set(server, counters);
  const gate = new ConnectionGate(limits, counters);
  server.on('connection', (socket) => gate.enter(socket, socket.remoteAddress));
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortTakenError(port);
    throw error;
  }
  return server;
}

/** Before any route is reached. */
function refuse(response: ServerResponse, error: TrineError, headers: Readonly<Record<string, string>> = {}): void {
  const waitS = retryAfterS(error);
  response.writeHead(error.status, {
    'content-type': 'application/json',
    ...(waitS !== undefined && { 'retry-after': String(waitS) }),
    ...headers,
  });
  response.end(JSON.stringify(errorAnswer(error)));
}

/** Answers on a port taken before. */
export function serveNode(server: Server, node: Node, webRoot: string, version: string): Served {
  const { port } = server.address() as { port: number };
  const { host } = node.settings;
  const url = `http://${host}:${port}/`;
  const http = openHttpTransport({ ingest: node.ingest, address: url, counters: refusedOn.get(server) });
  const { mqtt } = node;
  const websocket = openWebSocketTransport({
    boundHost: host,
    address: `ws://${host}:${port}/mqtt`,
    accept: mqtt.name === 'mqtt' ? mqtt.accept : undefined,
  });
  node.transports.push(http, websocket);
  const answer = getRequestListener(createApi({ node, webRoot, version, http }).fetch);
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    // Of the four forms of a target (RFC 9112 §3.2) only /path is answered: the others are for proxies and tunnels.
    if (pathOf(request.url) !== undefined) return void answer(request, response);
    refuse(response, new TrineError('invalid', 'Ask for a path of this node: it is no proxy.'), {
      connection: 'close',
    });
  });
  server.on('upgrade', (request, socket, head) => websocket.upgrade(request, socket, head));
  return {
    url,
    port,
    close: async () => {
      await Promise.all([http.close(), websocket.close()]);
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
