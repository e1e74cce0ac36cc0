// Opens the HTTP port: console, API, log and MQTT over WebSocket.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { TrineError } from '@trine/protocol';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { Node } from '../node.ts';
import { createApi } from './app.ts';

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

const WEBSOCKET_BYTES_MAX = 2_097_152;

/**
 * Takes the port before anything else starts, so that a taken port is found out at once.
 * @throws PortTakenError
 */
export async function takePort(host: string, port: number): Promise<Server> {
  const server = createServer((_request, response) => {
    response.writeHead(503, { 'retry-after': '2', 'content-type': 'application/json' });
    response.end('{"error":"The node is starting: try again in a moment."}');
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortTakenError(port);
    throw error;
  }
  return server;
}

/** A page of another site may not speak MQTT to a node on localhost: plain messages there need no signature. */
function isForeign({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined && URL.parse(headers.origin)?.host !== headers.host;
}

/** Answers on a port taken before. */
export function serveNode(server: Server, node: Node, webRoot: string, version: string): Served {
  const api = createApi(node, webRoot, version);
  server.removeAllListeners('request');
  server.on('request', getRequestListener(api.fetch));
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: WEBSOCKET_BYTES_MAX,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false),
  });
  server.on('upgrade', (request, socket, head) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname !== '/mqtt' || node.mqtt.accept === undefined || isForeign(request)) return socket.destroy();
    sockets.handleUpgrade(request, socket as Duplex & typeof socket, head, (websocket) => {
      const stream = createWebSocketStream(websocket);
      stream.on('error', () => websocket.terminate());
      node.mqtt.accept?.(stream);
    });
  });
  const { port } = server.address() as { port: number };
  return {
    url: `http://${node.settings.host}:${port}/`,
    port,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
