// What the node answers with, as its document describes it.
import type { Schemas } from '@trine/client';
import type { TermsSchema } from '@trine/engine';

export type AgreementView = Schemas['Agreement'];
export type AlertView = Schemas['Alert'];
export type ConnectorKind = Schemas['ConnectorKind'];
export type ConnectorView = Schemas['Connector'];
export type ContestView = NonNullable<PaymentView['contests']>[number];
export type DecisionDetail = Schemas['DecisionDetail'];
export type DecisionView = Schemas['Decision'];
export type DeviceView = Schemas['Device'];
/** The document has JSON Schema of the terms as any object. */
export type DomainView = Omit<Schemas['Domain'], 'terms'> & { readonly terms: TermsSchema };
export type ExplainedDecision = Schemas['Explanation'];
export type FoundThing = Schemas['ConnectorThing'];
export type HealthProblem = Schemas['HealthProblem'];
export type HeldView = Schemas['Held'];
export type LabelView = Schemas['Label'];
export type ModelUse = Schemas['ModelUse'];
export type ModelView = Schemas['Model'];
export type MonitorView = Schemas['Monitor'];
export type Overview = Schemas['Overview'];
export type PaymentView = Schemas['Payment'];
export type PolicyStanding = AgreementView['standing'];
export type ProposalView = Schemas['Proposal'];
export type RowView = Schemas['Row'];
export type SilenceView = Schemas['Silence'];
export type SealView = Schemas['Seal'];
/** The document has JSON Schema of the terms as any object. */
export type SigningView = Omit<Schemas['Signing'], 'form'> & { readonly form: TermsSchema };
export type SeriesView = Schemas['Series'];
export type StreamForecast = Schemas['Forecast'];
export type StreamView = Schemas['Stream'];
export type TriedMessage = Schemas['TriedMessage'];
export type TriggerView = Schemas['Trigger'];
export type UnreadMessages = Schemas['UnreadMessages'];
export type WhatIf = Schemas['WhatIf'];
