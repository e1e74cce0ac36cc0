// The part of a domain that decides, of a bundle in the sandbox. What it answers is checked before anything of ours touches it.
import { type ErrorCode, FormatError, isErrorCode, type Refusal, TrineError } from '@trine/protocol';
import { z } from 'zod';
import { ABI } from '../abi/version.ts';
import type {
  Deciding,
  DecisionInput,
  Engine,
  Explanation,
  LabelledDecision,
  LoggedEvent,
  Outcome,
  RowOutcome,
  Selector,
  Total,
  Trigger,
} from '../domain.ts';
import { Budget, type BudgetOptions, oneFile } from './budget.ts';
import { SandboxError } from './errors.ts';
import { Machine, type SandboxLimits } from './machine.ts';
import { fromWire, HOLE, toWire } from './wire.ts';

const integer = z.number().refine(Number.isSafeInteger);
const bytes = z.instanceof(Uint8Array);
const facts = z.record(z.string(), z.union([integer, z.string(), z.boolean()]));
const reason = z.strictObject({
  template: z.string(),
  arguments: z.record(z.string(), z.union([integer, z.string()])),
});
/** Of an effect its tag and what data it holds: the decision's codec checks the rest. */
const effects = z.array(z.looseObject({ tag: z.string() })).max(10_000);
const score = z.strictObject({ ppm: integer, thresholdPpm: integer }).optional();
const outcome = z.strictObject({
  verdict: z.string(),
  facts,
  score,
  reason,
  states: z.map(z.string(), bytes),
  effects,
});
const row = z.strictObject({ verdict: z.string(), facts, score, reason, effects, state: bytes.optional() });
const total = z.strictObject({ verdict: z.string(), facts, reason });
const subjects = z.array(z.string()).max(10_000);
const kinds = z.array(z.enum(['pack', 'event']));
const selectors = z
  .array(
    z.strictObject({ name: z.string(), subjects, kinds, fromMs: integer, toMs: integer, row: z.string().optional() }),
  )
  .max(100_000);
const hole = z.custom((given) => given === HOLE);
const base = { name: z.string(), graceMs: integer };
const triggers = z
  .array(
    z.discriminatedUnion('on', [
      z.strictObject({ ...base, on: z.literal('window'), startMs: integer, lengthMs: integer }),
      z.strictObject({
        ...base,
        on: z.literal('calendar'),
        period: z.enum(['day', 'week', 'month', 'year']),
        timeZone: z.string(),
      }),
      z.strictObject({ ...base, on: z.literal('session'), subjects, maxMs: integer, opens: hole, closes: hole }),
      z.strictObject({ ...base, on: z.literal('event'), subjects, matches: hole }),
      z.strictObject({
        ...base,
        on: z.literal('deadline'),
        subjects,
        withinMs: z.union([integer, hole]),
        matches: hole,
      }),
      z.strictObject({ ...base, on: z.literal('demand'), askers: subjects, lookBackMs: integer }),
    ]),
  )
  .max(64);
const series = z.strictObject({
  quantity: z.string(),
  unit: z.string(),
  share: z.number(),
  timeMs: z.array(z.number()),
  value: z.array(z.number()),
  expected: z.array(z.number().nullable()),
  low: z.array(z.number().nullable()),
  high: z.array(z.number().nullable()),
  score: z.array(z.number()),
});
const explanation = z.strictObject({ words: z.array(z.string()).max(100), series: z.array(series).max(100) });
const answered = z.union([
  z.strictObject({ value: z.unknown() }),
  z.strictObject({
    error: z.strictObject({ name: z.string().optional(), code: z.string().optional(), message: z.string() }),
  }),
]);
const MESSAGE_CHARS_MAX = 500;
const REMEMBERED_MAX = 64;

type States = (place: number, key: string) => Uint8Array;
const NO_STATES: States = () => new Uint8Array();

