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
import { Contents, type LoggedStatement } from './contents.ts';
import { decodeEvidence, type Evidence } from './format.ts';
import { rootFromMultiproof } from './multiproof.ts';
import { NotChecked, type Report, type Step, StepError, type StepName, stepTitles } from './report.ts';
import { type Replay, verifyDecision } from './steps/decision.ts';
import { type Principal, type Principals, principalsOf } from './steps/identity.ts';
import { verifyPayment } from './steps/payment.ts';

export interface VerifyOptions {
  /** The network document the reader trusts. Without it, a file can only be found consistent. */
  readonly network?: NetworkDocument;
  /** Computes a decision again. Without it, that is taken on trust and said so. */
  readonly replay?: Replay;
}

/** What the steps hand on to each other. */
export interface Verification {
  readonly evidence: Evidence;
  readonly contents: Contents;
  readonly network: NetworkDocument;
  readonly checkpoint: SignedCheckpoint;
  readonly principals: Principals;
  readonly assumptions: string[];
  readonly facts: Record<string, string>;
  /** Statements some step accounts for: in the end all must be. */
  readonly accountedFor: Set<number>;
  step(name: StepName, check: () => string): void;
}

/**
 * Checks an evidence file.
 *
 * @param file bytes of the file
 * @param options what to trust, and how to replay
 * @returns each step with ✓ or ✗ and why; never throws for a bad file
 * @example const report = verifyEvidence(bytes, { network }); console.log(report.verdict)
 */
export function verifyEvidence(file: Uint8Array, options: VerifyOptions = {}): Report {
  const steps: Step[] = [];
  const assumptions: string[] = [];
  const facts: Record<string, string> = {};
  let about: Report['about'] = 'unknown';
  const step = (name: StepName, check: () => string): void => {
    const title = stepTitles[name];
    try {
      steps.push({ name, title, status: 'ok', detail: check() });
    } catch (error) {
      if (error instanceof NotChecked) {
        steps.push({ name, title, status: 'not-checked', detail: error.message });
        return;
      }
      // Every error here comes from reading untrusted bytes: it means that the step does not hold.
      steps.push({ name, title, status: 'failed', detail: (error as Error).message });
      throw new Broken();
    }
  };
  try {
    const evidence = run(step, 'file', () => {
      const decoded = decodeEvidence(file);
      const contents = new Contents(decoded);
      checkBodiesBelong(decoded, contents);
      return {
        value: { evidence: decoded, contents },
        detail: `${file.length} bytes, ${decoded.leaves.length} leaves`,
      };
    });
    about = evidence.evidence.about.kind;
    verifyAll({ ...evidence, step, assumptions, facts }, options);
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

/** Runs a step that finds a value. */
function run<T>(step: Verification['step'], name: StepName, check: () => { value: T; detail: string }): T {
  let found: T | undefined;
  step(name, () => {
    const { value, detail } = check();
    found = value;
    return detail;
  });
  return found as T;
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
  const due = about === 'payment' ? paymentSteps : about === 'decision' ? decisionSteps : readingSteps;
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

function verifyAll(
  start: Pick<Verification, 'evidence' | 'contents' | 'step' | 'assumptions' | 'facts'>,
  options: VerifyOptions,
): void {
  const { evidence, contents, step, assumptions, facts } = start;
  const network = run(step, 'network', () => findNetwork(contents, options.network));
  const checkpoint = run(step, 'checkpoint', () => findCheckpoint(evidence, network));
  step('sealed', () => {
    const root = rootFromMultiproof(evidence.leaves, checkpoint.size, evidence.proof);
    if (root === undefined || !equalBytes(root, checkpoint.root))
      throw new StepError(`The leaves do not lead to the root of the checkpoint of ${checkpoint.size} leaves.`);
    return `${evidence.leaves.length} of ${checkpoint.size} leaves, in ${checkpoint.origin}`;
  });
  const principals = run(step, 'identity', () => {
    const found = principalsOf(contents, network);
    return { value: found, detail: `${found.size} keys, ${network.members.length} members` };
  });
  step('signatures', () => {
    for (const { index, statement } of contents.statements) {
      const principal = principals.get(statement.header.issuer) as Principal;
      if (!verifyStatement(statement, principal.key))
        throw new StepError(`The signature of the statement at leaf ${index} is wrong.`);
    }
    return `${contents.statements.length} signatures`;
  });
  const packs = contents.of('pack');
  step('bodies', () => {
    for (const { statement } of contents.statements) checkPayload(statement);
    let readings = 0;
    for (const pack of packs) {
      const { header } = pack.statement;
      readings += decodePack(contents.body(pack), header.contentType, header.subject, header.clock).length;
    }
    return `${readings} readings in ${packs.length} packs`;
  });
  assumptions.push(
    'That no key used here was revoked earlier than shown: the log of the member who keeps it is public and can be checked.',
    'That the devices measured what they signed: a signature proves who said it, not that it is true.',
  );
  if (contents.passedOver.length > 0)
    assumptions.push(
      `That ${contents.passedOver.length} statements of a kind not known here change nothing: they were passed over.`,
    );
  if (!options.network)
    assumptions.unshift('That this is the network it says it is: give a network document you trust to be sure.');
  if (network.chain.kind === 'practice')
    assumptions.push(
      'That the practice chain was left alone: it runs on one computer, and its payments are practice money.',
    );
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
  if (evidence.about.kind === 'reading') verifyReading(verification);
  else {
    verifyDecision(verification, options.replay);
    if (evidence.about.kind === 'payment') verifyPayment(verification);
  }
  rejectUnaccounted(verification);
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
  // Signatures by others would be ignored by the format; here nothing may stand that is not checked.
  if (note.signatures.length !== 1) throw new StepError('The checkpoint should carry the signature of its log alone.');
  const checkpoint = verifyCheckpoint(evidence.checkpoint, log.key);
  return { value: checkpoint, detail: `${checkpoint.size} leaves, kept by ${log.member.name}` };
}

function verifyReading({ contents, evidence, principals, facts, accountedFor, step }: Verification): void {
  const pack = contents.byId(evidence.about.id);
  if (pack === undefined || pack.statement.header.kind !== 'pack') {
    step('order', () => {
      throw new StepError('The statement the file is about is not in it.');
    });
    return;
  }
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

/** Nothing may ride along unexplained: a reader would take it for proven. */
function rejectUnaccounted({ contents, accountedFor, step, evidence }: Verification): void {
  const left = contents.statements.find(({ index }) => !accountedFor.has(index));
  const strayIntent = evidence.about.kind !== 'payment' && contents.intents.length > 0;
  const strayParts =
    (evidence.about.kind !== 'payment' && (evidence.anchor || evidence.settlement || evidence.signatures)) ||
    (evidence.about.kind === 'reading' && evidence.state);
  if (left || strayIntent || strayParts)
    step('order', () => {
      throw new StepError(
        left
          ? `The statement at leaf ${left.index} has nothing to do with the rest.`
          : 'The file holds parts that are not about it.',
      );
    });
}
