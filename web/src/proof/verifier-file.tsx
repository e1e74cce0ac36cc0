// The verifier as one file: opened from a disk, or from any server, it checks proof files and asks nobody anything.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Mark } from '../ui/icons.tsx';
import { applyTheme, ThemeSwitch } from '../ui/theme.tsx';
import { VerifyPage } from './verify-page.tsx';
import '../styles/tokens.css';
import '../styles/base.css';
import '../styles/shell.css';
import '../styles/components.css';
import '../styles/proof.css';

applyTheme();
createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={new QueryClient()}>
      <div className="alone">
        <header className="alone-head">
          <span className="brand">
            <Mark /> Trine
          </span>
          <ThemeSwitch />
        </header>
        <main className="main">
          <VerifyPage />
        </main>
      </div>
    </QueryClientProvider>
  </StrictMode>,
);
