// Classifiers over features of windows.
import type { ClassifierModel, LearningClassifierModel, Listed } from '../model.ts';

export const classifiers: readonly Listed<ClassifierModel | LearningClassifierModel>[] = [];
