// Which address shows which screen. Addresses live after the # so that any static server can serve the console.
import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouteComponent,
} from '@tanstack/react-router';
import { alertFilterOf, connectFilterOf, decisionFilterOf, deviceFilterOf, paymentFilterOf } from './api/filters.ts';
import { DecisionsPage } from './decisions/list.tsx';
import { DevicesPage } from './devices/list.tsx';
import { rangeOf } from './devices/range.ts';
import { OverviewPage } from './overview/page.tsx';
import { PaymentsPage } from './payments/list.tsx';
import { NotFound } from './shell/not-found.tsx';
import { Shell } from './shell/shell.tsx';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });
/** Pages that are not looked at first are loaded when they are. */
const lazy = lazyRouteComponent;
const at = <Path extends string>(path: Path, component: RouteComponent) =>
  createRoute({ getParentRoute: () => root, path, component });

const whatIf = createRoute({
  getParentRoute: () => root,
  path: '/what-if',
  component: lazy(() => import('./whatif/page.tsx'), 'WhatIfPage'),
  /** Hash of the agreement or monitor it is about. */
  validateSearch: ({ of }: Record<string, unknown>): { of?: string } =>
    typeof of === 'string' && /^[0-9a-f]{64}$/.test(of) ? { of } : {},
});

const devices = createRoute({
  getParentRoute: () => root,
  path: '/devices',
  component: DevicesPage,
  validateSearch: deviceFilterOf,
});
const device = createRoute({
  getParentRoute: () => root,
  path: '/devices/$subject',
  component: lazy(() => import('./devices/detail.tsx'), 'DeviceDetail'),
  validateSearch: rangeOf,
});
const connect = createRoute({
  getParentRoute: () => root,
  path: '/connect',
  component: lazy(() => import('./connect/page.tsx'), 'ConnectPage'),
  validateSearch: connectFilterOf,
});
const decisions = createRoute({
  getParentRoute: () => root,
  path: '/decisions',
  component: DecisionsPage,
  validateSearch: decisionFilterOf,
});
const payments = createRoute({
  getParentRoute: () => root,
  path: '/payments',
  component: PaymentsPage,
  validateSearch: paymentFilterOf,
});
const alerts = createRoute({
  getParentRoute: () => root,
  path: '/alerts',
  component: lazy(() => import('./alerts/page.tsx'), 'AlertsPage'),
  validateSearch: alertFilterOf,
});

const routes = root.addChildren([
  at('/', OverviewPage),
  devices,
  device,
  connect,
  decisions,
  at(
    '/decisions/$id',
    lazy(() => import('./decisions/detail.tsx'), 'DecisionPage'),
  ),
  payments,
  at(
    '/payments/$id',
    lazy(() => import('./payments/detail.tsx'), 'PaymentDetail'),
  ),
  alerts,
  at(
    '/agreements',
    lazy(() => import('./agreements/page.tsx'), 'AgreementsPage'),
  ),
  at(
    '/agreements/new',
    lazy(() => import('./agreements/propose-page.tsx'), 'ProposePage'),
  ),
  at(
    '/sign/$id/$code',
    lazy(() => import('./agreements/sign-page.tsx'), 'SignPage'),
  ),
  at(
    '/models',
    lazy(() => import('./models/page.tsx'), 'ModelsPage'),
  ),
  at(
    '/api',
    lazy(() => import('./reference/page.tsx'), 'ReferencePage'),
  ),
  whatIf,
  at(
    '/proof/$id',
    lazy(() => import('./proof/proof-page.tsx'), 'ProofPage'),
  ),
  at(
    '/verify',
    lazy(() => import('./proof/check-page.tsx'), 'CheckPage'),
  ),
]);

export const makeRouter = () =>
  createRouter({ routeTree: routes, history: createHashHistory(), scrollRestoration: true, defaultPreload: false });

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
