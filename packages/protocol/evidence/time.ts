// Times for people; a file may name any number.

/** @param ms milliseconds since 1970 @returns ISO 8601, or the number where no calendar has it */
export function formatTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms} ms since 1970` : date.toISOString();
}
