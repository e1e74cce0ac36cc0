// Light or dark: as the system says, until someone chooses.
import { type ReactNode, useSyncExternalStore } from 'react';
import { Icon, type IconName } from './icons.tsx';
import { keep, recall } from './storage.ts';

export type Theme = 'system' | 'light' | 'dark';

const KEY = 'trine.theme';
const listeners = new Set<() => void>();
const systemIsDark = window.matchMedia('(prefers-color-scheme: dark)');

export function readTheme(): Theme {
  const stored = recall(KEY);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

/** Call once before the first drawing. */
export function applyTheme(theme: Theme = readTheme()): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const listener of listeners) listener();
}

function chooseTheme(theme: Theme): void {
  keep(KEY, theme === 'system' ? undefined : theme);
  applyTheme(theme);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  systemIsDark.addEventListener('change', listener);
  return () => {
    listeners.delete(listener);
    systemIsDark.removeEventListener('change', listener);
  };
}

/** What is shown now: for drawings that cannot follow CSS by themselves. */
export function useShownTheme(): 'light' | 'dark' {
  return useSyncExternalStore(subscribe, () => {
    const theme = readTheme();
    return theme === 'system' ? (systemIsDark.matches ? 'dark' : 'light') : theme;
  });
}

const choices: readonly { theme: Theme; icon: IconName; label: string }[] = [
  { theme: 'light', icon: 'sun', label: 'Light' },
  { theme: 'system', icon: 'system', label: 'As the system' },
  { theme: 'dark', icon: 'moon', label: 'Dark' },
];

export function ThemeSwitch(): ReactNode {
  const chosen = useSyncExternalStore(subscribe, readTheme);
  return (
    <fieldset className="theme" aria-label="Colours">
      {choices.map(({ theme, icon, label }) => (
        <button
          key={theme}
          type="button"
          title={label}
          aria-label={label}
          aria-pressed={chosen === theme}
          onClick={() => chooseTheme(theme)}
        >
          <Icon name={icon} size={14} />
        </button>
      ))}
    </fieldset>
  );
}
