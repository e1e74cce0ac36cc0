// Inputs: which statements of a log an obligation looks at, opened once, and committed to as runs of their sequences.
// One rule selects for the decider, the co-decider, replay and the verifier.
import {
  commitMap,
  compareBytes,
  concernedThings,
  decodePack,
  encodeCbor,
  equalBytes,
  type InputRange,
  type InputStatement,
  leafHash,
  type MapCommitment,
  memoryTree,
  type Obligation,
  type Policy,
  type Reading,
  sha256,
  toHex,
  treeRoot,
} from '@trine/protocol';
import { sampled } from './awake.ts';
import type { Domain, LoggedEvent, LoggedReading, Selected, Selector } from './domain.ts';
import { matchesSubject } from './subjects.ts';

/** A statement that may go in, read once. */
export interface OpenedInput extends InputStatement {
  readonly order: number;
  /** Of a pack: with a usable value, dated by arrival where the device has no clock. */
  readonly readings: readonly Reading[];
  readonly event: LoggedEvent | undefined;
  /** First and last event time; of what has none, its arrival. */
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Names that the engine's own selectors have; a domain's never begin with `$`. */
export const HEARTBEAT = '$heartbeat';
export const PEERS = '$peers';

/**
 * @param input with its body; where that was erased, without: it stands in its sequence and has no value
 * @throws FormatError when the body is none of its kind
 */
export function openInput(
  given: Omit<InputStatement, 'body'> & { readonly body: Uint8Array | undefined },
): OpenedInput {
  const input = { ...given, order: given.order ?? given.index };
  const { statement, arrivalMs, index } = input;
  const { header } = statement;
  if (input.body === undefined)
    return { ...input, body: new Uint8Array(), readings: [], event: undefined, firstMs: arrivalMs, lastMs: arrivalMs };
  const { body } = input;
  if (header.kind !== 'pack') {
    const event: LoggedEvent = {
      id: toHex(statement.id),
      subject: header.subject,
      mediaType: String(header.contentType),
      body,
      timeMs: arrivalMs,
      leaf: index,
    };
    return { ...input, body, readings: [], event, firstMs: arrivalMs, lastMs: arrivalMs };
  }
  const readings = decodePack(body, header.contentType, header.subject, header.clock).map((reading) =>
    header.clock === 'none' ? { ...reading, timeMs: arrivalMs } : reading,
  );
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const { timeMs } of readings) {
    firstMs = Math.min(firstMs, timeMs);
    lastMs = Math.max(lastMs, timeMs);
  }
  return { ...input, body, readings: readings.filter(isUsable), event: undefined, firstMs, lastMs };
}

/** A quantity with a unit takes numbers; a text in its place (unavailable, offline, nothing) is no value. */
export function isUsable({ unit, value }: Pick<Reading, 'unit' | 'value'>): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value === 'boolean' || (unit === '' && value !== '');
}

/** Does a selector look at a statement of this kind and subject, whose times lie in `[firstMs, lastMs]`? */
export function isSelected(
  selector: Selector,
  { kind, subject, firstMs, lastMs }: { kind: string; subject: string; firstMs: number; lastMs: number },
): boolean {
  return (
    (selector.kinds as readonly string[]).includes(kind) &&
    firstMs < selector.toMs &&
    lastMs >= selector.fromMs &&
    matchesSubject(selector.subjects, subject)
  );
}

/** Everything that is looked at for an obligation: the domain's selectors, the heartbeat, the things it is checked against. */
export function selectorsOf(
  domain: Domain,
  policy: Policy,
  terms: unknown,
  obligation: Obligation,
  opening?: LoggedEvent,
  only?: string,
): Selector[] {
  const { fromMs, toMs } = obligation;
  const peers = concernedThings(policy).filter((thing) => thing !== policy.subject);
  return [
    ...domain.inputs(terms, obligation, opening, only),
    { name: HEARTBEAT, subjects: [policy.gate.heartbeat], kinds: ['pack'], fromMs, toMs },
    ...(policy.plausibility
      ? [{ name: PEERS, subjects: [policy.subject, ...peers], kinds: ['pack'] as const, fromMs, toMs }]
      : []),
  ];
}

/**
 * Of all statements that may go in, those that do: the selected ones, those that replace them whatever their times, and
 * of heartbeats as few as show that no gap between them is too long, and what was closed in one that is.
 *
 * @param candidates of one log, below the cut, in its order
 * @returns by selector; a statement may be selected by several
 */
