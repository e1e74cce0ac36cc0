// Verifies an evidence file offline, step by step, in words. Shares no code with what writes the file beyond the
// formats; runs in Node and in a browser.

import { lowestClass } from '../assurance.ts';
import { equalBytes, toHex } from '../bytes.ts';
import { parseDidKey } from '../keys.ts';
import { checkPayload } from '../payloads/check.ts';
import { decodeNetwork, encodeNetwork, type NetworkDocument } from '../payloads/network.ts';
import { verifyStatement } from '../statement/statement.ts';
import type { VerifierKey } from '../tlog/verifier-key.ts';
import { countOf, plural } from '../words.ts';
import { Contents, type LoggedStatement } from './contents.ts';
import { checkForm } from './form.ts';
import { decodeEvidence, type Evidence } from './format.ts';
import { PackReader } from './packs.ts';
import type { Replay } from './replay.ts';
import {
  type HoldingVerdict,
  lowest,
  NotChecked,
  OtherError,
  type Report,
  type ReportedReading,
  type Step,
  StepError,
  type StepName,
  stepTitles,
  UNPINNED_TITLE,
} from './report.ts';
import { verifyDecision } from './steps/decision.ts';
import { type Principal, type Principals, principalsOf } from './steps/identity.ts';
import { checkInclusion, findCheckpoints } from './steps/logs.ts';
import { type MapAgain, verifyOrigins } from './steps/origins.ts';
import { verifyPayment } from './steps/payment.ts';
import { formatTime } from './time.ts';
import type { RunStep, Verification } from './verification.ts';

export interface VerifyOptions {
  /** The network document the reader trusts. Without it, a file can only be found consistent. */
  readonly network?: NetworkDocument;
  /** Computes a decision again. Without it, a decision can only be trusted without replay. */
  readonly replay?: Replay;
  /** Maps messages again. Without it, mapped readings are the gateway's word. */
  readonly mapAgain?: MapAgain;
  /** Keys whose cosignatures on a checkpoint count; others are passed over. */
  readonly witnesses?: readonly VerifierKey[];
}

/**
 * Checks an evidence file.
 *
 * @param file bytes of the file
 * @param options what to trust, and how to replay
 * @returns each step with ✓ or ✗ and why; never rejects for a bad file
 * @example const report = await verifyEvidence(bytes, { network, replay }); console.log(report.verdict)
 */
export async function verifyEvidence(file: Uint8Array, options: VerifyOptions = {}): Promise<Report> {
  const steps: Step[] = [];
  const assumptions: string[] = [];
  const facts: Record<string, string> = {};
  const lowered = new Set<HoldingVerdict>(options.network ? [] : ['consistent']);
  let about: Report['about'] = 'unknown';
  const step = stepsInto(steps, options.network !== undefined);
  try {
    const start = await step('file', () => {
      const evidence = decodeEvidence(file);
      about = evidence.about.kind;
      const contents = new Contents(evidence);
      checkForm(evidence, contents);
      const leaves = evidence.logs.reduce((sum, one) => sum + one.leaves.length, 0);
      return {
        value: { evidence, contents },
        detail: `${countOf(file.length, 'byte')}, ${countOf(leaves, 'leaf', 'leaves')}`,
      };
    });
    const found = await verifyAll({ ...start, step, assumptions, facts, lowered }, options);
    if (steps.some(({ status }) => status === 'not-checked')) lowered.add('trusted-without-replay');
    return { verdict: lowest(lowered), about, steps, assumptions, facts, ...found };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    const { verdict } = error;
    const left = notChecked(steps, about);
    return { verdict, about, steps: [...steps, ...left], assumptions: [], facts: {}, readings: [], sources: [] };
  }
}

class Broken extends Error {
  readonly verdict: Report['verdict'];
  constructor(error: unknown) {
    super();
    this.verdict = error instanceof OtherError ? error.verdict : 'broken';
  }
}

/** Every error in a step comes from reading untrusted bytes: it means that the step does not hold. */
function stepsInto(steps: Step[], isPinned: boolean): RunStep {
  return async (name, check) => {
    const title = name === 'network' && !isPinned ? UNPINNED_TITLE : stepTitles[name];
    try {
      const { value, detail } = await check();
      steps.push({ name, title, status: 'ok', detail });
      return value;
    } catch (error) {
      if (error instanceof NotChecked) {
        steps.push({ name, title, status: 'not-checked', detail: error.message });
        return undefined as never;
      }
      steps.push({ name, title, status: 'failed', detail: (error as Error).message });
      throw new Broken(error);
    }
  };
}

