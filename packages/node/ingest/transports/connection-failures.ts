// Why a connection to the embedded broker ended, as it is counted: by what the broker's library says of it.

/** First that matches. */
const failures: readonly (readonly [RegExp, string])[] = [
  [/maxInflightInbound/, 'too-many-qos2-in-flight'],
  [/too many levels/, 'topic-too-long'],
  [/did not arrive in time/, 'no-connect-in-time'],
  [/keep alive/, 'keep-alive-timeout'],
  [/drain timeout/, 'subscriber-too-slow'],
  [/queue limit/, 'too-much-before-connect'],
  [/ECONNRESET|EPIPE|[Pp]remature close|connection closed/, 'connection-lost'],
  [/[Ii]nvalid|[Mm]alformed|not allowed|[Mm]ust |protocol|[Cc]annot parse|not possible|impossible/, 'not-mqtt'],
];

/** The word that a failure is counted under. */
export function failureOf({ message }: Error): string {
  return failures.find(([pattern]) => pattern.test(message))?.[1] ?? 'connection-failed';
}
