// Random bytes: what keys, salts and nonces are made of.
import { randomBytes } from 'node:crypto';

/** @returns so many bytes that nobody can foresee; in a simulation, those of its seed */
export type Random = (length: number) => Buffer;

/** The machine's own. */
export const systemRandom: Random = randomBytes;
