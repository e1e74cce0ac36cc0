// Classifiers over features of windows: ways to train them, those that learn as they go, and trained ones.
import type { ClassifierModel, LearningClassifierModel, Listed, TrainableClassifierModel } from '../model.ts';
import { boosted } from './boosted.ts';
import { forest } from './forest.ts';
import { intrusion } from './intrusion.ts';
import { replanting } from './replanting.ts';
import { watchful } from './watchful.ts';

export const classifiers: readonly Listed<ClassifierModel | LearningClassifierModel | TrainableClassifierModel>[] = [
  { model: forest, scenario: 'classifiers.ts' },
  { model: boosted, scenario: 'classifiers.ts' },
  { model: watchful, scenario: 'classifiers.ts' },
  { model: intrusion, scenario: 'classifiers.ts' },
  { model: replanting, scenario: 'intrusion.ts' },
];
