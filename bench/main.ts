// npm run bench: every figure of DESIGN's budget in one run, written to bench/results with the machine described.
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { machine } from './lib/machine.ts';
import { toMarkdown } from './report.ts';
import type { Result } from './result.ts';
import { evidence } from './scenarios/evidence.ts';
import { gas } from './scenarios/gas.ts';
import { latency } from './scenarios/latency.ts';
import { memory } from './scenarios/memory.ts';
import { paying } from './scenarios/paying.ts';
import { loads, sealed } from './scenarios/sealed.ts';
import { startTimes } from './scenarios/start.ts';
import { unsealed } from './scenarios/unsealed.ts';
import { verifyRate } from './scenarios/verify-rate.ts';

const REPETITIONS = 3;
const MILLIONS = 3;

const say = (step: string) => process.stderr.write(`  … ${step}\n`);

async function measure(): Promise<Result> {
  const date = new Date().toISOString().slice(0, 10);
  const loadBefore = loadavg()[0] ?? 0;
  say('one signature');
  const verify = await verifyRate(REPETITIONS);
  say('the whole way');
  const ours = await sealed(REPETITIONS);
  say('unsealed, beside it');
  const plain = await unsealed(
    loads.filter(({ open }) => !open),
    REPETITIONS,
  );
  say('publish to receipt');
  const half = (ours.find(({ readingsPerPack }) => readingsPerPack === 1)?.statementsPerSecond ?? 0) / 2;
  const waits = await latency(half);
  say('evidence');
  const proof = await evidence();
  say('window end to paid');
  const paid = await paying();
  say('start-up');
  const start = await startTimes(REPETITIONS);
  say('memory');
  const used = await memory(MILLIONS);
  return {
    date,
    repetitions: REPETITIONS,
    machine: machine(),
    loadBefore,
    verify,
    sealed: ours,
    unsealed: plain,
    latency: waits,
    evidence: proof,
    paying: paid,
    start,
    memory: used,
    gas: gas(),
  };
}

if (import.meta.main) {
  const result = await measure();
  const folder = new URL('./results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const cpu = result.machine.cpu.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const file = `${result.date}-${cpu}.json`;
  writeFileSync(new URL(file, folder), `${JSON.stringify(result, null, 2)}\n`);
  const page = toMarkdown(result, file);
  writeFileSync(new URL('README.md', folder), page);
  process.stdout.write(`\n${page}`);
}
