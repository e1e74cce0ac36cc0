// What this browser keeps for the reader. A page that was opened from a file, or boxed in, may keep nothing: then it is
// remembered for as long as the page is open.
const unkept = new Map<string, string>();

function local(): Storage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}

export function recall(key: string): string | undefined {
  return unkept.get(key) ?? local()?.getItem(key) ?? undefined;
}

/** @param value undefined forgets it */
export function keep(key: string, value: string | undefined): void {
  unkept.delete(key);
  const storage = local();
  if (value === undefined) storage?.removeItem(key);
  else
    try {
      if (!storage) throw new Error('there is none');
      storage.setItem(key, value);
    } catch {
      unkept.set(key, value);
    }
}
