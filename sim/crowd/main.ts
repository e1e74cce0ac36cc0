// Checks a crowd in a process of its own: of tens of thousands of transactions the test runner's hooks would take most of
// the time. Arguments: homes, bytes to change.
import { checkCrowd } from './checks.ts';

const [homes, flips] = process.argv.slice(2).map(Number) as [number, number];
const after: (() => void)[] = [];
try {
  const say = (words: string) => process.stdout.write(`${words}\n`);
  await checkCrowd({ after: (work) => void after.push(work), diagnostic: say }, { homes, flips });
} finally {
  for (const work of after) work();
}
