// Refuses a malformed problem by name, before a solver makes something else of it.
import type { LinearProblem } from '../model.ts';

/**
 * @throws RangeError naming the variable or constraint and what is wrong with it: a cost, coefficient or bound that is no
 * number, bounds that cross, a term of a variable that does not exist or is named twice, two things of one name
 */
export function checkProblem({ sense, variables, constraints }: LinearProblem): void {
  if (sense !== 'minimise' && sense !== 'maximise')
    throw new RangeError(`Expected the sense 'minimise' or 'maximise', got ${JSON.stringify(sense)}.`);
  if (variables.length === 0) throw new RangeError('A problem needs at least one variable.');
  distinct('variable', variables);
  distinct('constraint', constraints);
  for (const { name, cost, low, high } of variables) {
    if (!Number.isFinite(cost)) throw new RangeError(`Variable ${name}: expected a finite cost, got ${cost}.`);
    bounds(`Variable ${name}`, low ?? 0, high ?? Number.POSITIVE_INFINITY);
  }
  for (const { name, terms, low, high } of constraints) {
    const seen = new Set<number>();
    for (const [variable, coefficient] of terms) {
      if (!(Number.isInteger(variable) && variable >= 0 && variable < variables.length))
        throw new RangeError(
          `Constraint ${name}: expected a variable's index from 0 to ${variables.length - 1}, got ${variable}.`,
        );
      const of = variables[variable]?.name;
      if (seen.has(variable)) throw new RangeError(`Constraint ${name}: variable ${of} stands in two terms; add them.`);
      seen.add(variable);
      if (!Number.isFinite(coefficient))
        throw new RangeError(
          `Constraint ${name}: expected a finite coefficient of variable ${of}, got ${coefficient}.`,
        );
    }
    if (low === undefined && high === undefined)
      throw new RangeError(`Constraint ${name}: expected a low or a high bound.`);
    bounds(`Constraint ${name}`, low ?? Number.NEGATIVE_INFINITY, high ?? Number.POSITIVE_INFINITY);
  }
}

function bounds(what: string, low: number, high: number): void {
  if (Number.isNaN(low) || Number.isNaN(high) || low === Number.POSITIVE_INFINITY || high === Number.NEGATIVE_INFINITY)
    throw new RangeError(`${what}: expected bounds that are numbers, got ${low} to ${high}.`);
  if (low > high) throw new RangeError(`${what}: the low bound ${low} is above the high bound ${high}.`);
}

function distinct(what: string, things: readonly { readonly name: string }[]): void {
  const names = new Set<string>();
  for (const { name } of things) {
    if (names.has(name)) throw new RangeError(`Two of the ${what}s are named ${JSON.stringify(name)}.`);
    names.add(name);
  }
}
