// Code in mappings: JSONata expressions, and payload formatters of LoRaWAN devices. Both run in the sandbox, without clock,
// chance or network, each message with so much fuel: the same code and the same message give the same, here and anywhere.
import { Budget, beside } from '@trine/engine/sandbox/budget.ts';
import { SandboxError } from '@trine/engine/sandbox/errors.ts';
import { Machine, sandboxLimits } from '@trine/engine/sandbox/machine.ts';
import { fromWire, toWire } from '@trine/engine/sandbox/wire.ts';
import { MappingError } from '@trine/mapping/message/error.ts';
import type { MappingCode } from '@trine/mapping/message/map.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import { TrineError } from '@trine/protocol';
import { installDate } from './guest-date.ts';

/** Some tenth of a second. */
const FUEL = 20_000_000n;
const MEMORY_BYTES = 33_554_432;
const ANSWER_CHARS_MAX = 1_000_000;
/** Each holds some 20 MB. */
const FORMATTERS_MAX = 16;

const limits = { ...sandboxLimits, fuel: FUEL, memoryBytes: MEMORY_BYTES, answerCharsMax: ANSWER_CHARS_MAX };
/** What loading a library takes. */
const loading = { ...limits, fuel: 10n * FUEL };

/** The bundle of JSONata. At each evaluation it asks for the present time, which its own functions alone would say. */
const jsonataBundle = (source: string): string => `(() => {
  (${installDate})(globalThis);
  const Utc = Date;
  class Date_ extends Utc { constructor(...given) { super(...(given.length === 0 ? [0] : given)); } static now() { return 0; } }
  const module = { exports: {} };
  const exports = module.exports;
  { const Date = Date_;
${source}
  }
  const jsonata = module.exports;
  return { terms: { async parse({ expression, json }) {
    const compiled = jsonata(expression);
    for (const name of ['now', 'millis', 'random', 'shuffle', 'eval'])
      compiled.registerFunction(name, () => { throw new Error('$' + name + ' does not give the same each time: it is not here'); });
    return await compiled.evaluate(json);
  } } };
})()`;

/** Formatters are scripts, whose functions are global; those of ChirpStack v3 and of The Things Network v2 are called otherwise. */
const formatterBundle = (source: string): string => `(${installDate})(globalThis);
${source}
;({ terms: { parse({ bytes, port }) {
  const input = { bytes: Array.from(bytes), fPort: port };
  if (typeof decodeUplink === 'function') return decodeUplink(input);
  if (typeof Decoder === 'function') return { data: Decoder(input.bytes, port) };
  if (typeof Decode === 'function') return { data: Decode(port, input.bytes) };
  throw new Error('there is no function decodeUplink in it');
} } })`;

/** What the sandbox is made of, as it is published. */
export interface SandboxFiles {
  quickjs(): Uint8Array;
  jsonata(): string;
}

/** Machines by what they run, loaded before the first message. */
export class SandboxedCode implements MappingCode {
  readonly #files: SandboxFiles;
  readonly #budget: Budget;
  readonly #formatters = new Map<string, Machine>();
  #jsonata: Machine | undefined;

  /** @param elapsed milliseconds that only grow */
  constructor(files: SandboxFiles, elapsed: () => number) {
    this.#files = files;
    this.#budget = new Budget(beside(elapsed));
  }

  /**
   * Loads what mappings and settings run. Whoever maps a message with code that was not loaded is told to come again.
   * @throws TrineError `invalid` where the code cannot be loaded, `overloaded` where it is too much
   */
  async prepare({ codec, transform }: Pick<Mapping, 'codec' | 'transform'>): Promise<void> {
    if (transform !== undefined && this.#jsonata === undefined) {
      const bundle = jsonataBundle(this.#files.jsonata());
      this.#jsonata = await Machine.load(bundle, this.#files.quickjs(), loading, 'script');
    }
    if (codec === undefined || this.#formatters.has(codec.source)) return;
    if (this.#formatters.size >= FORMATTERS_MAX)
      throw new TrineError(
        'overloaded',
        `At most ${FORMATTERS_MAX} payload formatters run beside each other: remove one.`,
      );
    try {
      const machine = await Machine.load(formatterBundle(codec.source), this.#files.quickjs(), limits, 'script');
      this.#formatters.set(codec.source, machine);
    } catch (error) {
      if (!(error instanceof SandboxError)) throw error;
      throw new TrineError('invalid', `The payload formatter cannot be loaded: ${error.message}`);
    }
  }

  /** Those that nothing runs any more. @param inUse their sources */
  release(inUse: ReadonlySet<string>): void {
    for (const source of this.#formatters.keys()) if (!inUse.has(source)) this.#formatters.delete(source);
  }

  transform(expression: string, json: unknown): unknown {
    return this.#ask(this.#jsonata, { expression, json }, 'The expression');
  }

  decode(source: string, input: { readonly bytes: Uint8Array; readonly port: number }): unknown {
    const said = this.#ask(this.#formatters.get(source), input, 'The payload formatter');
    const { data, errors } = (typeof said === 'object' && said !== null ? said : {}) as {
      data?: unknown;
      errors?: unknown;
    };
    if (Array.isArray(errors) && errors.length > 0)
      throw new MappingError(`The payload formatter says: ${String(errors[0]).slice(0, 300)}.`);
    if (typeof data !== 'object' || data === null) throw new MappingError('The payload formatter gives no data.');
    return data;
  }

  #ask(machine: Machine | undefined, given: object, what: string): unknown {
    if (machine === undefined || this.#budget.isSpent)
      throw new MappingError(`${what} cannot run now: it is loaded, or took too long before.`, 'overloaded');
    try {
      const answer = machine.ask(toWire({ ask: 'parse', given: [given] }), () => '');
      this.#budget.take(machine.taken, machine.wasHungry);
      return answered(fromWire(answer), what);
    } catch (error) {
      // What nests too deep to cross is the message's doing, or the answer's.
      if (!(error instanceof SandboxError)) throw new MappingError(`${what} is not run: ${(error as Error).message}`);
      this.#budget.take(machine.taken, machine.wasHungry);
      throw new MappingError(`${what} was stopped or failed: ${error.message}`);
    }
  }
}

/** @throws MappingError with what was thrown inside */
function answered(answer: unknown, what: string): unknown {
  const { value, error } = answer as { value?: unknown; error?: { message?: unknown } };
  if (error === undefined) return value;
  throw new MappingError(`${what} failed: ${String(error.message).slice(0, 300)}.`);
}
