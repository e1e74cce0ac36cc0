// trine replay: computes decisions again from their inputs, bit for bit: one, or a whole period.
import { replayWith } from '@trine/engine';
import {
  Contents,
  type Decision,
  decisionId,
  decisionPayload,
  decodeEvidence,
  equalBytes,
  formatReason,
  toHex,
  verifyEvidence,
} from '@trine/protocol';
import { Command } from 'commander';
import { Client, type NodeFlags, withNode } from './client.ts';
import { domains } from './domains.ts';
import { idGiven } from './evidence.ts';
import { action, CommandError, examples, exitStatus, print, printJson, wholeNumber } from './output.ts';
import { asksPeriod, type PeriodFlags, replayThePeriod } from './replay-period.ts';
import { collectTerm } from './terms.ts';
import { readEvidenceFile } from './verify.ts';

interface ReplayFlags extends NodeFlags, Omit<PeriodFlags, 'home' | 'json'> {
  readonly file?: string;
  readonly json?: boolean;
}

async function evidenceOf(given: string | undefined, flags: ReplayFlags): Promise<Uint8Array> {
  if (flags.file !== undefined) return readEvidenceFile(flags.file);
  if (given === undefined) throw new CommandError('Name a decision, or an evidence file with --file.');
  const client = new Client(flags);
  return client.evidence(idGiven(given));
}

/** The decision as it stands in the file, and the newest of those on its obligation. @throws CommandError when there is none */
function recordedDecision(file: Uint8Array, given: string | undefined): Decision {
  let decision: Decision;
  let ids: string[];
  try {
    const evidence = decodeEvidence(file);
    if (evidence.about.kind === 'reading')
      throw new CommandError('This is the evidence of a reading: nothing was decided.');
    if (evidence.about.kind === 'row')
      throw new CommandError('This is the evidence of one party’s line: trine verify computes it again.');
    const { statement } = standing(new Contents(evidence));
    decision = decisionPayload.decode(statement.payload);
    ids = [toHex(decisionId(decision)), toHex(statement.id), toHex(evidence.about.id)];
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`The file holds no decision that can be read: ${(error as Error).message}`);
  }
  if (given !== undefined && !ids.some((id) => id.startsWith(given.toLowerCase())))
    throw new CommandError(`The file is about decision ${ids[0]}, not ${given}.`);
  return decision;
}

/** The one that no other in the file corrects. @throws StepError when there is no such decision */
function standing(contents: Contents) {
  const all = contents.of('decision');
  const corrected = all.map(({ statement }) => decisionPayload.decode(statement.payload).supersedes);
  const isCorrected = (id: Uint8Array) => corrected.some((other) => other && equalBytes(other, id));
  const found = all.find(({ statement }) => !isCorrected(decisionId(decisionPayload.decode(statement.payload))));
  return found ?? contents.only('decision');
}

interface Difference {
  readonly field: string;
  readonly recorded: string;
  readonly replayed: string;
}

/** Values that differ, as texts. */
function differences(a: Decision, b: Decision): Difference[] {
  const text = (value: unknown) =>
    JSON.stringify(value, (_, v) => (v instanceof Uint8Array ? toHex(v) : v)) ?? 'absent';
  return Object.keys({ ...a, ...b }).flatMap((field) => {
    const recorded = text(a[field as keyof Decision]);
    const replayed = text(b[field as keyof Decision]);
    return recorded === replayed ? [] : [{ field, recorded, replayed }];
  });
}

interface Replayed {
  readonly same: boolean;
  /** Ids of the decision as recorded and as it came out, hex. */
  readonly recorded: string;
  readonly replayed: string | null;
  readonly decision: string;
  readonly differences: readonly Difference[];
  readonly problem?: string;
}

/** Computes the decision of an evidence file again. */
async function replayOne(file: Uint8Array, given: string | undefined): Promise<Replayed> {
  const recorded = recordedDecision(file, given);
  const compute = replayWith(await domains());
  let again: Decision | undefined;
  const { steps } = await verifyEvidence(file, {
    replay: async (input) => {
      const found = await compute(input);
      // As it would be appended, so that equal values have equal forms.
      again = found.decision && decisionPayload.decode(decisionPayload.encode(found.decision));
      return found;
    },
  });
  const failed =
    steps.find(({ status }) => status === 'failed') ?? steps.find(({ status }) => status === 'not-checked');
  const id = toHex(decisionId(recorded));
  const idAgain = again === undefined ? null : toHex(decisionId(again));
  return {
    same: id === idAgain && failed?.name !== 'replay',
    recorded: id,
    replayed: idAgain,
    decision: `${recorded.verdict}: ${formatReason(recorded.reason)}`,
    differences: again === undefined ? [] : differences(recorded, again),
    ...(failed && { problem: `${failed.title}: ${failed.detail}` }),
  };
}

function show({ decision, recorded, replayed, differences: found, problem, same }: Replayed): void {
  print([
    decision,
    `recorded  ${recorded}`,
    `replayed  ${replayed ?? 'not computed'}`,
    ...found.map((one) => `  ${one.field}: ${one.recorded} is recorded, ${one.replayed} came out`),
    ...(problem ? [`✗ ${problem}`] : []),
    same ? '✓ The same, bit for bit.' : '✗ Not the same.',
  ]);
}

export const replay: Command = examples(
  withNode(new Command('replay'))
    .description(
      'compute decisions again from their inputs: one, or all of a period, or with another model or other terms',
    )
    .argument('[decision]', 'id of the decision or its payment, or the first 6 or more digits')
    .option('--file <evidence>', 'take it from an evidence file: no node needed')
    .option('--agreement <id>', 'every decision of an agreement, from the files of the log')
    .option('--monitor <hash>', 'every decision of a monitor')
    .option('--all', 'every decision of every agreement and monitor')
    .option('--subject <thing>', 'what would be decided on a thing that nobody has an agreement about')
    .option('--domain <name>', 'with --subject: under terms of this domain', 'service-level')
    .option('--currency <code>', 'with --subject: of the amounts')
    .option('--from <time>', 'obligations that begin from here on')
    .option('--to <time>', 'and before that')
    .option('--with <model>', 'another model: hash of a registered one, or a file with parameters')
    .option('--set <name=value>', 'another value in the terms; may be repeated', collectTerm, {})
    .option(
      '--most <number>',
      'the most that one obligation may cost, which the agreement limits, in minor units',
      wholeNumber,
    )
    .option('--log <source>', 'folder or URL of a log’s public files (default: the own log)')
    .option('--bodies <folder>', 'where the bodies of detached statements lie (default: those of the own log)')
    .option('--network <file>', 'network document of that log')
    .option('--csv <file>', 'write every obligation of the period')
    .option('--json', 'print what was found as one JSON document')
    .action(
      action(async (given: string | undefined, flags: ReplayFlags) => {
        if (asksPeriod(flags)) return replayThePeriod(flags);
        const file = await evidenceOf(given, flags);
        const result = await replayOne(file, flags.file === undefined ? undefined : given);
        if (flags.json) printJson(result);
        else show(result);
        return result.same && result.problem === undefined ? exitStatus.ok : exitStatus.failed;
      }),
    ),
  `Examples:
  trine replay 3f9c21ab
  trine replay --file credit.trine
  trine replay --agreement 8a01 --from 2026-01-01 --with 5d3c9a10
  trine replay --agreement 8a01 --set creditMinorUnits=20 --most 20
  trine replay --subject parking/north --set windowMs=1h --set creditMinorUnits=500 --currency EUR

Exit status: 0 the same bits, or the question was answered; 1 it differs or could not be computed; 2 there is nothing
to compute.`,
);
