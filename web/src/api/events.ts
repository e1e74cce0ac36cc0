// The node's live events, reconnecting with growing pauses.
import { API, ApiError, openStream } from './client.ts';
import { eventParser, type ServerEvent } from './sse.ts';

export type Connection = 'connecting' | 'live' | 'lost' | 'refused';

const PAUSE_MS_MIN = 500;
const PAUSE_MS_MAX = 10_000;

/**
 * Listens until the signal aborts.
 *
 * @param onEvent called for each event
 * @param onConnection called when the connection's state changes; `refused` means the token is wrong, and ends it
 */
export async function listen(
  onEvent: (event: ServerEvent) => void,
  onConnection: (state: Connection) => void,
  signal: AbortSignal,
): Promise<void> {
  let pauseMs = PAUSE_MS_MIN;
  while (!signal.aborted) {
    try {
      const reader = (await openStream(`${API}/events`, signal))
        .pipeThrough(new TextDecoderStream() as never)
        .getReader();
      onConnection('live');
      pauseMs = PAUSE_MS_MIN;
      const parse = eventParser();
      for (;;) {
        const { done, value } = (await reader.read()) as { done: boolean; value: string };
        if (done) break;
        for (const event of parse(value)) onEvent(event);
      }
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        onConnection('refused');
        return;
      }
    }
    if (signal.aborted) return;
    onConnection('lost');
    await pause(pauseMs, signal);
    pauseMs = Math.min(PAUSE_MS_MAX, pauseMs * 2);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
