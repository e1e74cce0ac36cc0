// The verifier as one file, for whoever wants to check a proof without this node.
import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { Node } from '../../node.ts';

export const VERIFIER_PATH = '/verifier.html';

/**
 * A page of its own: boxed in, so that it shares nothing with the console that is served beside it. Anybody may ask for
 * it, so the file is read and hashed once.
 * @returns answers a request; throws TrineError `not-found` where the network document names none
 */
export function verifierPage(node: Pick<Node, 'verifier'>): (c: Context) => Response {
  let page: { readonly file: Uint8Array<ArrayBuffer>; readonly policy: string } | undefined;
  return (c) => {
    page ??= pageOf(new Uint8Array(node.verifier()));
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
    c.header('content-security-policy', page.policy);
    return c.body(page.file, 200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' });
  };
}

function pageOf(file: Uint8Array<ArrayBuffer>): { file: Uint8Array<ArrayBuffer>; policy: string } {
  const scripts = [...new TextDecoder().decode(file).matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  const policy = `default-src 'none'; script-src ${scripts.join(' ')} blob:; worker-src blob:; style-src 'unsafe-inline'; img-src data:; sandbox allow-scripts allow-downloads`;
  return { file, policy };
}
