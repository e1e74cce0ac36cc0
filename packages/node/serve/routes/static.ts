// The built console, as it lies.
import { readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import type { Context } from 'hono';

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  json: 'application/json',
  woff2: 'font/woff2',
  ico: 'image/x-icon',
  webmanifest: 'application/manifest+json',
};

/** What the system says of a path that no file has; also of one longer than any can be. */
const NOT_THERE: readonly string[] = ['ENOENT', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG'];

/** @param root folder that nothing outside of is read */
export async function staticFile(c: Context, root: string): Promise<Response> {
  const path = normalize(c.req.path === '/' ? '/index.html' : c.req.path);
  if (path.includes('..') || path.includes('\0')) return c.notFound();
  try {
    const file = await readFile(join(root, path));
    const type = types[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
    const cache = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    return c.body(file, 200, { 'content-type': type, 'cache-control': cache });
  } catch (error) {
    if (NOT_THERE.includes((error as NodeJS.ErrnoException).code ?? '')) return c.notFound();
    throw error;
  }
}
