// trine verify: checks an evidence file offline, step by step, in words.
import { readFileSync } from 'node:fs';
import { replayWith } from '@trine/core/flow/replay.ts';
import type { Report, Step } from '@trine/core/protocol/evidence/report.ts';
import { verifyEvidence } from '@trine/core/protocol/evidence/verify.ts';
import type { Replay } from '@trine/core/protocol/evidence/verify-decision.ts';
import { Command } from 'commander';
import { domains } from './domains.ts';
import { readNetworkFile } from './home.ts';
import { action, CommandError, examples, exitStatus, print, printJson, table } from './output.ts';

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

/** Replay with the domains installed here; where one is missing or another, the step fails and says what to do. */
export function installedReplay(): Replay {
  const replay = replayWith(domains());
  return (input) => {
    try {
      return replay(input);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new RangeError(
        `${error.message} Verify with the version that decided, or take the decision on trust with --no-replay.`,
      );
    }
  };
}

const statusOf: Readonly<Record<Report['verdict'], number>> = {
  trusted: exitStatus.ok,
  consistent: exitStatus.unpinned,
  broken: exitStatus.failed,
};

const verdictWords: Readonly<Record<Report['verdict'], string>> = {
  trusted: 'TRUSTED: everything holds, under the network document you gave.',
  consistent:
    'CONSISTENT, NOT TRUSTED: everything holds together, but it was held against nothing. Pin a network with --network.',
  broken: 'BROKEN: this file does not prove what it claims.',
};

function markOf({ status, name }: Step, isReplayed: boolean): string {
  if (status === 'failed') return '✗';
  return status === 'ok' && (name !== 'replay' || isReplayed) ? '✓' : '–';
}

function show(report: Report, isReplayed: boolean): void {
  const lines = [`Evidence of a ${report.about === 'unknown' ? 'kind that cannot be told' : report.about}`, ''];
  for (const step of report.steps) {
    lines.push(`${markOf(step, isReplayed)} ${step.title}`, `    ${step.detail}`);
  }
  const facts = Object.entries(report.facts);
  if (facts.length > 0) lines.push('', 'What it says', table(facts.map(([name, fact]) => [`  ${name}`, fact])));
  if (report.assumptions.length > 0) {
    lines.push('', 'Taken on trust', ...report.assumptions.map((assumption) => `  · ${assumption}`));
  }
  lines.push('', verdictWords[report.verdict]);
  print(lines.join('\n'));
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
        const report = verifyEvidence(file, {
          ...(flags.network !== undefined && { network: readNetworkFile(flags.network) }),
          ...(flags.replay && { replay: installedReplay() }),
        });
        if (flags.json) printJson(report);
        else show(report, flags.replay);
        return statusOf[report.verdict];
      }),
    ),
  `Examples:
  trine verify credit.trine --network network.json
  trine verify credit.trine --network network.json --json | jq .verdict

Exit status: 0 trusted, 1 broken, 2 the file or the network document cannot be read, 3 consistent, but no network was
pinned.`,
);
