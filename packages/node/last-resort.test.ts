import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RpcError } from '@trine/ledger/errors.ts';
import { LogStoppedError } from '@trine/log/errors.ts';
import { endsTheNode, ThreadLostError } from './last-resort.ts';

interface Started {
  readonly child: ChildProcess;
  readonly said: () => string;
  get(path: string): Promise<{ count: number; reported: string[] } | undefined>;
}

async function start(t: TestContext): Promise<Started> {
  const child = fork(fileURLToPath(new URL('./last-resort.child.ts', import.meta.url)), { silent: true });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text: Buffer) => {
      said += text;
    });
  const [port] = (await once(child, 'message')) as [number];
  return {
    child,
    said: () => said,
    get: async (path) => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } }).catch(
        () => undefined,
      );
      return answer && ((await answer.json().catch(() => undefined)) as { count: number; reported: string[] });
    },
  };
}

test('a case that a handler forgot ends nothing: it is written down, counted and shown', async (t) => {
  const { child, said, get } = await start(t);
  for (const path of ['/throws', '/rejects', '/nothing', '/emits']) await get(path);
  const after = await get('/');
  assert.equal(child.exitCode, null);
  assert.ok(after?.count === 4, JSON.stringify(after));
  assert.match(after?.reported[0] ?? '', /^Unforeseen: forgot/);
  assert.match(said(), /unforeseen \(uncaught exception\): TypeError: forgot .*\n\s+at /);
  assert.match(said(), /unforeseen \(unhandled rejection\): Error: nobody listened/);
  assert.ok(!said().includes('\u001b'), 'nothing that a terminal obeys');
});

for (const path of ['/full', '/stopped'])
  test(`what ends the sealing ends the process in order, with status 1: ${path}`, async (t) => {
    const { child, said, get } = await start(t);
    const exited = once(child, 'exit');
    void get(path);
    assert.deepEqual(await exited, [1, null]);
    assert.match(said(), /ended in order: Nothing can be sealed any more/);
  });

test('which errors end the node', () => {
  for (const error of [
    new LogStoppedError('x'),
    new ThreadLostError('x'),
    new Error('x', { cause: new LogStoppedError('y') }),
    Object.assign(new Error('x'), { code: 'EROFS' }),
    Object.assign(new Error('x'), { code: 'ERR_WORKER_OUT_OF_MEMORY' }),
  ])
    assert.equal(endsTheNode(error), true, String(error));
  const endless = new Error('x');
  endless.cause = endless;
  for (const error of [
    endless,
    new TypeError('x'),
    undefined,
    'text',
    Object.assign(new Error('x'), { code: 'ECONNRESET' }),
    Object.assign(new Error('x'), { code: 'EMFILE' }),
    // What a chain would not do has a number.
    new RpcError(-32_000, 'nonce too low', undefined),
  ])
    assert.equal(endsTheNode(error), false, String(error));
});
