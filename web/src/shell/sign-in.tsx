import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { readToken, setToken, tokenIn } from '../api/token.ts';
import { Field } from '../ui/field.tsx';
import { Icon } from '../ui/icons.tsx';
import { Card, Notice, Page } from '../ui/page.tsx';

export function SignIn(): ReactNode {
  const isRefused = readToken() !== undefined;
  return (
    <Page title="Welcome to Trine" about="Every reading provable, every decision replayable, every payment automatic.">
      {isRefused && (
        <Notice tone="bad" title="The node does not know this token">
          It may be of another node or another data folder, or cut short. Take the one this node printed.
        </Notice>
      )}
      <Card title="Open the address that the node printed">
        <p>
          When the node starts, it prints an address that ends in <code className="mono">#token=…</code>. Open that one:
          it lets this tab in, and tabs opened beside it. The token also stands in the file{' '}
          <code className="mono">keys/token.secret</code> of the node’s data folder.
        </p>
        <TokenForm />
        <p className="dim">
          To check a proof file you need none: <Link to="/verify">check a proof file</Link>.
        </p>
      </Card>
    </Page>
  );
}

function TokenForm(): ReactNode {
  const [text, setText] = useState('');
  const [isUnreadable, setUnreadable] = useState(false);
  return (
    <form
      className="token-form"
      onSubmit={(event) => {
        event.preventDefault();
        const token = tokenIn(text);
        setUnreadable(token === undefined);
        if (token === undefined) return;
        setToken(token);
        window.location.reload();
      }}
    >
      <Field label="Token, or the whole address" wide>
        <input
          type="password"
          autoComplete="off"
          value={text}
          aria-invalid={isUnreadable}
          onChange={({ target }) => setText(target.value)}
        />
      </Field>
      <button type="submit" className="button primary" disabled={text.trim() === ''}>
        <Icon name="key" size={15} /> Sign in
      </button>
      {isUnreadable && (
        <p className="dim small" role="alert">
          This is no token: it has 16 digits or more, from 0 to 9 and a to f.
        </p>
      )}
    </form>
  );
}
