// trine verify: checks an evidence file offline, step by step, in words.
import { readFileSync } from 'node:fs';
import { replayWith } from '@trine/engine';
import { type Report, type Step, verifyEvidence } from '@trine/protocol';
import { Command } from 'commander';
import { domains } from './domains.ts';
import { readNetworkFile } from './home.ts';
import { action, CommandError, examples, exitStatus, print, printJson, type Table, table } from './output.ts';

interface VerifyFlags {
  readonly network?: string;
  readonly replay: boolean;
  readonly json?: boolean;
}

/** @throws CommandError naming the file */
export function readEvidenceFile(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw new CommandError(`The evidence ${path} cannot be read: ${(error as Error).message}`);
  }
}

const statusOf: Readonly<Record<Report['verdict'], number>> = {
  trusted: exitStatus.ok,
  consistent: exitStatus.unpinned,
  broken: exitStatus.failed,
};

const verdictWords: Readonly<Record<Report['verdict'], string>> = {
  trusted: 'TRUSTED: everything holds, under the network document you gave.',
  consistent: 'CONSISTENT, NOT TRUSTED: what was checked holds together.',
  broken: 'BROKEN: this file does not prove what it claims.',
};

function markOf({ status }: Step): string {
  return { ok: '✓', failed: '✗', 'not-checked': '–' }[status];
}

/** Prints what was found, in words. @param isPinned a network was given to hold it against */
export function showReport(report: Report, isPinned: boolean): void {
  const lines: (string | Table)[] = [
    `Evidence of a ${report.about === 'unknown' ? 'kind that cannot be told' : report.about}`,
    '',
  ];
  for (const step of report.steps) {
    lines.push(`${markOf(step)} ${step.title}`, `    ${step.detail}`);
  }
  const facts = Object.entries(report.facts);
  if (facts.length > 0) lines.push('', 'What it says', table(facts.map(([name, fact]) => [`  ${name}`, fact])));
  if (report.assumptions.length > 0) {
    lines.push('', 'Taken on trust', ...report.assumptions.map((assumption) => `  · ${assumption}`));
  }
  lines.push('', verdictWords[report.verdict]);
  if (report.verdict === 'consistent' && !isPinned)
    lines.push('It was held against nothing: pin a network you trust with --network.');
  if (report.verdict === 'consistent' && isPinned)
    lines.push('The decision could not be computed again: see above, or take it on trust with --no-replay.');
  print(lines);
}

export const verify: Command = examples(
  new Command('verify')
    .description('check an evidence file offline: no node, no network needed')
    .argument('<file>', 'evidence file')
    .option('--network <file>', 'network document you trust; without it a file can only be found consistent')
    .option('--no-replay', 'do not compute the decision again: take it on trust')
    .option('--json', 'print verdict, steps, facts and what was taken on trust as one JSON document')
    .action(
      action(async (path: string, flags: VerifyFlags) => {
        const file = readEvidenceFile(path);
        const report = await verifyEvidence(file, {
          ...(flags.network !== undefined && { network: readNetworkFile(flags.network) }),
          ...(flags.replay && { replay: replayWith(await domains()) }),
        });
        if (flags.json) printJson(report);
        else showReport(report, flags.network !== undefined);
        return statusOf[report.verdict];
      }),
    ),
  `Examples:
  trine verify credit.trine --network network.json
  trine verify credit.trine --network network.json --json | jq .verdict

Exit status: 0 trusted, 1 broken, 2 the file or the network document cannot be read, 3 consistent: no network was
pinned, or the decision could not be computed again.`,
);
