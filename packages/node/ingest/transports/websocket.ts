// MQTT over WebSocket, for browsers: upgrades of the HTTP port at /mqtt, handed to the broker as connections.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { entryRefusal, pathOf } from '../../serve/host.ts';
import { Counters } from '../counters.ts';
import type { Transport } from '../transport.ts';
import { ConnectionGate, type ConnectionLimits } from './connection-gate.ts';
import { mqttLimits } from './mqtt-limits.ts';

/** A page has one connection. What a WebSocket has received of a message is kept until the message is complete. */
export const webSocketLimits: ConnectionLimits & { readonly messageBytesMax: number } = {
  connectionsMax: 500,
  connectionsPerAddressMax: 100,
  messageBytesMax: mqttLimits.publishBytesMax,
};

export interface WebSocketTransport extends Transport {
  readonly name: 'websocket';
  /** Answers an upgrade, whatever it asks for. Never throws. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

const PATH = '/mqtt';

/**
 * @param options where the node is bound; what takes the connections, absent where no broker is embedded; limits
 */
export function openWebSocketTransport(options: {
  readonly boundHost: string;
  readonly address: string;
  readonly accept: Transport['accept'];
  readonly limits?: Partial<typeof webSocketLimits>;
  readonly now?: () => number;
}): WebSocketTransport {
  const { boundHost, accept, address } = options;
  const limits = { ...webSocketLimits, ...options.limits };
  const counters = new Counters();
  const gate = new ConnectionGate(limits, counters);
  const sinceMs = (options.now ?? Date.now)();
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.messageBytesMax,
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false),
  });
  let closed = false;
  const refuse = (socket: Duplex, status: number, words: string, reason: string): void => {
    counters.count(reason);
    socket.end(`HTTP/1.1 ${status} ${words}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
  };
  return {
    name: 'websocket',
    address,
    counters,
    get health() {
      if (closed) return { connected: false, sinceMs, reason: 'The port was closed.' };
      if (!accept)
        return { connected: false, sinceMs, reason: 'No broker is embedded: browsers use that of the user.' };
      return { connected: true, sinceMs };
    },
    upgrade(request, socket, head) {
      // The HTTP server listens no more to errors of a connection that it has handed over.
      socket.on('error', () => socket.destroy());
      const { host, origin } = request.headers;
      const refusal = entryRefusal({ host, origin, boundHost });
      if (refusal)
        return refuse(socket, refusal.status, refusal.status === 403 ? 'Forbidden' : 'Bad Request', refusal.reason);
      const path = pathOf(request.url);
      if (path === undefined) return refuse(socket, 400, 'Bad Request', 'bad-target');
      if (path !== PATH || !accept || closed) return refuse(socket, 404, 'Not Found', 'no-such-path');
      const { remoteAddress } = request.socket;
      if (!gate.enter(socket, remoteAddress)) return;
      server.handleUpgrade(request, socket, head, (websocket) => {
        const stream = createWebSocketStream(websocket);
        stream.on('error', () => websocket.terminate());
        stream.on('close', () => websocket.terminate());
        // What a proxy hands on comes from elsewhere, though it comes from this machine.
        const isHandedOn = ['forwarded', 'x-forwarded-for', 'via'].some((name) => request.headers[name] !== undefined);
        accept(stream, isHandedOn ? undefined : remoteAddress);
      });
    },
    close: async () => {
      closed = true;
      for (const websocket of server.clients) websocket.terminate();
    },
  };
}
