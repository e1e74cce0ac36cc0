// A process with handlers that forgot a case: what the test of the last resort looks at from outside.
import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import { LogStoppedError } from '@trine/log/errors.ts';
import { faults, installLastResort } from './last-resort.ts';

const reported: string[] = [];
const server = createServer((request, response) => {
  const fail = {
    '/throws': () => {
      throw new TypeError('forgot \u001b[2J a case');
    },
    '/rejects': () => void Promise.reject(new Error('nobody listened')),
    '/nothing': () => void Promise.reject(undefined),
    '/emits': () => void new EventEmitter().emit('error', new Error('nobody listens to errors')),
    '/full': () => void Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' })),
    '/stopped': () => {
      throw new Error('cannot seal', { cause: new LogStoppedError('the log stopped') });
    },
  }[request.url ?? ''];
  setImmediate(() => response.end(JSON.stringify({ count: faults.count, reported })));
  fail?.();
});
installLastResort({
  report: (message) => void reported.push(message),
  end: (why) => {
    process.exitCode = 1;
    process.stdout.write(`ended in order: ${why}\n`);
    server.close();
    server.closeAllConnections();
    process.disconnect();
  },
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as { port: number }).port));
