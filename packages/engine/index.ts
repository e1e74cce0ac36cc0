// What domains, the node and the verifier use of the engine.

export { type ZoneTable, zones } from '../protocol/calendar/zones.ts';
export { assembled, type DomainData, domainData, type ReleasedBundle, releasedDomain } from './abi/data.ts';
export { bundleHash, bundleIdentity } from './abi/identity.ts';
export { differenceOf, evaluateAgain, orderedBefore } from './again.ts';
export { Agenda, type AgendaSnapshot, type Due, type Noted } from './agenda.ts';
export { checkArises } from './arises.ts';
export { WAY_IN } from './awake.ts';
export { linesInLog, UNSAID } from './by-hand.ts';
export { Calendar, type Period } from './calendar/calendar.ts';
export { zonesIdentity } from './calendar/identity.ts';
export {
  alert,
  DEMAND_TYPE,
  type DecisionInput,
  type Domain,
  type Engine,
  type ExplainedSeries,
  type Explanation,
  entry,
  isKnownEffect,
  type LabelledDecision,
  type LoggedEvent,
  type LoggedReading,
  type Manifest,
  type Outcome,
  type Panel,
  type PropertyModel,
  type Route,
  type RouteDecision,
  type RouteRow,
  type RowInput,
  type RowOutcome,
  type Selected,
  type Selector,
  type ThingModel,
  type Total,
  type Trigger,
  type Word,
} from './domain.ts';
export {
  type Common,
  type Corrected,
  type Evaluated,
  type EvaluatedRow,
  type Evaluation,
  evaluate,
  evaluateRow,
  inputOf,
  type OpenedModel,
  type UnreadableLeaf,
} from './evaluate.ts';
export { jsonEvent } from './events.ts';
export { gateWords } from './gate-words.ts';
export { headsOf, lookedAt } from './heads.ts';
export {
  commitInputs,
  inputRanges,
  isSelected,
  type OpenedInput,
  openInput,
  SubjectIndex,
  selectorsOf,
} from './inputs.ts';
export { longestMs } from './lengths.ts';
export { mergeLogs } from './logs.ts';
export {
  type Change,
  type Decided,
  owed,
  type ReplayedObligation,
  type ReplayedPeriod,
  type ReplayRequest,
  replayPeriod,
  subjectsOf,
} from './period.ts';
export type {
  DecidingModel,
  LoggedWord,
  RecordedDecision,
  RecordedInputs,
  RecordedLog,
  RecordedRow,
  Unread,
} from './recorded.ts';
export { InputIndex } from './recorded.ts';
export { Domains, type FindBundle, type InstalledDomain, replayWith } from './replay.ts';
export { SandboxError } from './sandbox/errors.ts';
export {
  commitStates,
  type KeptState,
  keepState,
  NO_STATES,
  type Salt,
  type States,
  saltsOf,
} from './states.ts';
export { matchesSubject } from './subjects.ts';
export {
  type FieldKind,
  formatDuration,
  formatMinor,
  type Terms,
  type TermsField,
  type TermsLine,
  type TermsSchema,
  type ToLearn,
  terms,
  termsInWords,
  toLearn,
} from './terms.ts';
export { type WhatIf, type WhatIfQuestion, whatIf } from './what-if.ts';
export { endOfWindows } from './whole-windows.ts';
