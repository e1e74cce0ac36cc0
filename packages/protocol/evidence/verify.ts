// Verifies an evidence file offline, step by step, in words. Shares no code with what writes the file beyond the
// formats; runs in Node and in a browser.

import { lowestClass } from '../assurance.ts';
import { equalBytes, toHex } from '../bytes.ts';
import { checkPayload } from '../payloads/check.ts';
import { decodeNetwork, encodeNetwork, type NetworkDocument } from '../payloads/network.ts';
import { decodePack } from '../senml/senml.ts';
import { verifyStatement } from '../statement/statement.ts';
import { type SignedCheckpoint, verifyCheckpoint } from '../tlog/checkpoint.ts';
import { parseNote } from '../tlog/note.ts';
import { parseVerifierKey } from '../tlog/verifier-key.ts';
import { countOf, plural } from '../words.ts';
import { Contents, type LoggedStatement } from './contents.ts';
import { decodeEvidence, type Evidence } from './format.ts';
import { rootFromMultiproof } from './multiproof.ts';
import type { Replay } from './replay.ts';
import { NotChecked, type Report, type Step, StepError, type StepName, stepTitles, UNPINNED_TITLE } from './report.ts';
import { verifyDecision } from './steps/decision.ts';
import { type Principal, type Principals, principalsOf } from './steps/identity.ts';
import { verifyPayment } from './steps/payment.ts';
import type { RunStep, Verification } from './verification.ts';

export interface VerifyOptions {
  /** The network document the reader trusts. Without it, a file can only be found consistent. */
  readonly network?: NetworkDocument;
  /** Computes a decision again. Without it, that is taken on trust and said so. */
  readonly replay?: Replay;
}

/**
 * Checks an evidence file.
 *
 * @param file bytes of the file
 * @param options what to trust, and how to replay
 * @returns each step with ✓ or ✗ and why; never rejects for a bad file
 * @example const report = await verifyEvidence(bytes, { network }); console.log(report.verdict)
 */
export async function verifyEvidence(file: Uint8Array, options: VerifyOptions = {}): Promise<Report> {
  const steps: Step[] = [];
  const assumptions: string[] = [];
  const facts: Record<string, string> = {};
  let about: Report['about'] = 'unknown';
  const step = stepsInto(steps, options.network !== undefined);
  try {
    const start = await step('file', () => {
      const evidence = decodeEvidence(file);
      const contents = new Contents(evidence);
      checkBodiesBelong(evidence, contents);
      checkOrder(evidence);
      return {
        value: { evidence, contents },
        detail: `${countOf(file.length, 'byte')}, ${countOf(evidence.leaves.length, 'leaf', 'leaves')}`,
      };
    });
    about = start.evidence.about.kind;
    await verifyAll({ ...start, step, assumptions, facts }, options);
    // Asked to compute the decision again and not able to: then it cannot be called trusted.
    const isComplete = options.replay === undefined || steps.every(({ status }) => status === 'ok');
    const verdict = options.network && isComplete ? 'trusted' : 'consistent';
    return { verdict, about, steps, assumptions, facts };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { verdict: 'broken', about, steps: [...steps, ...notChecked(steps, about)], assumptions: [], facts: {} };
  }
}

class Broken extends Error {}

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
      throw new Broken();
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

function checkBodiesBelong(evidence: Evidence, contents: Contents): void {
  let last = -1;
  for (const { index } of evidence.bodies) {
    if (index <= last) throw new StepError('The bodies are not in the order of their leaves.');
    last = index;
    const owner = contents.statements.find((sealed) => sealed.index === index);
    if (!owner?.statement.header.sealed)
      throw new StepError(`The body for leaf ${index} belongs to no sealed statement.`);
  }
}