interface Asked {
  readonly ask: string;
  readonly parameters?: unknown;
  readonly given?: readonly unknown[];
  readonly trigger?: { readonly terms: unknown; readonly place: number; readonly name: string };
  readonly agreed?: readonly (readonly string[])[];
}

/** Questions to one bundle, whose answers are checked. */
class Questions {
  readonly #machine: Machine;
  readonly #budget: Budget;
  readonly #failed = new Map<string, SandboxError>();

  constructor(machine: Machine, budget: Budget) {
    this.#machine = machine;
    this.#budget = budget;
  }

  #answer(question: string, states: States): string {
    const failed = this.#failed.get(question);
    if (failed) throw failed;
    if (this.#budget.isSpent)
      throw new SandboxError('The bundle was stopped: it took more steps in all than it may. It is asked again later.');
    let asked = 0;
    try {
      return this.#machine.ask(question, (place, key) => {
        asked++;
        return toWire(states(place, key));
      });
    } catch (error) {
      // Asked again, it would end the same way.
      if (error instanceof SandboxError && asked === 0) this.#remember(question, error);
      throw error;
    } finally {
      this.#budget.take(this.#machine.taken, this.#machine.wasHungry);
    }
  }

  #remember(question: string, error: SandboxError): void {
    const [oldest] = this.#failed.keys();
    if (this.#failed.size >= REMEMBERED_MAX && oldest !== undefined) this.#failed.delete(oldest);
    this.#failed.set(question, error);
  }

  /** @throws FormatError, TrineError as the bundle refuses what it was given; SandboxError where it makes no sense */
  ask<T>(asked: Asked, schema: z.ZodType<T>, states: States = NO_STATES): T {
    const text = this.#answer(toWire({ given: [], ...asked }), states);
    const read = answered.safeParse(decoded(text));
    if (!read.success) throw new SandboxError('The bundle answered what is no answer.');
    if ('error' in read.data) throw errorOf(read.data.error);
    const checked = schema.safeParse(read.data.value);
    if (checked.success) return checked.data;
    const [issue] = checked.error.issues;
    throw new SandboxError(
      `The bundle answered ${asked.ask} with what is none: ${issue?.path.join('.')}: ${issue?.message}`,
    );
  }
}

function decoded(text: string): unknown {
  try {
    return fromWire(text);
  } catch {
    throw new SandboxError('The bundle answered what is no data.');
  }
}

function errorOf({
  name,
  code,
  message,
}: {
  name?: string | undefined;
  code?: string | undefined;
  message: string;
}): Error {
  const said = message.slice(0, MESSAGE_CHARS_MAX);
  if (code === undefined || !isErrorCode(code)) return new SandboxError(`The bundle failed: ${said}`);
  if (name === 'FormatError') return new FormatError(code as Refusal, said);
  return name === 'TrineError'
    ? new TrineError(code as ErrorCode, said)
    : new SandboxError(`The bundle failed: ${said}`);
}

/** Without what cannot cross. */
function dataOf({ state: _, ...data }: DecisionInput<unknown>): unknown {
  return data;
}

class SandboxedEngine {
  readonly #questions: Questions;
  readonly #parameters: unknown;
  readonly #verdicts: readonly string[];

  constructor(questions: Questions, parameters: unknown, verdicts: readonly string[]) {
    this.#questions = questions;
    this.#parameters = parameters;
    this.#verdicts = verdicts;
  }

  #ask<T>(ask: string, input: DecisionInput<unknown>, schema: z.ZodType<T>, ...more: readonly unknown[]): T {
    const asked = { ask, parameters: this.#parameters, given: [dataOf(input), ...more] };
    return this.#questions.ask(asked, schema, (_, key) => input.state(key));
  }

