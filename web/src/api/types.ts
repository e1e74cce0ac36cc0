// The shapes the node answers with.

export type { WhatIf } from '@trine/engine/what-if.ts';
export type { ExplainedDecision } from '@trine/node/decide/explain.ts';
export type { StreamForecast } from '@trine/node/jobs/forecast.ts';
export type { ModelUse, ModelView, MonitorView } from '@trine/node/lifecycle/model-view.ts';

import type { OverviewView } from '@trine/node/serve/views.ts';
import type { Agreement } from '@trine/protocol';

export type {
  DecisionView,
  DeviceView,
  OverviewView,
  PaymentView,
  SealView,
  SeriesView,
  StreamView,
  TotalsView,
} from '@trine/node/serve/views.ts';
export type { Agreement };

export interface Overview extends OverviewView {
  readonly startedMs: number;
  readonly version: string;
  readonly deviceIntervalMs: number;
  readonly practiceWindowMs: number;
  /** Address of the MQTT broker readings come through. */
  readonly mqtt: string;
}

export interface AgreementView {
  readonly id: string;
  readonly terms: Agreement;
  /** Minor units. */
  readonly paid: number;
  readonly balance: number;
}

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

/** What a person said of a decision. */
export interface LabelView {
  readonly leaf: number;
  readonly arrivalMs: number;
  readonly stand: 'approve' | 'refuse' | 'correct';
  readonly verdict?: 'met' | 'breached';
  readonly by: string;
  readonly note: string;
}
