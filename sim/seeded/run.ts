// Runs seeds, one after the other: `node sim/seeded/run.ts SEED [SEED …] [--length=SECONDS] [--verbose]`. Prints what became of
// each as a line of JSON; ends with status 1 at the first that fails, saying how to run it again.
import { runSeed } from './world.ts';

const given = process.argv.slice(2);
const verbose = given.includes('--verbose');
const lengthS = Number(given.find((one) => one.startsWith('--length='))?.slice('--length='.length) ?? 60);
const seeds = given.filter((one) => /^\d+$/.test(one)).map(Number);

for (const seed of seeds) {
  try {
    const run = await runSeed({
      seed,
      lengthMs: lengthS * 1000,
      ...(verbose && { tell: (what: string) => process.stderr.write(`${what}\n`) }),
    });
    process.stdout.write(`${JSON.stringify(run)}\n`);
  } catch (error) {
    process.stderr.write(
      `Seed ${seed} fails: ${(error as Error).stack}\nRun it again: node sim/seeded/run.ts ${seed} --length=${lengthS} --verbose\n`,
    );
    process.exit(1);
  }
}
process.exit(seeds.length > 0 ? 0 : 2);
