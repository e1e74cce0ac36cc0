// Server-Sent Events (HTML Living Standard §9.2) read from a fetch, since EventSource cannot send a token.
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/**
 * Splits a stream of text into events.
 *
 * @returns a function that takes the next piece of the stream and returns the events completed by it
 * @example const parse = eventParser(); parse('event: seal\ndata: {}\n\n') // [{ event: 'seal', data: '{}' }]
 */
export function eventParser(): (text: string) => ServerEvent[] {
  let rest = '';
  let event = 'message';
  let data: string[] = [];
  return (text) => {
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() as string;
    const events: ServerEvent[] = [];
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) events.push({ event, data: data.join('\n') });
        event = 'message';
        data = [];
        continue;
      }
      const colon = line.indexOf(':');
      const field = colon === -1 ? line : line.slice(0, colon);
      const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'event') event = value;
      else if (field === 'data') data.push(value);
    }
    return events;
  };
}
