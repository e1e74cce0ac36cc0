// trine replay: computes decisions again from their sealed inputs, bit for bit: one, or a whole period.
import { replayWith } from '@trine/engine/replay.ts';
import {
  Contents,
  type Decision,
  decisionId,
  decisionPayload,
  decodeEvidence,
  formatReason,
  type Step,
  toHex,
  verifyEvidence,
} from '@trine/protocol';
import { Command } from 'commander';
import { collectEntry } from './arguments.ts';
import { Client, type NodeFlags, withNode } from './client.ts';
import { domains } from './domains.ts';
import { wholeId } from './evidence.ts';
import { action, CommandError, examples, exitStatus, print, printJson, wholeNumber } from './output.ts';
import { asksPeriod, type PeriodFlags, replayThePeriod } from './replay-period.ts';
import { readEvidenceFile } from './verify.ts';

interface ReplayFlags extends NodeFlags, Omit<PeriodFlags, 'home' | 'json'> {
  readonly file?: string;
  readonly json?: boolean;
}

async function evidenceOf(given: string | undefined, flags: ReplayFlags): Promise<Uint8Array> {
  if (flags.file !== undefined) return readEvidenceFile(flags.file);
  if (given === undefined) throw new CommandError('Name a decision, or an evidence file with --file.');
  const client = new Client(flags);
  return client.bytes(`/api/evidence/${await wholeId(client, given)}`);
}

/** The decision as it stands in the file. @throws CommandError when the file holds none */
function sealedDecision(file: Uint8Array, given: string | undefined): Decision {
  let decision: Decision;
  let ids: string[];
  try {
    const evidence = decodeEvidence(file);
    if (evidence.about.kind === 'reading')
      throw new CommandError('This is the evidence of a reading: nothing was decided.');
    const { statement } = new Contents(evidence).only('decision');
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

/** Values that differ, as texts. */
function differences(a: Decision, b: Decision): { field: string; sealed: string; replayed: string }[] {
  const text = (value: unknown) =>
    JSON.stringify(value, (_, v) => (v instanceof Uint8Array ? toHex(v) : v)) ?? 'absent';
  return Object.keys({ ...a, ...b }).flatMap((field) => {
    const sealed = text(a[field as keyof Decision]);
    const replayed = text(b[field as keyof Decision]);
    return sealed === replayed ? [] : [{ field, sealed, replayed }];
  });
}

export const replay: Command = examples(
  withNode(new Command('replay'))
    .description(
      'compute decisions again from their sealed inputs: one, or all of a period, or with another model or rule',
    )
    .argument('[decision]', 'id of the decision or its payment, or the first 8 or more digits')
    .option('--file <evidence>', 'take it from an evidence file: no node needed')
    .option('--agreement <id>', 'every decision of an agreement, from the files of the log')
    .option('--watch <hash>', 'every decision of a watch')
    .option('--all', 'every decision of every agreement and watch')
    .option('--subject <thing>', 'what would be decided on a thing that nobody has an agreement about')
    .option('--domain <name>', 'with --subject: by the rule of this domain', 'service-level')
    .option('--window <duration>', 'with --subject: length of a window', '1h')
    .option('--currency <code>', 'with --subject: of the amounts')
    .option('--from <time>', 'windows from here on')
    .option('--to <time>', 'windows before that')
    .option('--with <model>', 'another model: hash of a registered one, or a file with parameters')
    .option('--set <name=value>', 'another number in the rule; may be repeated', collectEntry, {})
    .option('--most <number>', 'the most that one window may cost, which the agreement limits, in cents', wholeNumber)
    .option('--log <source>', 'folder or URL of a log’s public files (default: the own log)')
    .option('--bodies <folder>', 'where the bodies of sealed statements lie (default: those of the own log)')
    .option('--network <file>', 'network document of that log')
    .option('--csv <file>', 'write every window of the period')
    .option('--json', 'print what was found as one JSON document')
    .action(
      action(async (given: string | undefined, flags: ReplayFlags) => {
        if (asksPeriod(flags)) return replayThePeriod(flags);
        const file = await evidenceOf(given, flags);
        const sealed = sealedDecision(file, flags.file === undefined ? undefined : given);
        const compute = replayWith(domains());
        let again: Decision | undefined;
        const report = verifyEvidence(file, {
          replay: (input) => {
            // As it would be sealed, so that equal values have equal forms.
            again = decisionPayload.decode(decisionPayload.encode(compute(input)));
            return again;
          },
        });
        const failed =
          report.steps.find((step: Step) => step.status === 'failed') ??
          report.steps.find((step: Step) => step.status === 'not-checked');
        const isSame = again !== undefined && toHex(decisionId(again)) === toHex(decisionId(sealed));
        const result = {
          same: isSame && (failed === undefined || failed.name !== 'replay'),
          sealed: toHex(decisionId(sealed)),
          replayed: again === undefined ? null : toHex(decisionId(again)),
          decision: `${sealed.verdict}: ${formatReason(sealed.reason)}`,
          differences: again === undefined ? [] : differences(sealed, again),
          ...(failed && { problem: `${failed.title}: ${failed.detail}` }),
        };
        if (flags.json) printJson(result);
        else show(result);
        return result.same && failed === undefined ? exitStatus.ok : exitStatus.failed;
      }),
    ),
  `Examples:
  trine replay 3f9c21ab
  trine replay --file credit.trine
  trine replay --agreement 8a01 --from 2026-01-01 --with 5d3c9a10
  trine replay --agreement 8a01 --set creditMinorUnits=20 --most 20
  trine replay --subject parking/north --window 1h --set statementsMin=1 --set outOfOrderReadings=1 \\
    --set thresholdPpm=700000 --set creditMinorUnits=500 --currency EUR

Exit status: 0 the same bits, or the question was answered; 1 it differs or could not be computed; 2 there is nothing
to compute.`,
);

function show(result: {
  same: boolean;
  sealed: string;
  replayed: string | null;
  decision: string;
  differences: readonly { field: string; sealed: string; replayed: string }[];
  problem?: string;
}): void {
  print([
    result.decision,
    `sealed    ${result.sealed}`,
    `replayed  ${result.replayed ?? 'not computed'}`,
    ...result.differences.map(
      ({ field, sealed, replayed }) => `  ${field}: ${sealed} was sealed, ${replayed} came out`,
    ),
    ...(result.problem ? [`✗ ${result.problem}`] : []),
    result.same ? '✓ The same, bit for bit.' : '✗ Not the same.',
  ]);
}
