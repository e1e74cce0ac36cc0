// Another system that a node posts to.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Receiver<Posted> {
  readonly url: string;
  /** What came, in the order in which it came. */
  readonly posted: readonly Posted[];
  close(): void;
}

/** Takes every post as JSON. */
export async function startReceiver<Posted>(): Promise<Receiver<Posted>> {
  const posted: Posted[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    posted.push(JSON.parse(body));
    response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    posted,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
