// trine verify: checks an evidence file offline, step by step, in words.

import { writeFileSync } from 'node:fs';
import { type Domains, replayWith } from '@trine/engine';
import { DOMAIN_FILE_BYTES_MAX } from '@trine/engine/sandbox/file.ts';
import { mapAgain } from '@trine/mapping/again.ts';
import {
  countOf,
  limits,
  parseVerifierKey,
  type Report,
  readingsCsv,
  type Step,
  type Verdict,
  type VerifierKey,
  verdicts,
  verifyEvidence,
} from '@trine/protocol';
import { Command } from 'commander';
import { domains, domainsWith } from './domains.ts';
import { readGiven, readGivenText } from './files.ts';
import { readNetworkFile } from './home.ts';
import { action, CommandError, examples, exitStatus, print, printJson, type Table, table } from './output.ts';

interface VerifyFlags {
  readonly network?: string;
  readonly domain?: string;
  readonly replay: boolean;
  readonly json?: boolean;
  readonly witness: readonly string[];
  readonly readings?: string;
}

/** @throws CommandError naming the file */
export function readEvidenceFile(path: string): Uint8Array {
  return new Uint8Array(readGiven(path, 'evidence', limits.evidenceBytesMax));
}

/** @param path of a domain's file, which may hold anything */
function domainsFor(path: string | undefined): Promise<Domains> {
  if (path === undefined) return domains();
  const json = readGivenText(path, 'domain', DOMAIN_FILE_BYTES_MAX);
  try {
    return domainsWith(json);
  } catch (error) {
    throw new CommandError(`The domain ${path} cannot be read: ${(error as Error).message}`);
  }
}

const statusOf: Readonly<Record<Verdict, number>> = {
  trusted: exitStatus.ok,
  'trusted-without-replay': exitStatus.unreplayed,
  'members-word': exitStatus.membersWord,
  consistent: exitStatus.unpinned,
  broken: exitStatus.failed,
  'another-network': exitStatus.anotherNetwork,
  'another-branch': exitStatus.anotherBranch,
  'no-proof': exitStatus.unusable,
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
  if (report.sources.length > 0) lines.push('', 'Where readings come from', ...sourceLines(report));
  if (report.assumptions.length > 0) {
    lines.push('', 'Taken on trust', ...report.assumptions.map((assumption) => `  · ${assumption}`));
  }
  const { title, means } = verdicts[report.verdict];
  lines.push('', `${title.toUpperCase()}: ${means}.`);
  if (!isPinned && report.verdict === 'consistent') lines.push('Pin a network you trust with --network.');
  print(lines);
}

const SOURCES_SHOWN_MAX = 5;

/** Messages as they came, and what their mappings made of them. */
function sourceLines({ sources, readings }: Report): string[] {
  const shown = sources
    .slice(0, SOURCES_SHOWN_MAX)
    .flatMap(({ leaf, subject, topic, payload }) => [
      `  · leaf ${leaf}, ${subject}: on ${topic} came ${new TextDecoder().decode(payload.subarray(0, 300))}`,
      ...readings
        .filter((reading) => reading.leaf === leaf)
        .map(({ quantity, value, unit }) => `      ${quantity} ${value} ${unit}`.trimEnd()),
    ]);
  const more = sources.length - SOURCES_SHOWN_MAX;
  return more > 0 ? [...shown, `  · ${countOf(more, 'more message')}: --json has them all`] : shown;
}

/** The report as JSON: bytes of messages as base64. */
function plainReport({ sources, ...report }: Report): object {
  return {
    ...report,
    sources: sources.map((one) => ({ ...one, payload: Buffer.from(one.payload).toString('base64') })),
  };
}

function writeReadings(path: string, { readings, verdict }: Report): void {
  if (readings.length === 0)
    throw new CommandError(
      verdict === 'broken' ? 'The file is broken: no reading in it is proven.' : 'The file holds no readings.',
    );
  try {
    writeFileSync(path, readingsCsv(readings));
  } catch (error) {
    throw new CommandError(`The readings cannot be written to ${path}: ${(error as Error).message}`);
  }
}

function witnessGiven(text: string): VerifierKey {
  try {
    return parseVerifierKey(text);
  } catch (error) {
    throw new CommandError(`--witness: ${(error as Error).message}`);
  }
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

export const verify: Command = examples(
  new Command('verify')
    .description('check an evidence file offline: no node, no network needed')
    .argument('<file>', 'evidence file')
    .option('--network <file>', 'network document you trust; without it a file can only be found consistent')
    .option('--domain <file>', 'the domain that decided, where it is not installed here: run in the sandbox')
    .option('--no-replay', 'do not compute the decision again: take it on trust')
    .option('--witness <key>', 'key of a witness whose cosignature counts; may be repeated', collect, [])
    .option('--readings <file>', 'write every reading that the file holds as CSV')
    .option('--json', 'print verdict, steps, facts, readings and what was taken on trust as one JSON document')
    .action(
      action(async (path: string, flags: VerifyFlags) => {
        const file = readEvidenceFile(path);
        const report = await verifyEvidence(file, {
          mapAgain,
          ...(flags.network !== undefined && { network: readNetworkFile(flags.network) }),
          ...(flags.replay && { replay: replayWith(await domainsFor(flags.domain)) }),
          witnesses: flags.witness.map(witnessGiven),
        });
        if (flags.readings !== undefined) writeReadings(flags.readings, report);
        if (flags.json) printJson(plainReport(report));
        else showReport(report, flags.network !== undefined);
        return statusOf[report.verdict];
      }),
    ),
  `Examples:
  trine verify credit.trine --network network.json
  trine verify credit.trine --network network.json --json | jq .verdict

Exit status: 0 trusted; 1 broken; 2 no proof file, or it or the network document cannot be read; 3 consistent: no
network was pinned; 4 trusted without replay; 5 a payment of which members alone say that the chain has it; 6 another
network; 7 another version of the network's document.`,
);