const readingSteps: readonly StepName[] = [
  'file',
  'network',
  'checkpoint',
  'sealed',
  'identity',
  'signatures',
  'bodies',
];
const decisionSteps: readonly StepName[] = [...readingSteps, 'order', 'agreement', 'model', 'replay'];
const paymentSteps: readonly StepName[] = [...decisionSteps, 'intent', 'deciders', 'anchor', 'payment'];

function notChecked(done: readonly Step[], about: Report['about']): Step[] {
  const due =
    about === 'payment' ? paymentSteps : about === 'decision' || about === 'row' ? decisionSteps : readingSteps;
  return due
    .filter((name) => !done.some((step) => step.name === name))
    .map((name) => ({ name, title: stepTitles[name], status: 'not-checked', detail: 'a step before it failed' }));
}

async function verifyAll(
  start: Pick<Verification, 'evidence' | 'contents' | 'step' | 'assumptions' | 'facts' | 'lowered'>,
  options: VerifyOptions,
): Promise<Pick<Report, 'readings' | 'sources'>> {
  const { evidence, contents, step, assumptions, facts } = start;
  const network = await step('network', () => findNetwork(contents, options.network));
  const checkpoints = await step('checkpoint', () =>
    findCheckpoints(evidence, contents, network, options.witnesses ?? []),
  );
  await step('sealed', () => checkInclusion(evidence, checkpoints));
  const principals = await step('identity', () => {
    const found = principalsOf(contents, network);
    return { value: found, detail: `${countOf(found.size, 'key')}, ${countOf(network.members.length, 'member')}` };
  });
  await step('signatures', () => checkSignatures(contents, principals));
  const packs = new PackReader(contents);
  await step('bodies', () => readBodies(contents, packs, evidence.about));
  assumptions.push(...taken(network, options, contents));
  const sources = await verifyOrigins({ ...start, packs }, options.mapAgain);
  const always = ['network', 'enrolment', 'key-status'];
  const verification: Verification = {
    ...start,
    network,
    checkpoints,
    principals,
    packs,
    wentIn: new Set(),
    accountedFor: new Set(
      contents.statements.filter(({ statement }) => always.includes(statement.header.kind)).map(({ order }) => order),
    ),
  };
  const spoken = contents.of('pack');
  if (spoken.length > 0) facts.class = lowestClass(spoken.map(({ statement }) => statement.header.class));
  if (evidence.about.kind === 'reading') await verifyReading(verification);
  else {
    const decided = await verifyDecision(verification, options.replay);
    if (evidence.about.kind === 'payment' || isPaidLine(evidence)) await verifyPayment(verification, decided);
  }
  await rejectUnaccounted(verification);
  return { readings: readingsOf(verification), sources };
}

function checkSignatures(contents: Contents, principals: Principals): { value: undefined; detail: string } {
  for (const { index, statement } of contents.statements) {
    const principal = principals.get(statement.header.issuer) as Principal;
    if (!verifyStatement(statement, principal.key))
      throw new StepError(`The signature of the statement at leaf ${index} is wrong.`);
  }
  return { value: undefined, detail: countOf(contents.statements.length, 'signature') };
}

/** Bodies of what the file holds bodies of, and readings of the packs that are there whole. */
function readBodies(
  contents: Contents,
  packs: PackReader,
  about: Evidence['about'],
): { value: undefined; detail: string } {
  for (const { statement } of contents.statements) checkPayload(statement);
  const spoken = about.kind === 'reading' ? contents.byId(about.id) : undefined;
  if (spoken) contents.body(spoken);
  let whole = 0;
  for (const pack of contents.of('pack')) {
    // Of what only shows a fork nobody needs the readings; whoever needs others asks for them.
    if (pack.statement.header.sealed && !contents.hasDisclosure(pack)) continue;
    packs.readings(pack);
    whole++;
  }
  for (const other of contents.statements)
    if (other.statement.header.kind !== 'pack' && contents.hasDisclosure(other)) contents.body(other);
  return { value: undefined, detail: `${countOf(packs.count, 'reading')} in ${countOf(whole, 'pack')}` };
}

/** What every file takes on trust. */
function taken(network: NetworkDocument, options: VerifyOptions, { passedOver, origins }: Contents): string[] {
  return [
    ...(options.network
      ? []
      : ['That this is the network it says it is: give a network document you trust to be sure.']),
    'That no key used here was revoked earlier than shown: the log of the member who keeps it is public and can be checked.',
    'That the devices measured what they signed: a signature proves who said it, not that it is true.',
    ...(origins.length > 1
      ? [
          'That each statement stands in no log before the one shown, and that the logs say rightly when it arrived: over several logs keys count by arrival.',
        ]
      : []),
    ...(passedOver.length > 0
      ? [
          `That ${countOf(passedOver.length, 'statement')} of a kind not known here ${plural(passedOver.length, 'changes nothing: it was', 'change nothing: they were')} passed over.`,
        ]
      : []),
    ...(network.chain.kind === 'practice'
      ? ['That the practice chain was left alone: it runs on one computer, and its payments are practice money.']
      : []),
  ];
}