/** Lists stand in the order of their names, each once, and what is empty is left out: one content has one file. */
function checkOrder(evidence: Evidence): void {
  for (const name of ['arrivals', 'states', 'salts'] as const)
    if (evidence[name]?.length === 0) throw new StepError(`The ${name} are empty: they should not be there then.`);
  const { arrivals = [], leaves, inputs = [], states = [], salts = [] } = evidence;
  const isAscending = (names: readonly (string | number)[]) =>
    names.every((name, i) => i === 0 || (names[i - 1] as string | number) < name);
  const indexes = new Set(leaves.map(({ index }) => index));
  if (!isAscending(arrivals) || arrivals.some((index) => !indexes.has(index)))
    throw new StepError('The arrivals are not those of leaves in the file, each once and in their order.');
  const lists: Record<string, readonly string[]> = {
    inputs: inputs.map(({ key }) => key),
    states: states.map(({ key }) => key),
    salts: salts.map(({ purpose, key }) => `${purpose} ${key}`),
  };
  for (const [name, names] of Object.entries(lists))
    if (!isAscending(names)) throw new StepError(`The ${name} are not each once and in the order of their names.`);
}

async function verifyAll(
  start: Pick<Verification, 'evidence' | 'contents' | 'step' | 'assumptions' | 'facts'>,
  options: VerifyOptions,
): Promise<void> {
  const { evidence, contents, step, assumptions, facts } = start;
  const network = await step('network', () => findNetwork(contents, options.network));
  const checkpoint = await step('checkpoint', () => findCheckpoint(evidence, network));
  await step('sealed', () => checkInclusion(evidence, checkpoint));
  const principals = await step('identity', () => {
    const found = principalsOf(contents, network);
    return { value: found, detail: `${countOf(found.size, 'key')}, ${countOf(network.members.length, 'member')}` };
  });
  await step('signatures', () => checkSignatures(contents, principals));
  const packs = contents.of('pack');
  await step('bodies', () => readBodies(contents, evidence.about));
  assumptions.push(...taken(network, options, contents));
  const verification: Verification = {
    evidence,
    contents,
    network,
    checkpoint,
    principals,
    assumptions,
    facts,
    step,
    accountedFor: new Set(
      contents.statements
        .filter(({ statement }) => ['network', 'enrolment', 'key-status'].includes(statement.header.kind))
        .map(({ index }) => index),
    ),
  };
  if (packs.length > 0) facts.class = lowestClass(packs.map(({ statement }) => statement.header.class));
  if (evidence.about.kind === 'reading') await verifyReading(verification);
  else {
    const decided = await verifyDecision(verification, options.replay);
    if (evidence.about.kind === 'payment') await verifyPayment(verification, decided);
  }
  await rejectUnaccounted(verification);
}

