// The frame around every screen.
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Connection } from '../api/events.ts';
import { useLive } from '../api/provider.tsx';
import { queries } from '../api/queries.ts';
import { readToken } from '../api/token.ts';
import { timeZone } from '../format/time.ts';
import { Icon, Mark } from '../ui/icons.tsx';
import { ThemeSwitch } from '../ui/theme.tsx';
import { SideNav, TabBar } from './nav.tsx';
import { SignIn } from './sign-in.tsx';

const states: Readonly<Record<Connection, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Connection lost',
  refused: 'Not signed in',
};

function LinkState(): ReactNode {
  const live = useLive();
  const connection = readToken() === undefined ? 'refused' : live.connection;
  return (
    <span className="link-state" data-state={connection} role="status">
      <i /> {states[connection]}
    </span>
  );
}

function Brand(): ReactNode {
  return (
    <Link to="/" className="brand">
      <Mark /> Trine
    </Link>
  );
}

function NetworkName(): ReactNode {
  const { data } = useQuery({ ...queries.overview(), enabled: readToken() !== undefined });
  if (!data) return null;
  return (
    <div>
      <strong>{data.network.name}</strong>
      <p className="dim">{data.practice ? 'Practice, no real money' : 'Network'}</p>
      <p className="dim">Times in {timeZone}</p>
    </div>
  );
}

export function Shell(): ReactNode {
  const { connection } = useLive();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  // Anyone may check a proof file: that needs nothing of this node.
  const isOpen = path === '/verify';
  const isSignedOut = readToken() === undefined || connection === 'refused';
  return (
    <>
      <button type="button" className="skip" onClick={() => document.getElementById('main')?.focus()}>
        Skip to content
      </button>
      <div className="shell">
        <aside className="side">
          <Brand />
          <SideNav />
          <div className="side-foot">
            <NetworkName />
            <LinkState />
            <ThemeSwitch />
          </div>
        </aside>
        <header className="top">
          <Brand />
          <LinkState />
          <ThemeSwitch />
        </header>
        <div>
          {connection === 'lost' && (
            <div className="lost" role="alert">
              <Icon name="warn" /> The node does not answer. What you see may be old; trying again.
            </div>
          )}
          <main className="main" id="main" tabIndex={-1}>
            {isSignedOut && !isOpen ? <SignIn /> : <Outlet />}
          </main>
        </div>
        <TabBar />
      </div>
    </>
  );
}