function findNetwork(
  contents: Contents,
  pinned: NetworkDocument | undefined,
): { value: NetworkDocument; detail: string } {
  const { statement } = contents.only('network');
  const network = decodeNetwork(statement.payload);
  if (network.id !== statement.header.subject) throw new StepError('The network document is sealed under another id.');
  const { issuer } = statement.header;
  if (!network.members.some(({ key }) => key === issuer) || !verifyStatement(statement, parseDidKey(issuer)))
    throw new StepError('The network document is not signed by one of its members.');
  if (pinned && network.id !== pinned.id)
    throw new OtherError('another-network', `The file is of network ${network.id}; the one given is ${pinned.id}.`);
  if (pinned && !equalBytes(encodeNetwork(pinned), statement.payload))
    throw new OtherError(
      'another-branch',
      'The file was made under another version of the network document than the one given.',
    );
  return { value: network, detail: `${network.name} (${network.id})${pinned ? '' : '; nothing was pinned'}` };
}

async function verifyReading({
  contents,
  evidence,
  principals,
  facts,
  accountedFor,
  wentIn,
  step,
}: Verification): Promise<void> {
  const said = contents.byId(evidence.about.id);
  if (said === undefined || !['pack', 'event'].includes(said.statement.header.kind))
    return step('order', () => {
      throw new StepError('The statement the file is about is not in it.');
    });
  accountedFor.add(said.order);
  wentIn.add(said.order);
  describePack(said, principals, facts);
}

function describePack(
  { statement, arrivalMs }: LoggedStatement,
  principals: Principals,
  facts: Record<string, string>,
): void {
  const principal = principals.get(statement.header.issuer) as Principal;
  facts.subject = statement.header.subject;
  facts['signed by'] = `${principal.name}, enrolled by ${principal.ownerName}`;
  facts.arrived = formatTime(arrivalMs);
  facts.statement = toHex(statement.id);
}

/** The readings of every pack that is there whole. */
function readingsOf({ contents, packs, principals, wentIn }: Verification): ReportedReading[] {
  const found: ReportedReading[] = [];
  for (const pack of contents.of('pack')) {
    const { origin, index: leaf, arrivalMs, order, statement } = pack;
    const { subject, issuer, sealed, clock } = statement.header;
    if (sealed && !contents.hasDisclosure(pack)) continue;
    const datedBy = clock === 'none' ? 'arrival' : 'signer';
    const said = {
      subject,
      keyOwner: principals.get(issuer)?.keyOwner ?? '',
      origin,
      leaf,
      arrivalMs,
      datedBy,
    } as const;
    for (const reading of packs.readings(pack)) {
      const timeMs = datedBy === 'arrival' ? arrivalMs : reading.timeMs;
      found.push({ ...said, ...reading, timeMs, wentIn: wentIn.has(order) });
    }
  }
  return found;
}

/** A line, and that a batch paid it. */
function isPaidLine({ about, batch }: Evidence): boolean {
  return about.kind === 'row' && batch !== undefined;
}

/** Nothing may ride along unaccounted for: a reader would take it for proven. */
async function rejectUnaccounted({ contents, accountedFor, step, evidence }: Verification): Promise<void> {
  const { about, anchor, settlement, signatures, inputs, states, salts, heads, row, logs, batch } = evidence;
  const left = contents.statements.find(({ order }) => !accountedFor.has(order));
  const isPayment = about.kind === 'payment' || isPaidLine(evidence);
  const strayIntent = !isPayment && contents.intents.length > 0;
  const arrivals = logs.some((one) => one.arrivals);
  const strayLogs = about.kind === 'reading' && logs.length > 1;
  const strayParts =
    (!isPayment && (anchor || settlement || signatures || batch)) ||
    (about.kind === 'reading' && (inputs || states || salts || heads || arrivals)) ||
    (about.kind !== 'row' && row);
  if (left || strayIntent || strayParts || strayLogs)
    await step('order', () => {
      throw new StepError(
        left
          ? `The statement at leaf ${left.index} has nothing to do with the rest.`
          : 'The file holds parts that are not about it.',
      );
    });
}
