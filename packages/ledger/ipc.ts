// JSON-RPC over a Unix socket: one JSON text a line in both directions.
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { LedgerError } from './errors.ts';

type Waiting = { resolve: (result: unknown) => void; reject: (error: Error) => void };
type Answer = { id?: number; result?: unknown; error?: { code: number; message: string; data?: unknown } };

/**
 * An error the other side answered, in the form EIP-1193 gives it: its numeric `code` keeps it out of the family of
 * errors. viem reads it; what leaves this package is a LedgerError.
 */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

export type IpcClient = {
  request(call: { method: string; params?: unknown }): Promise<unknown>;
  close(): void;
};

/**
 * Connects to a JSON-RPC server on a Unix socket.
 *
 * @param path of the socket
 * @returns a client; its requests fail once the connection is lost
 * @throws when nothing listens there
 */
export async function connectIpc(path: string): Promise<IpcClient> {
  const socket: Socket = createConnection(path);
  await once(socket, 'connect');
  const waiting = new Map<number, Waiting>();
  let next = 1;
  let lost: Error | undefined;
  const lose = () => {
    lost = new LedgerError('The connection to the chain is lost.', 'later');
    for (const { reject } of waiting.values()) reject(lost);
    waiting.clear();
  };
  // Answers may be large (a chain's whole state): pieces are kept as they come and joined at the end of a line.
  let pieces: Buffer[] = [];
  socket.on('data', (data: Buffer) => {
    let start = 0;
    for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, start)) {
      pieces.push(data.subarray(start, end));
      const line = Buffer.concat(pieces).toString('utf8');
      pieces = [];
      start = end + 1;
      if (line.length > 0) settle(waiting, JSON.parse(line) as Answer);
    }
    if (start < data.length) pieces.push(data.subarray(start));
  });
  socket.on('error', () => {}); // 'close' follows
  socket.on('close', lose);
  return {
    request: ({ method, params }) => {
      if (lost) return Promise.reject(lost);
      const id = next++;
      socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params: params ?? [] })}\n`);
      return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
    },
    close: () => socket.destroy(),
  };
}

function settle(waiting: Map<number, Waiting>, answer: Answer): void {
  const request = answer.id === undefined ? undefined : waiting.get(answer.id);
  if (!request) return;
  waiting.delete(answer.id as number);
  if (answer.error) request.reject(new RpcError(answer.error.code, answer.error.message, answer.error.data));
  else request.resolve(answer.result);
}
