// Line icons on a 24-unit grid, drawn for this console.
import type { ReactNode } from 'react';

const paths = {
  now: 'M3 12h4l3-8 4 16 3-8h4',
  device: 'M7 7h10v10H7zM10 3v4M14 3v4M10 17v4M14 17v4M3 10h4M3 14h4M17 10h4M17 14h4',
  seal: 'M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6zM9 12l2.2 2.2L15.5 10',
  decide:
    'M12 4v16M5 20h14M12 6 5 8l-2.500 6h5zM12 6l7 2 2.500 6h-5zM2.500 14a2.500 2.500 0 0 0 5 0M16.500 14a2.500 2.500 0 0 0 5 0',
  pay: 'M3 6h18v12H3zM3 10h18M7 15h3',
  proof: 'M6 3h8l4 4v14H6zM14 3v4h4M9 14l2 2 4-4',
  agreement: 'M8 3h8v4H8zM8 5H5v16h14V5h-3M9 12h6M9 16h4',
  check: 'M5 12.500 10 17.500 19 7',
  cross: 'M6 6l12 12M18 6 6 18',
  minus: 'M6 12h12',
  hold: 'M9 6v12M15 6v12',
  play: 'M8 5v14l11-7z',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2',
  warn: 'M12 4 2.500 20h19zM12 10v4M12 17.200v.1',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 7.800v.1',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2v2M12 20v2M4.900 4.900l1.400 1.400M17.700 17.700l1.400 1.400M2 12h2M20 12h2M4.900 19.100l1.400-1.400M17.700 6.300l1.400-1.400',
  moon: 'M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z',
  system: 'M3 5h18v11H3zM9 20h6M12 16v4',
  save: 'M12 4v11M7 11l5 5 5-5M4 20h16',
  file: 'M6 3h8l4 4v14H6zM14 3v4h4',
  pin: 'M12 21s7-6.500 7-12a7 7 0 1 0-14 0c0 5.500 7 12 7 12zM12 11.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z',
  back: 'M14 6l-6 6 6 6',
  next: 'M9 6l6 6-6 6',
  bolt: 'M13 3 5 14h6l-1 7 8-11h-6z',
  fork: 'M5 20v-4c0-5 3-7 8-7h6M5 16v-4C5 9 5 7 5 4M16 5.500 19.500 9 16 12.500M2 7l3-3 3 3',
  key: 'M15 13a5 5 0 1 0-4.500-2.800L3 17.500V21h3.500v-2.500H9V16l2.300-2.300A5 5 0 0 0 15 13zM15.500 8.400v.1',
  plug: 'M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4',
  undo: 'M4 10h10a6 6 0 0 1 0 12h-3M4 10l5-5M4 10l5 5',
} as const;
export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }): ReactNode {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.9}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}

/** The mark: three corners, one triangle. */
export function Mark({ size = 24 }: { size?: number }): ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#4b48d6" />
      <path d="M16 8 24 22H8Z" fill="none" stroke="#fff" strokeWidth="2.4" strokeLinejoin="round" opacity=".55" />
      <g fill="#fff">
        <circle cx="16" cy="8" r="3.2" />
        <circle cx="24" cy="22" r="3.2" />
        <circle cx="8" cy="22" r="3.2" />
      </g>
    </svg>
  );
}
