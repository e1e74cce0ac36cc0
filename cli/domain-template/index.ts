// Over limit: a credit where a reading was above a limit for longer than agreed.
import type { Domain } from '@trine/engine';
import { open } from './engine.ts';
import { manifest } from './manifest.ts';
import { type OverLimitTerms, overLimitTerms } from './terms.ts';
import { inputs, triggers } from './triggers.ts';

export const overLimit: Domain<OverLimitTerms> = { manifest, terms: overLimitTerms, triggers, inputs, open };
