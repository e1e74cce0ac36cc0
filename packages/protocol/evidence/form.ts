// The form of an evidence file beyond its fields: one content has one file.
import { limits } from '../limits.ts';
import type { Contents } from './contents.ts';
import type { Evidence } from './format.ts';
import { StepError } from './report.ts';

/** @throws StepError */
export function checkForm(evidence: Evidence, contents: Contents): void {
  if (evidence.logs.length === 0) throw new StepError('The file holds no log.');
  checkSize(evidence, contents);
  checkBodies(evidence, contents);
  checkOrder(evidence);
}

/** What costs more than its bytes is bounded by number, so that no file takes long. */
function checkSize({ logs, inputs = [] }: Evidence, contents: Contents): void {
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const replacing = contents.statements.filter(({ statement }) => statement.header.supersedes).length;
  const bounds: Readonly<Record<string, readonly [number, number]>> = {
    leaves: [sum(logs.map(({ leaves }) => leaves.length)), limits.evidenceLeavesMax],
    'statements in ranges': [
      sum(inputs.flatMap(({ ranges }) => ranges.map(({ count }) => count))),
      limits.evidenceInputsMax,
    ],
    'statements that replace others': [replacing, limits.evidenceReplacementsMax],
    recoveries: [contents.of('recovery').length, limits.evidenceRecoveriesMax],
    approvals: [contents.of('approval').length, limits.evidenceApprovalsMax],
  };
  for (const [what, [count, max]] of Object.entries(bounds))
    if (count > max) throw new StepError(`The file holds ${count} ${what}; at most ${max} are read.`);
}

function checkBodies({ logs }: Evidence, contents: Contents): void {
  const repeated = new Set(contents.repeated.map(({ origin, index }) => `${index} ${origin}`));
  for (const [i, { bodies }] of logs.entries()) {
    const origin = contents.origins[i] as string;
    let last = -1;
    for (const { index } of bodies) {
      if (index <= last) throw new StepError('The bodies are not in the order of their leaves.');
      last = index;
      const isRepeated = repeated.has(`${index} ${origin}`);
      if (isRepeated || !contents.at({ origin, index })?.statement.header.sealed)
        throw new StepError(`The body for leaf ${index} belongs to no sealed statement.`);
    }
  }
}

/** Lists stand in the order of their names, each once, and what is empty is left out. */
function checkOrder({ logs, inputs = [], states, salts, heads }: Evidence): void {
  const isAscending = (names: readonly (string | number)[]) =>
    names.every((name, i) => i === 0 || (names[i - 1] as string | number) < name);
  const empty = Object.entries({ states, salts }).find(([, list]) => list?.length === 0)?.[0];
  if (empty || logs.some(({ arrivals }) => arrivals?.length === 0))
    throw new StepError(`The ${empty ?? 'arrivals'} are empty: they should not be there then.`);
  if (heads && heads.entries.length === 0 && heads.proof.length > 0) throw new StepError('The heads prove nothing.');
  for (const { leaves, arrivals = [] } of logs) {
    const indexes = new Set(leaves.map(({ index }) => index));
    if (!isAscending(arrivals) || arrivals.some((index) => !indexes.has(index)))
      throw new StepError('The arrivals are not those of leaves in the file, each once and in their order.');
  }
  const lists: Record<string, readonly string[]> = {
    inputs: inputs.map(({ key }) => key),
    states: (states ?? []).map(({ key }) => key),
    salts: (salts ?? []).map(({ purpose, key }) => `${purpose} ${key}`),
  };
  for (const [name, names] of Object.entries(lists))
    if (!isAscending(names)) throw new StepError(`The ${name} are not each once and in the order of their names.`);
}
