// MQTT topics of the protocol.

/** Senders publish statements below this and get their acknowledgements below {@link ACKNOWLEDGEMENTS}. */
export const STATEMENTS = 'trine/v1/statements/';
export const ACKNOWLEDGEMENTS = 'trine/v1/acks/';

/** Where the acknowledgement of a message goes: the sender chose the rest of the topic. */
export function acknowledgementTopic(statementsTopic: string): string {
  return ACKNOWLEDGEMENTS + statementsTopic.slice(STATEMENTS.length);
}

const FILTER_CHARS_MAX = 1_024;

/**
 * Is it a topic filter (MQTT 3.1.1 §4.7)? Brokers end the connection of whoever asks for another.
 * @example isTopicFilter('home/+/#') // true
 * @example isTopicFilter('home/#/temp') // false
 */
export function isTopicFilter(filter: string): boolean {
  const levels = filter.split('/');
  return (
    filter.length > 0 &&
    filter.length <= FILTER_CHARS_MAX &&
    filter.isWellFormed() &&
    !/\p{Cc}/u.test(filter) &&
    levels.every((level, i) => (level === '#' ? i === levels.length - 1 : level === '+' || !/[+#]/.test(level)))
  );
}

/**
 * Does an MQTT topic filter match a topic (MQTT 5 §4.7)?
 * @returns what each `+` and a final `#` matched, or undefined
 * @example matchTopic('home/+/temp', 'home/kitchen/temp') // ['kitchen']
 */
export function matchTopic(filter: string, topic: string): string[] | undefined {
  const pattern = filter.split('/');
  const levels = topic.split('/');
  const found: string[] = [];
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] === '#') return [...found, levels.slice(i).join('/')];
    const level = levels[i];
    if (level === undefined) return undefined;
    if (pattern[i] === '+') found.push(level);
    else if (pattern[i] !== level) return undefined;
  }
  return pattern.length === levels.length ? found : undefined;
}

/**
 * Does one topic filter match all that another matches?
 * @example coversFilter('home/#', 'home/+/temp') // true
 * @example coversFilter('home/+', 'home/#') // false
 */
export function coversFilter(filter: string, other: string): boolean {
  const levels = filter.split('/');
  const others = other.split('/');
  for (let i = 0; i < levels.length; i++) {
    if (levels[i] === '#') return true;
    const level = others[i];
    if (level === undefined || level === '#') return false;
    if (levels[i] !== '+' && levels[i] !== level) return false;
  }
  return levels.length === others.length;
}
