// The frame around every screen.
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import type { Connection } from '../api/live.ts';
import { useLive } from '../api/provider.tsx';
import { queries } from '../api/queries.ts';
import { readToken } from '../api/token.ts';
import { timeZone } from '../format/time.ts';
import { problemWords, sentence } from '../format/words.ts';
import { Ago } from '../ui/ago.tsx';
import { Icon, Mark } from '../ui/icons.tsx';
import { ThemeSwitch } from '../ui/theme.tsx';
import { FootNav, SideNav, TabBar } from './nav.tsx';
import { SignIn } from './sign-in.tsx';

const states: Readonly<Record<Connection, string>> = {
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Connection lost',
  refused: 'Not signed in',
};

function LinkState(): ReactNode {
  const live = useLive();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const connection = readToken() === undefined ? 'refused' : live.connection;
  // Whoever signs as a party has nothing to sign in to.
  if (connection === 'refused' && path.startsWith('/sign/')) return null;
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
      <p className="dim">
        Trine {data.version}, <Link to="/api">its API</Link>
      </p>
    </div>
  );
}

/** What is wrong with the node now; each goes away when it is mended. */
function Problems(): ReactNode {
  const { data } = useQuery({ ...queries.overview(), enabled: readToken() !== undefined });
  const problems = data?.problems ?? [];
  if (problems.length === 0) return null;
  return (
    <div className="problems" role="alert">
      {problems.map(({ code, message, sinceMs }) => (
        <p key={code}>
          <Icon name="warn" />
          <span>
            <strong>{problemWords(code)}.</strong> {sentence(message)}{' '}
            <span className="since">
              Since <Ago ms={sinceMs} />.
            </span>
          </span>
        </p>
      ))}
    </div>
  );
}

const FOCUS_LOOK_MS = 50;
const FOCUS_LOOKS = 40;

/**
 * A button that leads to another screen is gone there, and the focus with it: then the keyboard goes on in the new one. The new
 * screen may come a moment after its address.
 */
function useFocusOfScreens(path: string): void {
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return undefined;
    shown.current = path;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (left: number): void => {
      if (document.activeElement === document.body) document.getElementById('main')?.focus({ preventScroll: true });
      else if (left > 0) timer = setTimeout(() => look(left - 1), FOCUS_LOOK_MS);
    };
    look(FOCUS_LOOKS);
    return () => clearTimeout(timer);
  }, [path]);
}

export function Shell(): ReactNode {
  const { connection } = useLive();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  useFocusOfScreens(path);
  // Anyone may check a proof file: that needs nothing of this node. A party that signs has the code of its link.
  const isOpen = path === '/verify' || path === '/api' || path.startsWith('/sign/');
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
          <Problems />
          {connection === 'lost' && (
            <div className="lost" role="alert">
              <Icon name="warn" /> The node does not answer. What you see may be old; trying again.
            </div>
          )}
          <main className="main" id="main" tabIndex={-1}>
            {isSignedOut && !isOpen ? <SignIn /> : <Outlet />}
          </main>
          <FootNav />
        </div>
        <TabBar />
      </div>
    </>
  );
}
