// Every model, in one place: the shared suites run through this list, and none escapes the benchmarks.
import { classifiers } from './classifiers/list.ts';
import { detectors } from './detectors/list.ts';
import { forecasters } from './forecasters/list.ts';
import type { Listed } from './model.ts';
import { optimisers } from './optimisers/list.ts';

export const models: readonly Listed[] = [...detectors, ...forecasters, ...classifiers, ...optimisers];