function checkInclusion(evidence: Evidence, checkpoint: SignedCheckpoint): { value: undefined; detail: string } {
  const root = rootFromMultiproof(evidence.leaves, checkpoint.size, evidence.proof);
  if (root === undefined || !equalBytes(root, checkpoint.root))
    throw new StepError(
      `The leaves do not lead to the root of the checkpoint of ${countOf(checkpoint.size, 'leaf', 'leaves')}.`,
    );
  return {
    value: undefined,
    detail: `${evidence.leaves.length} of ${countOf(checkpoint.size, 'leaf', 'leaves')}, in ${checkpoint.origin}`,
  };
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
function readBodies(contents: Contents, about: Evidence['about']): { value: undefined; detail: string } {
  let readings = 0;
  let packs = 0;
  for (const { statement } of contents.statements) checkPayload(statement);
  const spoken = about.kind === 'reading' ? contents.byId(about.id) : undefined;
  if (spoken) contents.body(spoken);
  for (const pack of contents.of('pack')) {
    // Of what only shows a fork nobody needs the readings; whoever needs others asks for them.
    if (pack.statement.header.sealed && !contents.hasDisclosure(pack.index)) continue;
    const { header } = pack.statement;
    packs++;
    readings += decodePack(contents.body(pack), header.contentType, header.subject, header.clock).length;
  }
  for (const other of contents.statements)
    if (other.statement.header.kind !== 'pack' && contents.hasDisclosure(other.index)) contents.body(other);
  return { value: undefined, detail: `${countOf(readings, 'reading')} in ${countOf(packs, 'pack')}` };
}

/** What every file takes on trust. */
function taken(network: NetworkDocument, options: VerifyOptions, { passedOver }: Contents): string[] {
  return [
    ...(options.network
      ? []
      : ['That this is the network it says it is: give a network document you trust to be sure.']),
    'That no key used here was revoked earlier than shown: the log of the member who keeps it is public and can be checked.',
    'That the devices measured what they signed: a signature proves who said it, not that it is true.',
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
  if (!network.members.some(({ key }) => key === statement.header.issuer))
    throw new StepError('The network document is not signed by one of its members.');
  if (pinned && !equalBytes(encodeNetwork(pinned), statement.payload))
    throw new StepError(
      network.id === pinned.id
        ? 'The file was made under another version of the network document than the one given.'
        : `The file is of network ${network.id}; the one given is ${pinned.id}.`,
    );
  return { value: network, detail: `${network.name} (${network.id})${pinned ? '' : '; nothing was pinned'}` };
}

function findCheckpoint(evidence: Evidence, network: NetworkDocument): { value: SignedCheckpoint; detail: string } {
  const keys = network.members.flatMap((member) =>
    member.logs.map(({ vkey }) => ({ member, key: parseVerifierKey(vkey) })),
  );
  const note = parseNote(evidence.checkpoint);
  const origin = note.text.slice(0, note.text.indexOf('\n'));
  const log = keys.find(({ key }) => key.name === origin);
  if (log === undefined) throw new StepError(`No member of the network keeps a log ${origin}.`);
  const checkpoint = verifyCheckpoint(evidence.checkpoint, log.key);
  // Nobody here knows the keys of witnesses: their signatures are passed over, and said to be.
  const others = note.signatures.length - 1;
  const passed =
    others > 0 ? `; ${others} other ${plural(others, 'signature was', 'signatures were')} passed over` : '';
  return {
    value: checkpoint,
    detail: `${countOf(checkpoint.size, 'leaf', 'leaves')}, kept by ${log.member.name}${passed}`,
  };
}

async function verifyReading({
  contents,
  evidence,
  principals,
  facts,
  accountedFor,
  step,
}: Verification): Promise<void> {
  const pack = contents.byId(evidence.about.id);
  if (pack === undefined || !['pack', 'event'].includes(pack.statement.header.kind))
    return step('order', () => {
      throw new StepError('The statement the file is about is not in it.');
    });
  accountedFor.add(pack.index);
  describePack(pack, principals, facts);
}

function describePack(
  { statement, arrivalMs }: LoggedStatement,
  principals: Principals,
  facts: Record<string, string>,
): void {
  const principal = principals.get(statement.header.issuer) as Principal;
  facts.subject = statement.header.subject;
  facts['signed by'] = `${principal.name}, enrolled by ${principal.ownerName}`;
  facts.arrived = new Date(arrivalMs).toISOString();
  facts.statement = toHex(statement.id);
}

/** Nothing may ride along unaccounted for: a reader would take it for proven. */
async function rejectUnaccounted({ contents, accountedFor, step, evidence }: Verification): Promise<void> {
  const { about, anchor, settlement, signatures, inputs, states, salts, row, arrivals } = evidence;
  const left = contents.statements.find(({ index }) => !accountedFor.has(index));
  const isPayment = about.kind === 'payment';
  const strayIntent = !isPayment && contents.intents.length > 0;
  const strayParts =
    (!isPayment && (anchor || settlement || signatures)) ||
    (about.kind === 'reading' && (inputs || states || salts || arrivals)) ||
    (about.kind !== 'row' && row);
  if (left || strayIntent || strayParts)
    await step('order', () => {
      throw new StepError(
        left
          ? `The statement at leaf ${left.index} has nothing to do with the rest.`
          : 'The file holds parts that are not about it.',
      );
    });
}
