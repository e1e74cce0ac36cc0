// The live events of a node: read from a fetch, since EventSource cannot send a token; goes on where it was.
import { TrineError } from '@trine/protocol';
import { answer, type Schemas, type TrineApi } from './client.ts';

export type LiveEvent = Schemas['LiveEvent'];

export interface LiveOptions {
  readonly onEvent: (event: LiveEvent) => void;
  /** `lost`: tried again in a moment. `refused`: the token is wrong, and it ends. */
  readonly onConnection?: (state: 'live' | 'lost' | 'refused') => void;
  readonly signal: AbortSignal;
}

const PAUSE_MS_MIN = 500;
const PAUSE_MS_MAX = 10_000;

/** Listens until the signal aborts, connecting again with growing pauses. */
export async function live(api: TrineApi, { onEvent, onConnection, signal }: LiveOptions): Promise<void> {
  let pauseMs = PAUSE_MS_MIN;
  let since: string | undefined;
  while (!signal.aborted) {
    try {
      const query = since === undefined ? {} : { since };
      const call = api.GET('/api/v1/events', { params: { query }, parseAs: 'stream', signal, cache: 'no-store' });
      const stream = (await answer(call)) as unknown as ReadableStream<Uint8Array>;
      onConnection?.('live');
      pauseMs = PAUSE_MS_MIN;
      for await (const event of eventsOf(stream)) {
        if ('id' in event) since = event.id;
        onEvent(event);
      }
    } catch (error) {
      if (error instanceof TrineError && error.code === 'unauthorised') {
        onConnection?.('refused');
        return;
      }
    }
    if (signal.aborted) return;
    onConnection?.('lost');
    await pause(pauseMs, signal);
    pauseMs = Math.min(PAUSE_MS_MAX, pauseMs * 2);
  }
}

/** Server-Sent Events (HTML Living Standard §9.2), as a node writes them: one line of data each. */
async function* eventsOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<LiveEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  let fields: Record<string, string> = {};
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
      rest = lines.pop() as string;
      for (const line of lines) {
        const colon = line.indexOf(':');
        if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
        if (line !== '') continue;
        const { event, data, id } = fields;
        fields = {};
        if (event !== undefined && data !== undefined)
          yield { event, data: JSON.parse(data), ...(id !== undefined && { id }) } as LiveEvent;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