export function select(
  selectors: readonly Selector[],
  candidates: readonly OpenedInput[],
  gate: Parameters<typeof sampled>[2],
): Map<Selector, readonly OpenedInput[]> {
  const index = new SubjectIndex<Selector>();
  const found = new Map<Selector, OpenedInput[]>();
  for (const selector of selectors) {
    found.set(selector, []);
    index.add(selector.subjects, selector);
  }
  const replacing = replacements(candidates);
  for (const input of candidates) {
    const { kind, subject } = input.statement.header;
    const looked = { kind, subject, firstMs: input.firstMs, lastMs: input.lastMs };
    for (const selector of index.of(subject)) if (isSelected(selector, looked)) found.get(selector)?.push(input);
  }
  return new Map(
    [...found].map(([selector, selected]) => {
      const chosen = [...replacing(selected)].sort(byOrder);
      return [selector, selector.name === HEARTBEAT ? sampled(chosen, selector, gate) : chosen];
    }),
  );
}

/**
 * @returns a function from statements to them, all that replace them, and those that replace these, each once: a chain
 *   of thousands costs no more than as many that replace nothing
 */
export function replacements(
  candidates: readonly OpenedInput[],
): (inputs: Iterable<OpenedInput>) => ReadonlySet<OpenedInput> {
  const byTarget = new Map<string, OpenedInput[]>();
  for (const input of candidates) {
    const { supersedes } = input.statement.header;
    if (!supersedes) continue;
    const target = toHex(supersedes);
    const known = byTarget.get(target);
    if (known) known.push(input);
    else byTarget.set(target, [input]);
  }
  return (inputs) => {
    const found = new Set(inputs);
    if (byTarget.size === 0) return found;
    // What is added while it is walked is walked as well.
    for (const input of found)
      for (const one of byTarget.get(toHex(input.statement.id)) ?? [])
        if (sequenceOf(one) === sequenceOf(input)) found.add(one);
    return found;
  };
}

/** @returns a function to what a statement replaces, and what that replaces */
export function replaced(candidates: readonly OpenedInput[]): (input: OpenedInput) => OpenedInput[] {
  if (!candidates.some(({ statement }) => statement.header.supersedes)) return () => [];
  const byId = new Map(candidates.map((input) => [toHex(input.statement.id), input]));
  return (input) => {
    const found: OpenedInput[] = [];
    for (let at = input; ; ) {
      const { supersedes } = at.statement.header;
      const target = supersedes && byId.get(toHex(supersedes));
      if (target === undefined || sequenceOf(target) !== sequenceOf(at)) return found;
      found.push(target);
      at = target;
    }
  };
}

/** What an agenda must know of a statement. @param replacedBy see {@link replaced} */
export function notedOf(input: OpenedInput, replacedBy: (input: OpenedInput) => OpenedInput[]) {
  const { order: leaf, arrivalMs, event } = input;
  const timesOf = ({ statement: { header }, firstMs, lastMs }: OpenedInput) => ({
    kind: header.kind,
    subject: header.subject,
    firstMs,
    lastMs,
  });
  return { ...timesOf(input), leaf, arrivalMs, event, replaces: replacedBy(input).map(timesOf) };
}

/** Values by the subjects they look at: which of thousands look at one is found without asking each. */
export class SubjectIndex<V> {
  readonly #exact = new Map<string, Set<V>>();
  readonly #prefixes = new Map<string, Set<V>>();

  /** @param patterns exact subjects, or ending with `*` */
  add(patterns: readonly string[], value: V): void {
    for (const pattern of patterns) {
      const [into, name] = this.#placeOf(pattern);
      const known = into.get(name);
      if (known) known.add(value);
      else into.set(name, new Set([value]));
    }
  }

  delete(patterns: readonly string[], value: V): void {
    for (const pattern of patterns) {
      const [from, name] = this.#placeOf(pattern);
      const known = from.get(name);
      known?.delete(value);
      if (known?.size === 0) from.delete(name);
    }
  }

  #placeOf(pattern: string): [Map<string, Set<V>>, string] {
    return pattern.endsWith('*') ? [this.#prefixes, pattern.slice(0, -1)] : [this.#exact, pattern];
  }

