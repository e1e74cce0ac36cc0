// What a bundle exports, run by this machine itself: for bundles of the release, which are as good as its own code.
import { type ErrorCode, FormatError, type Refusal, TrineError } from '@trine/protocol';
import type { Deciding, Engine } from '../domain.ts';
import type { Bundled } from './guest.ts';
import { ABI } from './version.ts';

/** An error of a bundle as one of ours: it has classes of its own. */
export function adoptedError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof TrineError) return error;
  const { name, message, code } = error as Error & { code?: string };
  if (code === undefined) return error;
  if (name === 'FormatError') return new FormatError(code as Refusal, message, { cause: error });
  return name === 'TrineError' ? new TrineError(code as ErrorCode, message, { cause: error }) : error;
}

function adopting<F extends (...given: never[]) => unknown>(call: F): F {
  return ((...given) => {
    try {
      return call(...given);
    } catch (error) {
      throw adoptedError(error);
    }
  }) as F;
}

function adoptedEngine({ decide, row, total, explain, learn }: Engine<unknown>): Engine<unknown> {
  return {
    decide: adopting(decide),
    ...(row && { row: adopting(row) }),
    ...(total && { total: adopting(total) }),
    ...(explain && { explain: adopting(explain) }),
    ...(learn && { learn: adopting(learn) }),
  };
}

/**
 * The part of a domain that decides, of a module that was loaded.
 * @throws TrineError `unsupported` where the bundle was made for another version of the engine
 */
export function nativeDeciding(bundled: Bundled): Deciding {
  if (bundled.abi !== ABI)
    throw new TrineError('unsupported', `The bundle is made for version ${bundled.abi} of the engine; here is ${ABI}.`);
  const { terms, triggers, inputs, rows, open, stateForm } = bundled;
  return {
    terms: { parse: adopting(terms.parse) },
    triggers: adopting(triggers),
    inputs: adopting(inputs),
    ...(rows && { rows: adopting(rows) }),
    open: (parameters) =>
      open(parameters).then(adoptedEngine, (error: unknown) => {
        throw adoptedError(error);
      }),
    ...(stateForm && { stateForm: adopting(stateForm) }),
  };
}
