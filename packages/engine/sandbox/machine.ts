// A machine of its own for a stranger's bundle: QuickJS as WebAssembly, metered, without clock, chance, files, network or any
// object of ours. Every question begins from the same memory, the one after the bundle was loaded: what a question leaves
// behind is gone with it, and whatever happened to the machine is mended.
import variant from '@jitl/quickjs-wasmfile-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core';
import { SandboxError } from './errors.ts';
import { GUEST_CODE } from './guest-code.ts';
import { FUEL, metered, VARIABLE } from './meter.ts';

/** Bounds of one question; counted, so that they hold alike on every machine. */
export interface SandboxLimits {
  /** Functions entered and turns of loops, inside of QuickJS. */
  readonly fuel: bigint;
  readonly memoryBytes: number;
  readonly stackBytes: number;
  /** Of what crosses, in characters. */
  readonly answerCharsMax: number;
}

export const sandboxLimits: SandboxLimits = {
  fuel: 200_000_000n,
  memoryBytes: 67_108_864,
  stackBytes: 262_144,
  answerCharsMax: 8_388_608,
};

interface Instance {
  readonly exports: Readonly<Record<string, WebAssembly.Global>>;
  readonly memory: WebAssembly.Memory;
}

const PAGE_BYTES = 65_536;
/** What the module asks for at least. */
const INITIAL_PAGES = 256;

/** The memory and the variables of a machine at one moment. */
interface Snapshot {
  readonly memory: Uint8Array;
  readonly variables: readonly (readonly [WebAssembly.Global, unknown])[];
}

/** @param wasm the metered module */
async function start(
  wasm: WebAssembly.Module,
  { memoryBytes }: SandboxLimits,
): Promise<{ runtime: QuickJSRuntime; instance: Instance }> {
  let instance: Instance | undefined;
  const quickjs = await newQuickJSWASMModuleFromVariant(
    newVariant(variant as unknown as QuickJSSyncVariant, {
      // QuickJS counts what it allocates only where the system tells sizes, and here it does not: the memory itself ends.
      wasmMemory: new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: Math.ceil(memoryBytes / PAGE_BYTES) }),
      emscriptenModule: {
        // Nobody hears what it says.
        print: () => undefined,
        printErr: () => undefined,
        instantiateWasm(imports: WebAssembly.Imports, ready: (instance: WebAssembly.Instance) => void) {
          const made = new WebAssembly.Instance(wasm, imports);
          const memory = Object.values(imports)
            .flatMap((module) => Object.values(module))
            .find((one) => one instanceof WebAssembly.Memory) as WebAssembly.Memory;
          instance = { exports: made.exports as unknown as Instance['exports'], memory };
          ready(made);
          return made.exports;
        },
      } as never,
    }),
  );
  return { runtime: quickjs.newRuntime(), instance: instance as Instance };
}

function take({ exports, memory }: Instance): Snapshot {
  const bytes = new Uint8Array(memory.buffer);
  let used = bytes.length;
  while (used > 0 && bytes[used - 1] === 0) used--;
  // Each of QuickJS's can be set; one that could not would end the first question.
  const variables = Object.entries(exports)
    .filter(([name]) => name.startsWith(VARIABLE))
    .map(([, variable]) => [variable, variable.value] as const);
  return { memory: bytes.slice(0, used), variables };
}

/** A bundle in a machine of its own. */
export class Machine {
  readonly #instance: Instance;
  readonly #runtime: QuickJSRuntime;
  readonly #context: QuickJSContext;
  readonly #limits: SandboxLimits;
  #ask: QuickJSHandle | undefined;
  #snapshot: Snapshot | undefined;
  #stateOf: (place: number, key: string) => string = () => '';

  private constructor(runtime: QuickJSRuntime, instance: Instance, limits: SandboxLimits) {
    this.#runtime = runtime;
    this.#instance = instance;
    this.#limits = limits;
    runtime.setMaxStackSize(limits.stackBytes);
    this.#context = runtime.newContext({ intrinsics: INTRINSICS });
  }

  /**
   * Loads a bundle.
   *
   * @param code text of a module whose default export is the bundle, or of a script whose value it is
   * @param wasm QuickJS, as it is published
   * @throws SandboxError where the bundle cannot be loaded within the limits
   */
  static async load(
    code: string,
    wasm: Uint8Array,
    limits: SandboxLimits = sandboxLimits,
    form: 'module' | 'script' = 'module',
  ): Promise<Machine> {
    const { runtime, instance } = await start(await moduleOf(wasm), limits);
    const machine = new Machine(runtime, instance, limits);
    machine.#bounded(() => machine.#install(code, form));
    machine.#snapshot = take(instance);
    return machine;
  }

