// The access token comes in the address the node prints, after the #, so that it never travels in a request line. It is
// kept for the tab alone; a new tab asks the open ones, so nothing is left behind for whoever serves this port tomorrow.
const KEY = 'trine.token';
const CHANNEL = 'trine.token';
const WAIT_MS = 250;

/** The token in an address that the node printed, or alone; undefined where there is none. */
export function tokenIn(text: string): string | undefined {
  return /(?:#token=|^)([0-9a-f]{16,128})$/.exec(text.trim())?.[1];
}

/**
 * Takes the token of the address bar into this tab, or that of another open tab, and answers tabs that ask.
 * Call before the router reads the address.
 */
export async function takeToken(): Promise<void> {
  const given = window.location.hash.startsWith('#token=') ? tokenIn(window.location.hash) : undefined;
  if (given !== undefined) {
    setToken(given);
    window.history.replaceState(undefined, '', `${window.location.pathname}#/`);
  }
  if (typeof BroadcastChannel === 'undefined') return;
  const channel = new BroadcastChannel(CHANNEL);
  if (readToken() === undefined) await askOtherTabs(channel);
  channel.addEventListener('message', ({ data }) => {
    const token = readToken();
    if (data === 'who has it?' && token !== undefined) channel.postMessage({ token });
  });
}

function askOtherTabs(channel: BroadcastChannel): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      channel.removeEventListener('message', hear);
      resolve();
    };
    const hear = ({ data }: MessageEvent<{ readonly token?: string } | string>) => {
      const token = typeof data === 'object' ? tokenIn(data.token ?? '') : undefined;
      if (token === undefined) return;
      setToken(token);
      end();
    };
    const timer = setTimeout(end, WAIT_MS);
    channel.addEventListener('message', hear);
    channel.postMessage('who has it?');
  });
}

export function readToken(): string | undefined {
  return sessionStorage.getItem(KEY) ?? undefined;
}

export function setToken(token: string): void {
  sessionStorage.setItem(KEY, token);
}
