// How far a statement can be trusted, as its header says it.

/** How far the event times in a statement can be trusted. `none`: times are seconds since the device started. */
export const clockQualities = { synchronised: 0, free: 1, none: 2 } as const;
export type ClockQuality = keyof typeof clockQualities;

/** Assurance, best first. The class of a chain of statements is the lowest in it, that is the greatest number. */
export const assuranceClasses = { hardware: 1, software: 2, gateway: 3, imported: 4, simulated: 5 } as const;
export type AssuranceClass = keyof typeof assuranceClasses;

/** The lowest assurance of several statements: what is shown for a chain of them. */
export function lowestClass(classes: readonly AssuranceClass[]): AssuranceClass {
  let worst: AssuranceClass = 'hardware';
  for (const one of classes) if (assuranceClasses[one] > assuranceClasses[worst]) worst = one;
  return worst;
}
