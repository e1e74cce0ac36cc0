// Three hundred homes over two logs; more in sim/long/crowd.test.ts.
import { test } from 'node:test';
import { runCrowd } from './crowd/run.ts';

test('300 lines over two logs are decided by two, paid once, and one of them is proven alone', (t) =>
  runCrowd(t, { homes: 300, flips: 300 }));
