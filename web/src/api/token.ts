// The access token comes in the address the node prints, after the #, so that it never travels in a request line.
const KEY = 'trine.token';

/** Moves a token from the address bar to this tab's storage. Call before the router reads the address. */
export function takeToken(): void {
  const match = /^#token=([0-9a-f]{16,128})$/.exec(window.location.hash);
  if (!match) return;
  sessionStorage.setItem(KEY, match[1] as string);
  window.history.replaceState(undefined, '', `${window.location.pathname}#/`);
}

export function readToken(): string | undefined {
  return sessionStorage.getItem(KEY) ?? undefined;
}