  #install(code: string, form: 'module' | 'script'): void {
    const context = this.#context;
    const guest = this.#value(context.evalCode(GUEST_CODE, 'guest.js', { type: 'global' }));
    const type = form === 'module' ? 'module' : 'global';
    const value = this.#value(context.evalCode(code, 'bundle.js', { type }));
    this.#runtime.executePendingJobs();
    const bundled = form === 'module' ? context.getProp(value, 'default') : value;
    const stateOf = context.newFunction('stateOf', (place, key) =>
      context.newString(this.#stateOf(context.getNumber(place), context.getString(key))),
    );
    this.#ask = this.#value(context.callFunction(guest, context.undefined, bundled, stateOf));
  }

  /** @throws SandboxError with what it threw */
  #value(result: ReturnType<QuickJSContext['evalCode']>): QuickJSHandle {
    if (!result.error) return result.value;
    throw new SandboxError(`The bundle cannot be run: ${this.#said(result.error)}`);
  }

  /** What was thrown, read without running anything of the bundle. */
  #said(error: QuickJSHandle): string {
    const context = this.#context;
    if (context.typeof(error) !== 'object') return 'it threw what is no error.';
    const message = context.getProp(error, 'message');
    return context.typeof(message) === 'string'
      ? context.getString(message).slice(0, 300)
      : 'it threw what is no error.';
  }

  /**
   * Asks one question, from the memory after loading.
   *
   * @param stateOf answers what the bundle asks of states
   * @throws SandboxError where it did not answer within the limits
   */
  ask(question: string, stateOf: (place: number, key: string) => string): string {
    this.#restore();
    this.#stateOf = stateOf;
    return this.#bounded(() => {
      const context = this.#context;
      const asked = context.callFunction(this.#ask as QuickJSHandle, context.undefined, context.newString(question));
      const promise = this.#value(asked);
      const { error } = this.#runtime.executePendingJobs();
      if (error) throw new SandboxError(`The bundle cannot be run: ${this.#said(error as QuickJSHandle)}`);
      const state = context.getPromiseState(promise);
      if (state.type !== 'fulfilled') throw new SandboxError('The bundle answered nothing.');
      if (context.typeof(state.value) !== 'string') throw new SandboxError('The bundle answered what is no text.');
      const answer = context.getString(state.value);
      if (answer.length > this.#limits.answerCharsMax) throw new SandboxError('The bundle answered more than it may.');
      return answer;
    });
  }

  /** What the machine holds of memory, all in all. */
  get heldBytes(): number {
    return this.#instance.memory.buffer.byteLength;
  }

  /** Did the last question take more than half of what one may? Honest ones take a hundredth. */
  get wasHungry(): boolean {
    return this.taken * 2n > this.#limits.fuel;
  }

  /** Fuel that the last question took. */
  get taken(): bigint {
    return this.#limits.fuel - (this.#fuel.value as bigint);
  }

  get #fuel(): WebAssembly.Global {
    return this.#instance.exports[FUEL] as WebAssembly.Global;
  }

  #restore(): void {
    const { memory, variables } = this.#snapshot as Snapshot;
    const bytes = new Uint8Array(this.#instance.memory.buffer);
    bytes.set(memory);
    bytes.fill(0, memory.length);
    for (const [variable, value] of variables) variable.value = value;
  }

  /** Runs with a whole tank. Whatever ends the machine (fuel, stack, memory) is said in words. */
  #bounded<T>(run: () => T): T {
    this.#fuel.value = this.#limits.fuel;
    try {
      return run();
    } catch (error) {
      if (error instanceof SandboxError) throw error;
      if ((this.#fuel.value as bigint) < 0n)
        throw new SandboxError('The bundle was stopped: it took more steps than one question may take.');
      throw new SandboxError('The bundle was stopped: it took more memory or went deeper than it may.');
    }
  }
}

/** No dates, and nothing that waits for the outside. */
const INTRINSICS = {
  BaseObjects: true,
  Eval: true,
  RegExp: true,
  RegExpCompiler: true,
  JSON: true,
  Proxy: true,
  MapSet: true,
  TypedArrays: true,
  Promise: true,
  BigInt: true,
} as const;

let compiled: { readonly of: Uint8Array; readonly module: Promise<WebAssembly.Module> } | undefined;

/** Metered and compiled once. */
function moduleOf(wasm: Uint8Array): Promise<WebAssembly.Module> {
  if (compiled?.of !== wasm)
    compiled = { of: wasm, module: WebAssembly.compile(metered(wasm) as Uint8Array<ArrayBuffer>) };
  return compiled.module;
}
