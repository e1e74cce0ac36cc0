// Subjects and patterns of them: exact, or a beginning with `*` after it.

/** @example matchesSubject(['meter/*'], 'meter/7') // true */
export function matchesSubject(patterns: readonly string[], subject: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith('*') ? subject.startsWith(pattern.slice(0, -1)) : pattern === subject,
  );
}
