// A thousand homes over two logs: what the formats are for, in one test. `HOMES=10000` makes it as many as one cycle may have:
// joining alone, a transaction each on a chain in this process, then takes a quarter of an hour.
import { test } from 'node:test';
import { runCrowd } from '../crowd/run.ts';

const HOMES = Number(process.env.HOMES ?? 1_000);

test(`${HOMES} lines over two logs are decided by two, paid once, and one of them is proven alone`, (t) =>
  runCrowd(t, { homes: HOMES, flips: 200 }));
