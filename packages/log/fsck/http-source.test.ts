// A log that is served by whoever wants: what answers oddly is said in words, and never an error of the program.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { test } from 'node:test';
import { openSource } from './source.ts';

const odd: Readonly<Record<string, (response: ServerResponse) => void>> = {
  '/redirects/checkpoint': (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  '/fails/checkpoint': (response) => response.writeHead(500).end(),
  '/breaks/checkpoint': (response) => {
    response.writeHead(200, { 'content-length': '100' }).write('a');
    setImmediate(() => response.destroy());
  },
  '/lies/checkpoint': (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip'),
};

test('redirects, broken and false answers are said to be unavailable; what is not there is not', async (t) => {
  const server = createServer((request, response) => {
    const answer = odd[request.url ?? ''];
    if (answer) answer(response);
    else response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const read = (path: string) => openSource(`http://127.0.0.1:${port}/${path}`).read('checkpoint');
  for (const path of ['redirects', 'fails', 'breaks', 'lies'])
    await assert.rejects(read(path), { code: 'unavailable', message: /^cannot be read \(.+\)$/ }, path);
  assert.equal(await read('empty'), undefined);
  await assert.rejects(openSource('http://127.0.0.1:1').read('checkpoint'), { code: 'unavailable' });
});
