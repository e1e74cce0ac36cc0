import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connectIpc } from './ipc.ts';

/** Listens on a socket; each line that comes is given to `answer`. */
async function serve(t: TestContext, answer: (socket: Socket, line: string) => void): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'trine-'));
  const server = createServer((socket) => socket.on('data', (data) => answer(socket, data.toString()))).listen(
    join(folder, 's'),
  );
  await once(server, 'listening');
  t.after(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return join(folder, 's');
}

test('answers find their requests in whatever order and pieces they come', async (t) => {
  const lines: string[] = [];
  const path = await serve(t, (socket, data) => {
    lines.push(...data.trim().split('\n'));
    if (lines.length < 2) return;
    const answers = lines.splice(0).map((line) => {
      const { id, method } = JSON.parse(line) as { id: number; method: string };
      return JSON.stringify({ jsonrpc: '2.0', id, result: `${method} {"` });
    });
    const text = `${answers.reverse().join('\n')}\n`;
    socket.write(text.slice(0, 50));
    setTimeout(() => socket.write(text.slice(50)), 5);
  });
  const ipc = await connectIpc(path);
  const both = [ipc.request({ method: 'a' }), ipc.request({ method: 'b' })];
  assert.deepEqual(await Promise.all(both), ['a {"', 'b {"']);
  ipc.close();
});

test('a connection that is lost fails what is under way and what comes later, at once', async (t) => {
  const ipc = await connectIpc(await serve(t, (socket) => socket.destroy()));
  await assert.rejects(ipc.request({ method: 'a' }), { problem: 'chain-lost', retry: 'later' });
  await assert.rejects(ipc.request({ method: 'a' }), { problem: 'chain-lost' });
});

test('an answer that is no JSON ends the connection, not the process', async (t) => {
  const ipc = await connectIpc(await serve(t, (socket) => socket.write('{"id":1,\n')));
  await assert.rejects(ipc.request({ method: 'a' }), { problem: 'chain-lost' });
});

test('a request that nobody answers fails in time', async (t) => {
  const ipc = await connectIpc(await serve(t, () => undefined), 20);
  await assert.rejects(ipc.request({ method: 'a' }), { problem: 'chain-silent', retry: 'later' });
  ipc.close();
});
