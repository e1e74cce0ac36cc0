// May this request come in? One answer for every HTTP request and every upgrade, before anything else looks at it.
// A page of another site may not speak to a node on localhost: neither under its own origin, nor under a name of its
// own that it made point here (DNS rebinding).

/** What a request says of itself, and where the node listens. */
export interface Entry {
  /** The `Host` header. */
  readonly host: string | undefined;
  /** The `Origin` header: browsers send it with upgrades, and with what pages of scripts do. */
  readonly origin: string | undefined;
  /** Address the node is bound to. */
  readonly boundHost: string;
}

export interface EntryRefused {
  readonly status: 400 | 403;
  /** Counted under this word. */
  readonly reason: 'bad-host' | 'foreign-host' | 'foreign-origin';
  readonly message: string;
}

const HOST = /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::\d{1,5})?$/i;
const LOCAL_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];
const LOCAL_BINDINGS: readonly string[] = ['localhost', '127.0.0.1', '::1'];

/**
 * @returns why the request may not come in, or nothing
 * @example entryRefusal({ host: 'evil.example:4100', origin: undefined, boundHost: '127.0.0.1' })?.status // 403
 */
export function entryRefusal({ host, origin, boundHost }: Entry): EntryRefused | undefined {
  const name = HOST.exec(host ?? '')?.[1]?.toLowerCase();
  if (host === undefined || name === undefined)
    return { status: 400, reason: 'bad-host', message: 'Send one Host header with the name of this node.' };
  if (LOCAL_BINDINGS.includes(boundHost) && !LOCAL_NAMES.includes(name))
    return { status: 403, reason: 'foreign-host', message: 'This node answers on localhost only.' };
  if (origin !== undefined && !isSameOrigin(origin, host))
    return { status: 403, reason: 'foreign-origin', message: 'Pages of other sites may not speak to this node.' };
  return undefined;
}

/** Is the page that asks from the host it asks? Ports that a scheme implies are left out on both sides. */
function isSameOrigin(origin: string, host: string): boolean {
  const page = URL.parse(origin);
  if (page === null || !['http:', 'https:'].includes(page.protocol)) return false;
  return URL.parse(`${page.protocol}//${host}`)?.host === page.host;
}

/**
 * The path of a request's target, which anybody can write: only the form `/path?query` is taken.
 * @returns undefined for every other form
 */
export function pathOf(target: string | undefined): string | undefined {
  if (target === undefined || !target.startsWith('/')) return undefined;
  const end = target.search(/[?#]/);
  return end < 0 ? target : target.slice(0, end);
}
