// UTF-8 for a machine that has none: `TextEncoder` and `TextDecoder` as the Encoding Standard of the WHATWG defines them, of
// this one encoding and whole texts.

/** @param text lone surrogates become U+FFFD */
export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const char of text) {
    let point = char.codePointAt(0) as number;
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 63));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
    else bytes.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
  }
  return Uint8Array.from(bytes);
}

/** What a first byte asks for: how many bytes follow, its own bits, and between what the second lies. */
function leadOf(byte: number): readonly [count: number, bits: number, from: number, to: number] | undefined {
  if (byte >= 0xc2 && byte <= 0xdf) return [1, byte & 0x1f, 0x80, 0xbf];
  if (byte >= 0xe0 && byte <= 0xef) return [2, byte & 0x0f, byte === 0xe0 ? 0xa0 : 0x80, byte === 0xed ? 0x9f : 0xbf];
  if (byte >= 0xf0 && byte <= 0xf4) return [3, byte & 0x07, byte === 0xf0 ? 0x90 : 0x80, byte === 0xf4 ? 0x8f : 0xbf];
  return undefined;
}

/** @throws TypeError where `fatal` and the bytes are no UTF-8; else what is none becomes U+FFFD */
export function decodeUtf8(bytes: Uint8Array, fatal: boolean, ignoreBOM: boolean): string {
  let text = '';
  const wrong = () => {
    if (fatal) throw new TypeError('The encoded data was not valid for encoding utf-8');
    text += '\ufffd';
  };
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  for (let at = hasMark && !ignoreBOM ? 3 : 0; at < bytes.length; ) {
    const first = bytes[at++] as number;
    if (first < 0x80) {
      text += String.fromCharCode(first);
      continue;
    }
    const lead = leadOf(first);
    if (lead === undefined) {
      wrong();
      continue;
    }
    let [left, point, from, to] = lead;
    for (; left > 0; left--) {
      const next = bytes[at];
      if (next === undefined || next < from || next > to) break;
      point = (point << 6) | (next & 63);
      at++;
      [from, to] = [0x80, 0xbf];
    }
    if (left > 0) wrong();
    else text += String.fromCodePoint(point);
  }
  return text;
}
