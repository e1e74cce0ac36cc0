import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { LiveProvider } from './api/provider.tsx';
import { takeToken } from './api/token.ts';
import { makeRouter } from './router.tsx';
import { applyTheme } from './ui/theme.tsx';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/components.css';
import './styles/charts.css';
import './styles/connect.css';
import './styles/overview.css';
import './styles/proof.css';
import './styles/reference.css';

await takeToken();
applyTheme();
// An address with a token pasted into an open tab changes nothing but the part after #: start afresh with it.
window.addEventListener('hashchange', () => {
  if (window.location.hash.startsWith('#token=')) window.location.reload();
});
const router = makeRouter();
createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <LiveProvider>
      <RouterProvider router={router} />
    </LiveProvider>
  </StrictMode>,
);
