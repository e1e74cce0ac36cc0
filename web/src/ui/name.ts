// Whoever sits here says under which name they speak: kept in this browser alone.
const KEY = 'trine.name';

export function rememberedName(): string {
  return localStorage.getItem(KEY) ?? '';
}

export function rememberName(name: string): void {
  localStorage.setItem(KEY, name);
}
