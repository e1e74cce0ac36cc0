// Service level: a credit for windows that are missing readings or out of order.
import type { Domain } from '@trine/engine';
import { open } from './engine.ts';
import { manifest } from './manifest.ts';
import { readParameters } from './parameters.ts';
import { type ServiceLevelTerms, serviceLevelTerms } from './terms.ts';
import { inputs, triggers } from './triggers.ts';

export const serviceLevel: Domain<ServiceLevelTerms> = {
  manifest,
  terms: serviceLevelTerms,
  triggers,
  inputs,
  open,
  stateForm: (parameters) => readParameters(parameters).detector.name,
};