  /** @param has what the bundle's engine can do besides */
  methods(has: { row: boolean; total: boolean; explain: boolean; learn: boolean }): Engine<unknown> {
    return {
      decide: (input) => this.#ask('decide', input, outcome) as unknown as Outcome,
      ...(has.row && { row: (input) => this.#ask('row', input, row) as unknown as RowOutcome }),
      ...(has.total && {
        total: (input, common, rows) => this.#ask('total', input, total, common, rows) as unknown as Total,
      }),
      ...(has.explain && { explain: (input) => this.#ask('explain', input, explanation) as Explanation }),
      ...(has.learn && { learn: (decisions, before) => this.#learn(decisions, before) }),
    } as Engine<unknown>;
  }

  #learn(decisions: readonly LabelledDecision<unknown>[], before: unknown): never {
    const asked: Asked = {
      ask: 'learn',
      parameters: this.#parameters,
      given: [decisions.map(({ input, decided, by }) => ({ input: dataOf(input), decided, by })), before],
      agreed: decisions.map((one) => this.#verdicts.filter((verdict) => one.agrees(verdict))),
    };
    const states: States = (place, key) => decisions[place]?.input.state(key) ?? new Uint8Array();
    return this.#questions.ask(asked, z.record(z.string(), z.unknown()), states) as never;
  }
}

/** A trigger whose functions ask the sandbox. */
function withFunctions(
  questions: Questions,
  terms: unknown,
  trigger: z.infer<typeof triggers>[number],
  place: number,
): Trigger {
  const call =
    <T>(name: string, schema: z.ZodType<T>) =>
    (event: LoggedEvent) =>
      questions.ask({ ask: 'trigger', trigger: { terms, place, name }, given: [event] }, schema);
  const text = z.string().optional();
  if (trigger.on === 'session')
    return { ...trigger, opens: call('opens', text), closes: call('closes', text) } as Trigger;
  if (trigger.on === 'event') return { ...trigger, matches: call('matches', z.boolean()) };
  if (trigger.on !== 'deadline') return trigger;
  const { withinMs } = trigger;
  return {
    ...trigger,
    withinMs: typeof withinMs === 'number' ? withinMs : call('withinMs', z.number()),
    matches: call('matches', z.boolean()),
  };
}

export interface SandboxOptions {
  /** QuickJS as it is published. */
  readonly quickjs: Uint8Array;
  readonly budget?: BudgetOptions;
  readonly limits?: SandboxLimits;
}

/**
 * Loads a bundle into a sandbox.
 *
 * @param code text of the module
 * @param verdicts words of the domain, which people may label decisions with
 * @throws SandboxError where it cannot be loaded; TrineError `unsupported` for another version of the engine
 */
export async function sandboxedDeciding(
  code: string,
  verdicts: readonly string[],
  { quickjs, budget = oneFile, limits }: SandboxOptions,
): Promise<Deciding> {
  const questions = new Questions(await Machine.load(code, quickjs, limits), new Budget(budget));
  const shape = questions.ask(
    { ask: 'shape' },
    z.strictObject({ abi: integer, rows: z.boolean(), stateForm: z.boolean() }),
  );
  if (shape.abi !== ABI)
    throw new TrineError('unsupported', `The bundle is made for version ${shape.abi} of the engine; here is ${ABI}.`);
  const engineShape = z.strictObject({
    row: z.boolean(),
    total: z.boolean(),
    explain: z.boolean(),
    learn: z.boolean(),
  });
  return {
    terms: { parse: (given) => questions.ask({ ask: 'parse', given: [given] }, z.record(z.string(), z.unknown())) },
    triggers: (terms) =>
      questions
        .ask({ ask: 'triggers', given: [terms] }, triggers)
        .map((trigger, place) => withFunctions(questions, terms, trigger, place)),
    inputs: (...given) => questions.ask({ ask: 'inputs', given }, selectors) as readonly Selector[],
    ...(shape.rows && { rows: (...given) => questions.ask({ ask: 'rows', given }, subjects) }),
    open: async (parameters) => {
      const has = questions.ask({ ask: 'open', parameters, given: [] }, engineShape);
      return new SandboxedEngine(questions, parameters, verdicts).methods(has);
    },
    ...(shape.stateForm && {
      stateForm: (parameters) => questions.ask({ ask: 'stateForm', given: [parameters] }, z.string()),
    }),
  };
}
