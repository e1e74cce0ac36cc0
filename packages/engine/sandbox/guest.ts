// The inside of the sandbox: takes away what the list of names does not allow, and calls the bundle with what is asked. Runs
// in QuickJS, before the bundle is loaded; built into guest-code.ts by scripts/bundles.ts.
import type { Bundled } from '../abi/guest.ts';
import type { LoggedEvent } from '../domain.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';
import { fromWire, toWire } from './wire.ts';

/** Everything that a bundle may name. */
const GLOBALS = new Set(
  (
    'globalThis undefined NaN Infinity isNaN isFinite parseInt parseFloat Object Function Array String Number Boolean Symbol ' +
    'BigInt Math JSON Map Set WeakMap WeakSet Promise Proxy Reflect RegExp Error EvalError RangeError ReferenceError ' +
    'SyntaxError TypeError URIError AggregateError ArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array ' +
    'Uint16Array Int32Array Uint32Array BigInt64Array BigUint64Array Float32Array Float64Array TextEncoder TextDecoder ' +
    'encodeURIComponent decodeURIComponent encodeURI decodeURI'
  ).split(' '),
);
/** What ECMAScript defines exactly. */
const MATH = new Set(
  'abs ceil floor round trunc sign min max imul clz32 fround sqrt E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2'.split(' '),
);

type Names = Record<PropertyKey, unknown>;

function keepOnly(object: Names, names: ReadonlySet<string>): void {
  for (const name of Object.getOwnPropertyNames(object)) if (!names.has(name)) delete object[name];
}

/** Texts become code by none of the constructors of functions, and no answer depends on a locale or a release of Unicode. */
function lockDown(): void {
  Object.defineProperty(globalThis, 'TextEncoder', {
    value: class TextEncoder {
      encode = encodeUtf8;
    },
    writable: true,
    configurable: true,
  });
  const decoder = class TextDecoder {
    readonly #options: { fatal?: boolean; ignoreBOM?: boolean };
    constructor(_encoding = 'utf-8', options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
      this.#options = options;
    }
    decode(bytes: Uint8Array = new Uint8Array()): string {
      return decodeUtf8(bytes, this.#options.fatal ?? false, this.#options.ignoreBOM ?? false);
    }
  };
  Object.defineProperty(globalThis, 'TextDecoder', { value: decoder, writable: true, configurable: true });
  keepOnly(globalThis as unknown as Names, GLOBALS);
  keepOnly(Math as unknown as Names, MATH);
  const functions = [() => {}, async () => {}, function* () {}, async function* () {}];
  const refused = function refusedFunction() {
    throw new TypeError('Code is made of no text here.');
  };
  for (const one of functions)
    Object.defineProperty(Object.getPrototypeOf(one), 'constructor', {
      value: refused,
      writable: false,
      configurable: false,
    });
  refused.prototype = Object.getPrototypeOf(functions[0]) as object;
  Object.defineProperty(globalThis, 'Function', { value: refused, writable: false, configurable: false });
  const own = [String, Number, BigInt, Array, Object, Object.getPrototypeOf(Uint8Array) as { prototype: object }];
  for (const { prototype } of own)
    for (const name of Object.getOwnPropertyNames(prototype))
      if (/Locale|localeCompare|^normalize$/.test(name)) delete (prototype as Names)[name];
}

export interface Question {
  readonly ask: string;
  readonly parameters: never;
  readonly given: readonly unknown[];
  /** Of a trigger: its place and which of its functions. */
  readonly trigger?: { readonly terms: unknown; readonly place: number; readonly name: string };
  /** Of what people said: the verdicts that each decision agrees with. */
  readonly agreed?: readonly (readonly string[])[];
}

/** Asks the outside for the state under a key, of the input at a place; bytes as wire. */
type StateOf = (place: number, key: string) => string;

function answerer(bundled: Bundled, stateOf: StateOf) {
  const withState = (input: unknown, place = 0) => ({
    ...(input as object),
    state: (key: unknown) => fromWire(stateOf(place, `${key}`)),
  });

  async function engine(question: Question): Promise<unknown> {
    const { decide, row, total, explain, learn } = await bundled.open(question.parameters);
    const [first, second, third] = question.given as readonly [never, never, never];
    switch (question.ask) {
      case 'open':
        return {
          row: row !== undefined,
          total: total !== undefined,
          explain: explain !== undefined,
          learn: learn !== undefined,
        };
      case 'decide':
        return decide(withState(first) as never);
      case 'row':
        return row?.(withState(first) as never);
      case 'total':
        return total?.(withState(first) as never, second as never, third as never);
      case 'explain':
        return explain?.(withState(first) as never);
      case 'learn':
        return learn?.(taught(question), second as never);
      default:
        throw new TypeError('There is no such question.');
    }
  }

  function taught({ given: [decisions], agreed = [] }: Question): never {
    return (decisions as { input: unknown }[]).map(({ input, ...rest }, i) => ({
      ...rest,
      input: withState(input, i),
      agrees: (verdict: string) => (agreed[i] as readonly string[]).includes(verdict),
    })) as never;
  }

  async function answer(question: Question): Promise<unknown> {
    const [first, second, third, fourth] = question.given as readonly [never, never, never, never];
    switch (question.ask) {
      case 'shape':
        return { abi: bundled.abi, rows: bundled.rows !== undefined, stateForm: bundled.stateForm !== undefined };
      case 'parse':
        return bundled.terms.parse(first);
      case 'triggers':
        return bundled.triggers(first);
      case 'trigger': {
        const { terms, place, name } = question.trigger as NonNullable<Question['trigger']>;
        const trigger = bundled.triggers(terms)[place] as unknown as Record<string, (event: LoggedEvent) => unknown>;
        return trigger[name]?.(first);
      }
      case 'inputs':
        return bundled.inputs(first, second, third, fourth);
      case 'rows':
        return bundled.rows?.(first, second, third, fourth);
      case 'stateForm':
        return bundled.stateForm?.(first);
      default:
        return engine(question);
    }
  }
  return answer;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** What was thrown, as data: strangers throw anything. */
function thrown(error: unknown): { name: string | undefined; code: string | undefined; message: string } {
  try {
    const { name, code, message } = error as { name?: unknown; code?: unknown; message?: unknown };
    return { name: textOf(name), code: textOf(code), message: textOf(message) ?? 'It threw what is no error.' };
  } catch {
    return { name: undefined, code: undefined, message: 'It threw what is no error.' };
  }
}

lockDown();

/** Answers one question as JSON. What it returns is all that leaves the sandbox. */
export default function install(bundled: Bundled, stateOf: StateOf): (question: string) => Promise<string> {
  const answer = answerer(bundled, stateOf);
  return async (question) => {
    try {
      const asked = fromWire(question) as Question;
      return toWire({ value: await answer(asked) }, asked.ask === 'triggers');
    } catch (error) {
      return toWire({ error: thrown(error) });
    }
  };
}
