// trine fsck: checks a whole log from its public files: tree, checkpoint, and every statement in it.

import { join } from 'node:path';
import { fsck as checkLog } from '@trine/log/fsck/fsck.ts';
import { Audit } from '@trine/node/projections/audit.ts';
import type { NetworkDocument } from '@trine/protocol';
import { countOf, plural } from '@trine/protocol';
import { Command } from 'commander';
import { readGivenText } from './files.ts';
import { homeFolder, ownNetwork, readNetworkFile } from './home.ts';
import { action, CommandError, examples, exitStatus, print, printJson, showProgress } from './output.ts';

interface FsckFlags {
  readonly network?: string;
  readonly origin?: string;
  readonly previous?: string;
  readonly home?: string;
  readonly json?: boolean;
}

const PROGRESS_MS = 500;
const SHOWN_MAX = 20;

function logOf(network: NetworkDocument, origin: string | undefined) {
  const logs = network.members.flatMap((member) => member.logs);
  const found = origin === undefined ? logs : logs.filter((log) => log.origin === origin);
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new CommandError(`Name one log with --origin: ${logs.map((log) => log.origin).join(', ')}.`);
  return only;
}

/** A signed note with as many cosignatures as there may be. */
const NOTE_BYTES_MAX = 1_048_576;

function previousNote(path: string | undefined): { previous: string } | undefined {
  if (path === undefined) return undefined;
  return { previous: readGivenText(path, 'older checkpoint', NOTE_BYTES_MAX) };
}

function meter(): (state: { readonly leaves: number; readonly size: number }) => void {
  let last = performance.now();
  return ({ leaves, size }) => {
    if (performance.now() - last < PROGRESS_MS && leaves < size) return;
    last = performance.now();
    if (process.stderr.isTTY) showProgress(`${leaves} of ${countOf(size, 'leaf', 'leaves')}`, leaves === size);
  };
}

async function run(given: string | undefined, flags: FsckFlags): Promise<number> {
  const home = homeFolder(flags.home);
  const network = flags.network === undefined ? ownNetwork(home) : readNetworkFile(flags.network);
  if (network === undefined)
    throw new CommandError(`There is no network document in ${home}: name one you trust with --network.`);
  const source = given ?? join(home, 'log', 'public');
  const { vkey } = logOf(network, flags.origin);
  const audit = new Audit(network);
  const report = await checkLog(source, vkey, {
    progress: meter(),
    onLeaf: (index, leaf) => audit.take(index, leaf),
    ...previousNote(flags.previous),
  });
  const ok = report.ok && audit.problemCount === 0;
  if (flags.json)
    printJson({
      ...report,
      ok,
      source,
      statements: { kinds: audit.kinds, problems: audit.problems, problemCount: audit.problemCount },
    });
  else {
    const kinds = Object.entries(audit.kinds).map(([kind, count]) => `${count} ${kind}`);
    const problems = [
      ...report.problems.map(({ file, problem }) => `✗ ${file}: ${problem}`),
      ...audit.problems.map(({ leaf, problem }) => `✗ leaf ${leaf}: ${problem}`),
    ];
    const left = report.problemCount + audit.problemCount - Math.min(problems.length, SHOWN_MAX);
    print([
      `${source}, log ${report.origin}`,
      `${countOf(report.leaves, 'leaf', 'leaves')} in ${countOf(report.files, 'file')}, ${report.seconds.toFixed(1)} s, root ${report.root}`,
      `statements: ${kinds.join(', ') || 'none'}`,
      ...problems.slice(0, SHOWN_MAX),
      ...(left > 0 ? [`… and ${left} more ${plural(left, 'problem')}`] : []),
      ok ? '✓ Everything is as it must be.' : '✗ This log is damaged or was tampered with.',
    ]);
  }
  return ok ? exitStatus.ok : exitStatus.failed;
}

export const fsck: Command = examples(
  new Command('fsck')
    .description('check a whole log from its public files: every tile, the signed root, every statement’s signature')
    .argument('[source]', 'folder of the public files, or the URL they are served under (default: the own log)')
    .option('--network <file>', 'network document you trust (default: network.json in the data folder)')
    .option('--origin <name>', 'which log of the network, where it has several')
    .option('--previous <file>', 'an older checkpoint: the log must continue it')
    .option('--home <folder>', 'data folder (TRINE_HOME; default ~/.trine)')
    .option('--json', 'print what was found as one JSON document')
    .action(action(run)),
  `Examples:
  trine fsck
  trine fsck https://city.example/log --network network.json --previous checkpoint-of-last-week

Exit status: 0 everything is as it must be, 1 something is not, 2 nothing could be checked.`,
);
