// The shapes the node answers with.
export type { ExplainedDecision } from '@trine/core/flow/explain.ts';
export type { StreamForecast } from '@trine/core/flow/forecast.ts';
export type { ModelUse, ModelView, WatchView } from '@trine/core/flow/model-view.ts';

export type { WhatIf } from '@trine/core/flow/replaying/what-if.ts';

import type { OverviewView } from '@trine/core/flow/view.ts';
import type { Terms } from '@trine/core/protocol/payloads/agreement.ts';

export type {
  DecisionView,
  DeviceView,
  OverviewView,
  PaymentView,
  SealView,
  SeriesView,
  StreamView,
  TotalsView,
} from '@trine/core/flow/view.ts';
export type { Terms };

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
  readonly terms: Terms;
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
