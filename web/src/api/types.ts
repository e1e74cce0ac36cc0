// The shapes the node answers with.
export type { WhatIf } from '@trine/engine/what-if.ts';
export type { ExplainedDecision } from '@trine/node/decide/explain.ts';
export type { StreamForecast } from '@trine/node/jobs/forecast.ts';
export type { DecisionDetail, LabelView } from '@trine/node/serve/routes/decisions.ts';
export type { DomainView } from '@trine/node/serve/routes/domains.ts';
export type { Overview } from '@trine/node/serve/routes/overview.ts';
export type { ModelUse, ModelView } from '@trine/node/serve/views/models.ts';
export type { AgreementView, MonitorView, PolicyStanding, TriggerView } from '@trine/node/serve/views/policies.ts';
export type {
  AlertView,
  DecisionView,
  DeviceView,
  PaymentView,
  RowView,
  SealView,
  SeriesView,
  StreamView,
  TotalsView,
} from '@trine/node/serve/views.ts';

export interface LiveReading {
  readonly subject: string;
  readonly quantity: string;
  readonly unit: string;
  readonly timeMs: number;
  readonly value: number;
}

export interface LiveRefusal {
  readonly reason: string;
  readonly message: string;
  readonly at: number;
}