  /** Each once. */
  of(subject: string): ReadonlySet<V> {
    const exact = this.#exact.get(subject);
    if (this.#prefixes.size === 0) return exact ?? new Set();
    const found = new Set(exact);
    for (const [prefix, values] of this.#prefixes)
      if (subject.startsWith(prefix)) for (const value of values) found.add(value);
    return found;
  }
}

/** What the engine of a domain is given of the statements that a selector found. */
export function selectedOf(
  selector: Selector,
  inputs: readonly OpenedInput[],
  superseded: ReadonlySet<string>,
): Selected {
  const readings: Placed<LoggedReading>[] = [];
  const events: Placed<LoggedEvent>[] = [];
  const spoke = new Set<number>();
  for (const input of inputs) {
    if (superseded.has(toHex(input.statement.id))) continue;
    if (input.event) events.push({ said: input.event, input });
    for (const reading of input.readings)
      if (reading.timeMs >= selector.fromMs && reading.timeMs < selector.toMs) {
        readings.push({ said: { ...reading, subject: input.statement.header.subject, leaf: input.index }, input });
        spoke.add(input.order);
      }
  }
  const saidOf = <S extends { readonly timeMs: number }>(all: Placed<S>[]) =>
    // Stable: readings of one statement keep their order.
    all.sort((a, b) => a.said.timeMs - b.said.timeMs || bySequence(a.input, b.input)).map(({ said }) => said);
  return { readings: saidOf(readings), events: saidOf(events), statements: spoke.size };
}

interface Placed<S> {
  readonly said: S;
  readonly input: OpenedInput;
}

function byOrder(a: OpenedInput, b: OpenedInput): number {
  return a.order - b.order;
}

/** What is of one time stands by sequence and within it by its place, whatever logs it came through. */
function bySequence(a: OpenedInput, b: OpenedInput): number {
  const [one, other] = [sequenceOf(a), sequenceOf(b)];
  if (one !== other) return one < other ? -1 : 1;
  const [p, q] = [a.statement.header, b.statement.header];
  return p.epoch - q.epoch || p.seq - q.seq || compareBytes(a.statement.id, b.statement.id);
}

/** Ids of statements that a later one of the same sequence replaces, hex. */
export function supersededBy(inputs: readonly OpenedInput[]): Set<string> {
  const sequences = new Map(inputs.map((input) => [toHex(input.statement.id), sequenceOf(input)]));
  const replaced = new Set<string>();
  for (const input of inputs) {
    const { supersedes } = input.statement.header;
    // Nobody replaces what another said.
    if (supersedes && sequences.get(toHex(supersedes)) === sequenceOf(input)) replaced.add(toHex(supersedes));
  }
  return replaced;
}

function sequenceOf({ keyOwner, statement }: InputStatement): string {
  return `${keyOwner}\n${statement.header.subject}`;
}

/**
 * The inputs as runs of consecutive places in their sequences.
 * @param inputs each once, in any order
 */
export function inputRanges(inputs: readonly InputStatement[]): InputRange[] {
  const sequences = new Map<string, InputStatement[]>();
  for (const input of inputs) {
    const name = `${sequenceOf(input)}\n${String(input.statement.header.epoch).padStart(16, '0')}`;
    const known = sequences.get(name);
    if (known) known.push(input);
    else sequences.set(name, [input]);
  }
  const ranges: InputRange[] = [];
  for (const name of [...sequences.keys()].sort()) {
    const all = sequences.get(name) as InputStatement[];
    all.sort((a, b) => seqOf(a) - seqOf(b) || compareBytes(a.statement.id, b.statement.id));
    let run: InputStatement[] = [];
    for (const input of all) {
      const last = run.at(-1);
      if (last && !follows(last, input)) {
        ranges.push(toRange(run));
        run = [];
      }
      run.push(input);
    }
    ranges.push(toRange(run));
  }
  return ranges;
}

function seqOf({ statement }: InputStatement): number {
  return statement.header.seq;
}

/** `seq` may skip where `prev` links. */
function follows(a: InputStatement, b: InputStatement): boolean {
  const { prev } = b.statement.header;
  return prev !== undefined && equalBytes(prev, a.statement.id);
}

function toRange(run: readonly InputStatement[]): InputRange {
  const first = run[0] as InputStatement;
  const hashes = run.map(({ statement }) => leafHash(statement.id));
  return {
    keyOwner: first.keyOwner,
    subject: first.statement.header.subject,
    epoch: first.statement.header.epoch,
    fromSeq: seqOf(first),
    toSeq: seqOf(run.at(-1) as InputStatement),
    count: run.length,
    root: treeRoot(hashes.length, memoryTree(hashes)),
  };
}

/** Hash of the ranges of one part of a decision: of its row, or of what is common. */
export function inputsHash(inputs: readonly InputStatement[]): Uint8Array {
  return sha256(encodeCbor(inputRanges(inputs)));
}

/** The parts of a decision: inputs by row key, '' for what is common; each statement once in each. */
export function partsOf(selected: ReadonlyMap<Selector, readonly OpenedInput[]>): Map<string, OpenedInput[]> {
  const parts = new Map<string, Map<number, OpenedInput>>([['', new Map()]]);
  for (const [{ row = '' }, inputs] of selected) {
    const part = parts.get(row) ?? new Map<number, OpenedInput>();
    parts.set(row, part);
    for (const input of inputs) part.set(input.order, input);
  }
  return new Map([...parts].map(([key, part]) => [key, [...part.values()].sort(byOrder)]));
}

/** What a decision names of its inputs. */
export function commitInputs(parts: ReadonlyMap<string, readonly InputStatement[]>): MapCommitment {
  return commitMap(new Map([...parts].map(([key, inputs]) => [key, inputsHash(inputs)])));
}
