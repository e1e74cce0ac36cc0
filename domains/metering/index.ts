// Metering: a bill for each customer and period from what the meters counted.
import type { Domain } from '@trine/engine';
import { open } from './engine.ts';
import { manifest } from './manifest.ts';
import { type MeteringTerms, meteringTerms } from './terms.ts';
import { inputs, rows, triggers } from './triggers.ts';

export const metering: Domain<MeteringTerms> = { manifest, terms: meteringTerms, triggers, inputs, rows, open };
