// Which address shows which screen. Addresses live after the # so that any static server can serve the console.
import { createHashHistory, createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { AgreementsPage } from './agreements/page.tsx';
import { AlertsPage } from './alerts/page.tsx';
import { DecisionPage } from './decisions/detail.tsx';
import { DecisionsPage } from './decisions/list.tsx';
import { DeviceDetail } from './devices/detail.tsx';
import { DevicesPage } from './devices/list.tsx';
import { ModelsPage } from './models/page.tsx';
import { OverviewPage } from './overview/page.tsx';
import { PaymentDetail } from './payments/detail.tsx';
import { PaymentsPage } from './payments/list.tsx';
import { ProofPage } from './proof/proof-page.tsx';
import { TakeAlong } from './proof/take-along.tsx';
import { VerifyPage } from './proof/verify-page.tsx';
import { NotFound } from './shell/not-found.tsx';
import { Shell } from './shell/shell.tsx';
import { WhatIfPage } from './whatif/page.tsx';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });
const at = <Path extends string>(path: Path, component: () => React.ReactNode) =>
  createRoute({ getParentRoute: () => root, path, component });

const whatIf = createRoute({
  getParentRoute: () => root,
  path: '/what-if',
  component: WhatIfPage,
  /** Hash of the agreement or monitor it is about. */
  validateSearch: ({ of }: Record<string, unknown>): { of?: string } =>
    typeof of === 'string' && /^[0-9a-f]{64}$/.test(of) ? { of } : {},
});

const routes = root.addChildren([
  at('/', OverviewPage),
  at('/devices', DevicesPage),
  at('/devices/$subject', DeviceDetail),
  at('/decisions', DecisionsPage),
  at('/decisions/$id', DecisionPage),
  at('/payments', PaymentsPage),
  at('/payments/$id', PaymentDetail),
  at('/alerts', AlertsPage),
  at('/agreements', AgreementsPage),
  at('/models', ModelsPage),
  whatIf,
  at('/proof/$id', ProofPage),
  at('/verify', () => (
    <VerifyPage>
      <TakeAlong />
    </VerifyPage>
  )),
]);

export const makeRouter = () =>
  createRouter({ routeTree: routes, history: createHashHistory(), scrollRestoration: true, defaultPreload: false });

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
