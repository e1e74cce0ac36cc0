// The verifier in a real Chromium, bundled as a page would have it.
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { build, type Rollup } from 'vite';

const entry = fileURLToPath(new URL('./verify-in-page.ts', import.meta.url));

/**
 * @param executablePath a Chromium
 * @param network bytes of the network document
 * @returns milliseconds of each verification
 */
export async function verifyInBrowser(
  executablePath: string,
  file: Uint8Array,
  network: Uint8Array,
  repetitions: number,
): Promise<number[]> {
  const content = await bundle();
  const browser = await chromium.launch({
    executablePath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content });
    return await page.evaluate(
      ([fileBase64, networkBase64, times]) => {
        const bytes = (base64: string) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
        const { verifyMany } = (globalThis as unknown as { trine: typeof import('./verify-in-page.ts') }).trine;
        return verifyMany(bytes(fileBase64), bytes(networkBase64), times);
      },
      [Buffer.from(file).toString('base64'), Buffer.from(network).toString('base64'), repetitions] as const,
    );
  } finally {
    await browser.close();
  }
}

async function bundle(): Promise<string> {
  const outputs = (await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, lib: { entry, formats: ['iife'], name: 'trine' } },
  })) as Rollup.RollupOutput[];
  const chunk = outputs[0]?.output[0];
  if (chunk === undefined || !('code' in chunk)) throw new Error('The bundler gave no code.');
  return chunk.code;
}
