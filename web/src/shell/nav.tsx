import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { timeZone } from '../format/time.ts';
import { Icon, type IconName } from '../ui/icons.tsx';

const places: readonly { to: string; label: string; icon: IconName; phone: boolean }[] = [
  { to: '/', label: 'Now', icon: 'now', phone: true },
  { to: '/devices', label: 'Devices', icon: 'device', phone: true },
  { to: '/connect', label: 'Connect', icon: 'plug', phone: false },
  { to: '/decisions', label: 'Decisions', icon: 'decide', phone: true },
  { to: '/payments', label: 'Payments', icon: 'pay', phone: true },
  { to: '/alerts', label: 'Alerts', icon: 'warn', phone: false },
  { to: '/agreements', label: 'Agreements', icon: 'agreement', phone: false },
  { to: '/models', label: 'Models', icon: 'bolt', phone: false },
  { to: '/what-if', label: 'What if', icon: 'fork', phone: false },
  { to: '/api', label: 'API', icon: 'file', phone: false },
];

function Place({ to, label, icon }: { to: string; label: string; icon: IconName }): ReactNode {
  return (
    <Link to={to} activeOptions={{ exact: to === '/' }} activeProps={{ 'aria-current': 'page' }}>
      <Icon name={icon} size={17} />
      {label}
    </Link>
  );
}

/** Beside the page on a desktop. */
export function SideNav(): ReactNode {
  return (
    <nav className="nav" aria-label="Main">
      {places.map((place) => (
        <Place key={place.to} {...place} />
      ))}
      <hr />
      <Place to="/verify" label="Check a proof file" icon="proof" />
    </nav>
  );
}

/** On a phone: what has no place under the thumb. */
export function FootNav(): ReactNode {
  return (
    <nav className="foot" aria-label="More">
      {places
        .filter(({ phone }) => !phone)
        .map(({ to, label }) => (
          <Link key={to} to={to}>
            {label}
          </Link>
        ))}
      <span className="dim">Times in {timeZone}</span>
    </nav>
  );
}

/** Under the thumb on a phone; the rest is reached from the foot of each page. */
export function TabBar(): ReactNode {
  return (
    <nav className="tabs" aria-label="Main">
      {places
        .filter(({ phone }) => phone)
        .map((place) => (
          <Place key={place.to} {...place} />
        ))}
      <Place to="/verify" label="Check" icon="proof" />
    </nav>
  );
}
