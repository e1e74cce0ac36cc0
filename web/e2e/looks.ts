// How a page must be on a phone and on a desktop: nothing that axe-core finds, and nothing wider than the screen.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

/** Set to a folder: pictures of each page are left there, light and dark. */
const pictures = process.env.TRINE_PICTURES;
const sizes = [
  { width: 390, height: 844 },
  { width: 1_440, height: 900 },
];
/** Colours change over a moment. */
const FADE_MS = 400;

interface Violation {
  readonly id: string;
}

const axe = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What the element that has the focus is called; undefined where none has it. It comes a moment after what a button did. */
export async function focused(page: Page): Promise<string | undefined> {
  await page.waitForFunction(() => document.activeElement !== document.body).catch(() => undefined);
  return page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? undefined);
}

/** @param name of the page, for messages and pictures */
export async function checkLooks(page: Page, name: string): Promise<void> {
  for (const viewport of sizes) {
    await page.setViewportSize(viewport);
    await page.evaluate(await axe);
    const found = await page.evaluate(
      async () =>
        (await (globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe.run())
          .violations,
    );
    assert.deepEqual(
      found.map(({ id }) => id),
      [],
      name,
    );
    const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(over <= 0, `${name}: ${over} px too wide`);
    if (pictures !== undefined)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.waitForTimeout(FADE_MS);
        await page.screenshot({ path: `${pictures}/${name}-${viewport.width}-${colorScheme}.png`, fullPage: true });
      }
  }
}
