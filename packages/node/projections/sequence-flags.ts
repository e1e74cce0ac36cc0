// What may be odd about a statement's place in its sequence.
export type SequenceFlag = 'gap' | 'reordered' | 'fork' | 'clone';

/** By the number that stands in the tables; 0 is nothing odd. */
export const sequenceFlags: readonly (SequenceFlag | undefined)[] = [undefined, 'gap', 'reordered', 'fork', 'clone'];
