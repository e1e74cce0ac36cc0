// Models as the log knows them: registered, approved, put in force, and what people said of their decisions. Built from
// sealed statements alone, in the order of leaves, by a node and by whoever replays its log.

import type { DecidingModel } from '@trine/engine/evaluate.ts';
import {
  type Agreement,
  approvalPayload,
  equalBytes,
  type Label,
  type LoggedApproval,
  labelPayload,
  type ModelChange,
  type ModelIdentity,
  modelChangePayload,
  modelHash,
  modelPayload,
  movesMoney,
  type Policy,
  type RegisteredModel,
  readParameters,
  refusedModel,
  type Statement,
  type StatementKind,
  toHex,
} from '@trine/protocol';

export interface LoggedModel {
  readonly index: number;
  readonly arrivalMs: number;
  readonly model: RegisteredModel;
}

export interface LoggedModelChange {
  readonly index: number;
  readonly arrivalMs: number;
  readonly modelChange: ModelChange;
}

export interface LoggedLabel {
  readonly index: number;
  readonly arrivalMs: number;
  /** Of the statement: what a learnt model names. */
  readonly id: Uint8Array;
  /** did:key of the member who said so. */
  readonly issuer: string;
  readonly label: Label;
}

/** The kinds a {@link ModelRegistry} is built from. */
export const modelKinds: readonly StatementKind[] = ['model', 'approval', 'model-change', 'label'];

export class ModelRegistry {
  private readonly byHash = new Map<string, LoggedModel>();
  private readonly approvals: LoggedApproval[] = [];
  private readonly modelChanges = new Map<string, LoggedModelChange[]>();
  /** Of each agreement: successions judged so far, and those that hold. */
  private readonly standing = new Map<string, { judged: number; valid: readonly LoggedModelChange[] }>();
  private readonly labels = new Map<string, LoggedLabel[]>();

  /** Takes in a sealed statement; kinds other than `modelKinds` are passed over. */
  take({ header, payload, id }: Statement, index: number, arrivalMs: number): void {
    if (header.kind === 'model') {
      const model = modelPayload.decode(payload);
      const hash = toHex(modelHash(model.identity));
      // Registered once: a later card for the same hash changes nothing that was approved.
      if (!this.byHash.has(hash)) this.byHash.set(hash, { index, arrivalMs, model });
    } else if (header.kind === 'approval') {
      this.approvals.push({ index, id, approval: approvalPayload.decode(payload) });
    } else if (header.kind === 'model-change') {
      const modelChange = modelChangePayload.decode(payload);
      append(this.modelChanges, toHex(modelChange.agreement), { index, arrivalMs, modelChange });
    } else if (header.kind === 'label') {
      const label = labelPayload.decode(payload);
      append(this.labels, toHex(label.decision), { index, arrivalMs, id, issuer: header.issuer, label });
    }
  }

  registered(): LoggedModel[] {
    return [...this.byHash.values()];
  }

  /** @param hash of the identity, hex */
  get(hash: string): LoggedModel | undefined {
    return this.byHash.get(hash);
  }

  /** What was learnt or set of a model; none for one that is delivered as it is. */
  deciding(identity: ModelIdentity): DecidingModel {
    const known = this.byHash.get(toHex(modelHash(identity)));
    return { identity, parameters: known ? readParameters(known.model.parameters) : {} };
  }

  /** Approvals and refusals of a model under an agreement, oldest first. */
  approvalsOf(agreement: Uint8Array, model: Uint8Array): LoggedApproval[] {
    return this.approvals.filter(
      ({ approval }) => equalBytes(approval.agreement, agreement) && equalBytes(approval.model, model),
    );
  }

  /**
   * Why a model may not decide under an agreement, by what is sealed before leaf `index`.
   * @returns undefined where it may
   */
  refusalOf(terms: Agreement, agreement: Uint8Array, model: Uint8Array, index: number): string | undefined {
    return refusedModel(terms, agreement, model, this.approvalsOf(agreement, model), index);
  }

  /** Successions of an agreement that its parties stand behind, in the order of the log. */
  modelChangesOf(terms: Agreement, agreement: Uint8Array): readonly LoggedModelChange[] {
    const key = toHex(agreement);
    const all = this.modelChanges.get(key) ?? [];
    const known = this.standing.get(key);
    // What was sealed before a succession cannot change: each is judged once.
    if (known?.judged === all.length) return known.valid;
    const valid = all.filter(
      ({ index, modelChange }) => this.refusalOf(terms, agreement, modelHash(modelChange.model), index) === undefined,
    );
    this.standing.set(key, { judged: all.length, valid });
    return valid;
  }

  /** The model that decides the window starting at `fromMs`. */
  active(terms: Policy, agreement: Uint8Array | undefined, fromMs: number): DecidingModel {
    const changes = movesMoney(terms) && agreement ? this.modelChangesOf(terms, agreement) : [];
    const last = changes.findLast(({ modelChange }) => modelChange.fromMs <= fromMs);
    return this.deciding(last?.modelChange.model ?? terms.model);
  }

  /** Labels of a decision, oldest first. @param decision id, hex */
  labelsOf(decision: string): readonly LoggedLabel[] {
    return this.labels.get(decision) ?? [];
  }

  /** Decisions with labels, and each member's newest word on them, in the order of the log. */
  labelled(): [decision: string, newest: readonly LoggedLabel[]][] {
    return [...this.labels].map(([decision, all]) => {
      const newest = new Map<string, LoggedLabel>();
      for (const label of all) newest.set(label.issuer, label);
      return [decision, [...newest.values()]];
    });
  }
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
