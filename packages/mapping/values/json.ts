// JSON as devices send it: bare NaN and Infinity, and whole numbers that JSON.parse would round.

// Strings are passed over as a whole, so that nothing in them is taken for a number or a word; one that does not end, too: else
// it would be looked at again from each quote in it.
const TOKEN = /"[^"\\]*(?:\\[\s\S][^"\\]*)*(?:"|\\?$)|[+-]?\b(?:nan|inf(?:inity)?)\b|-?\d[\d.eE+-]*/gi;
const WHOLE = /^-?\d{16,}(?:\.\d+)?$/;

/**
 * Parses JSON without losing anything: a bare `NaN`, `nan`, `Infinity` or `inf` becomes a text of that word, so that
 * the members beside it are read, and a whole number beyond 2^53 becomes the text of its digits. Where a member stands
 * twice the last counts, as in JSON.parse. `lossless-json` is not used: it refuses both.
 *
 * @throws SyntaxError when it is no JSON
 * @example parseJson('{"a":NaN,"b":9007199254740993,"c":1}') // { a: 'NaN', b: '9007199254740993', c: 1 }
 */
export function parseJson(text: string): unknown {
  return JSON.parse(
    text.replace(TOKEN, (token) => {
      if (token.startsWith('"')) return token;
      if (/[a-df-z]/i.test(token)) return `"${token}"`;
      return WHOLE.test(token) && Math.abs(Number(token)) > Number.MAX_SAFE_INTEGER ? `"${token}"` : token;
    }),
  );
}

/**
 * The member of parsed JSON that a path names, such as `rxInfo.0.rssi`; a name with dots in it is found, too.
 * @returns undefined where there is none
 * @example memberAt({ 'a.b': { c: 1 } }, 'a.b.c') // 1
 */
export function memberAt(json: unknown, path: string): unknown {
  if (typeof json !== 'object' || json === null) return undefined;
  if (Object.hasOwn(json, path)) return (json as Record<string, unknown>)[path];
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const name = path.slice(0, dot);
    if (!Object.hasOwn(json, name)) continue;
    const found = memberAt((json as Record<string, unknown>)[name], path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}
