// Several things, or several times of one, in one message.
import { memberAt } from '../values/json.ts';

/** Beyond, a message is refused as a whole: nobody sends so much at once. */
export const PARTS_MAX = 10_000;

export interface Part {
  readonly json: unknown;
  /** What each `*` stood for: a name, or a number from 0. */
  readonly keys: readonly string[];
}

/**
 * The parts of a message.
 *
 * @param each path with `*` for every member or element
 * @returns undefined where there are more than {@link PARTS_MAX}
 * @example partsOf({ a: [1, 2] }, '*.*') // [{ json: 1, keys: ['a', '0'] }, { json: 2, keys: ['a', '1'] }]
 */
export function partsOf(json: unknown, each: string): Part[] | undefined {
  let parts: Part[] = [{ json, keys: [] }];
  let path: string[] = [];
  for (const step of [...each.split('.'), undefined]) {
    if (step !== undefined && step !== '*') {
      path.push(step);
      continue;
    }
    if (path.length > 0) {
      const name = path.join('.');
      parts = parts.flatMap(({ json: from, keys }) => {
        const found = memberAt(from, name);
        return found === undefined ? [] : [{ json: found, keys }];
      });
      path = [];
    }
    if (step === undefined) break;
    const next: Part[] = [];
    for (const { json: from, keys } of parts) {
      if (typeof from !== 'object' || from === null) continue;
      for (const [key, found] of Object.entries(from)) {
        if (next.length >= PARTS_MAX) return undefined;
        next.push({ json: found, keys: [...keys, key] });
      }
    }
    parts = next;
  }
  return parts;
}

/**
 * The member that a path names: dotted from the part, or from the outermost as a JSON Pointer (RFC 6901).
 * @returns undefined where there is none
 * @example memberOf({ a: { b: 1 } }, { b: 1 }, '/a/b') // 1
 */
export function memberOf(root: unknown, part: unknown, path: string): unknown {
  if (!path.startsWith('/')) return path === '.' ? part : memberAt(part, path);
  let found = root;
  for (const step of path.slice(1).split('/')) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}
