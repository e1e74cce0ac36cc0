// The frame of a screen and its parts.
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import { Icon, type IconName } from './icons.tsx';

export interface PageProps {
  readonly title: string;
  /** Title of the window, where pages of one title differ. */
  readonly tab?: string | undefined;
  readonly about?: ReactNode;
  readonly back?: { readonly to: string; readonly label: string };
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, tab = title, about, back, actions, children }: PageProps): ReactNode {
  useEffect(() => {
    document.title = `${tab} · Trine`;
  }, [tab]);
  return (
    <div className="page">
      <header className="page-head">
        <div>
          {back && (
            <Link className="crumb" to={back.to}>
              <Icon name="back" size={14} /> {back.label}
            </Link>
          )}
          <h1>{title}</h1>
          {about && <p>{about}</p>}
        </div>
        {actions && <div className="row">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export interface CardProps {
  readonly title?: ReactNode;
  readonly aside?: ReactNode;
  /** Whether the content brings its own padding, as tables do. */
  readonly flush?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Card({ title, aside, flush = false, className = '', children }: CardProps): ReactNode {
  return (
    <section className={`card ${className}`}>
      {title && (
        <header className="card-head">
          <h2>{title}</h2>
          {aside && <div>{aside}</div>}
        </header>
      )}
      {flush ? children : <div className="card-body">{children}</div>}
    </section>
  );
}

export function Figure({ label, value, note }: { label: string; value: ReactNode; note?: ReactNode }): ReactNode {
  return (
    <div className="card figure">
      <span>{label}</span>
      <strong>{value}</strong>
      {note && <small>{note}</small>}
    </div>
  );
}

/** @param rows label and value; rows without a value are left out */
export function Facts({ rows }: { rows: readonly (readonly [string, ReactNode])[] }): ReactNode {
  return (
    <dl className="facts">
      {rows
        .filter(([, value]) => value !== undefined && value !== false && value !== '')
        .flatMap(([label, value]) => [<dt key={`${label}-label`}>{label}</dt>, <dd key={label}>{value}</dd>])}
    </dl>
  );
}

export interface NoticeProps {
  readonly tone: 'info' | 'warn' | 'bad';
  readonly icon?: IconName;
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

export function Notice({
  tone,
  icon = tone === 'info' ? 'info' : 'warn',
  title,
  children,
  actions,
}: NoticeProps): ReactNode {
  return (
    <div className="notice" data-tone={tone} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon name={icon} size={18} />
      <div>
        <strong>{title}</strong>
        {children && <div className="notice-text">{children}</div>}
      </div>
      {actions && <div className="row">{actions}</div>}
    </div>
  );
}
