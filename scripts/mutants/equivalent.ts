// Faults that are none: the program does the same with them. By hand, each with the reason.

import type { Fault } from './areas.ts';
import { wording } from './draw.ts';

/** A change that changes nothing, as the output names it, without the numbers of its line and column. */
interface Equivalent {
  readonly file: string;
  /** The line of the source. */
  readonly line: string;
  readonly was: string;
  readonly instead: string;
  /** Where in the line, from 0: needed where the same stands there more than once. */
  readonly at?: number;
  readonly why: string;
}

export const equivalents: readonly Equivalent[] = [
  {
    file: 'packages/engine/sandbox/meter.ts',
    line: 'if (op === 8 || op === 10 || op === 12 || op === 14) reader.skipNumber();',
    was: '||',
    instead: '&&',
    at: 13,
    why: 'what is passed over after memory.init and memory.copy is a zero byte, which read as an instruction has no operand',
  },
  {
    file: 'packages/node/settle/batches.ts',
    line: 'for (let part = 0; part < PARTS_MAX; part++) if (hexOf(partId(decided, part)) === obligation) return part;',
    was: '<',
    instead: '<=',
    why: 'one more is looked at, and it returns the number that is returned where none is found',
  },
];

/** Is this one of them? */
export function isSaid({ file, line, was, instead, at }: Equivalent, fault: Fault): boolean {
  if (fault.file !== file) return false;
  const words = wording(fault);
  const isHere = at === undefined || at === words.at;
  return isHere && words.line === line && words.was === was && words.instead === instead;
}

/** Why a fault is none; undefined where it is one. */
export function whyEquivalent(fault: Fault): string | undefined {
  return equivalents.find((one) => isSaid(one, fault))?.why;
}
