// Every text colour against every surface it stands on: WCAG 2.2, 1.4.3 (AA, 4.5:1).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const colours = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [
    name as string,
    { light: light as string, dark: dark as string },
  ]),
);

const surfaces = ['bg', 'surface', 'sunken', 'hover'];
const pairs: readonly (readonly [string, string])[] = [
  ...['text', 'text-2', 'text-3', 'accent'].flatMap((text) => surfaces.map((surface) => [text, surface] as const)),
  ...['ok', 'bad', 'warn', 'info', 'accent'].flatMap((tone) => [
    [tone, `${tone}-soft`] as const,
    [tone, 'surface'] as const,
  ]),
  ...['bad', 'warn', 'accent'].flatMap((tone) => [
    ['text', `${tone}-soft`] as const,
    ['text-2', `${tone}-soft`] as const,
  ]),
  ['surface', 'ok'],
  ['surface', 'bad'],
];

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

for (const theme of ['light', 'dark'] as const)
  test(`contrast of the ${theme} colours is at least 4.5`, () => {
    const weak = [...pairs, ['#ffffff', 'accent-fill'] as const].flatMap(([text, surface]) => {
      const at = (name: string): string => (name.startsWith('#') ? name : (colours.get(name)?.[theme] as string));
      const ratio = contrast(at(text), at(surface));
      return ratio >= 4.5 ? [] : [`${text} on ${surface}: ${ratio.toFixed(2)}`];
    });
    assert.deepEqual(weak, []);
  });
