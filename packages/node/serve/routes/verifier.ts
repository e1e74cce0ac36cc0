// The verifier as one file, for whoever wants to check a proof without this node.
import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { Node } from '../../node.ts';

export const VERIFIER_PATH = '/verifier.html';

/**
 * A page of its own: boxed in, so that it shares nothing with the console that is served beside it.
 * @throws TrineError `not-found` where the network document names none
 */
export function verifierFile(c: Context, node: Pick<Node, 'verifier'>): Response {
  const file = node.verifier();
  const scripts = [...new TextDecoder().decode(file).matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, script]) =>
      `'sha256-${createHash('sha256')
        .update(script as string)
        .digest('base64')}'`,
  );
  c.header('x-content-type-options', 'nosniff');
  c.header('referrer-policy', 'no-referrer');
  c.header(
    'content-security-policy',
    `default-src 'none'; script-src ${scripts.join(' ')} blob:; worker-src blob:; style-src 'unsafe-inline'; img-src data:; sandbox allow-scripts allow-downloads`,
  );
  return c.body(new Uint8Array(file), 200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' });
}
