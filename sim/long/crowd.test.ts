// Ten thousand homes over two logs: what the formats are for, in one test.
import { test } from 'node:test';
import { runCrowd } from '../crowd/run.ts';

test('10,000 lines over two logs are decided by two, paid once, and one of them is proven alone', (t) =>
  runCrowd(t, { homes: 10_000, flips: 1_000 }));
