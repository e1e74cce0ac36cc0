// The objective of classification trees: leaves of one class (Gini impurity), answering with the shares of the classes.
import type { Objective } from './tree.ts';

/** @param classes how many; a row's statistics are its weight at its class, 0 elsewhere */
export function gini(classes: number): Objective {
  return {
    size: classes,
    score: (sums, at) => {
      let all = 0;
      let squares = 0;
      for (let c = at; c < at + classes; c++) {
        all += sums[c]!;
        squares += sums[c]! * sums[c]!;
      }
      return all > 0 ? squares / all : 0;
    },
    leaf: (sums) => {
      const all = sums.reduce((a, b) => a + b, 0);
      return sums.map((sum) => (all > 0 ? sum / all : 1 / classes));
    },
  };
}
