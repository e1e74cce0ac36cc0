// Models as the log knows them: registered, approved, put in force, and what people said of their decisions. Built from
// sealed statements alone, in the order of leaves, by a node and by whoever replays its log.

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
  type Parameters,
  type Policy,
  type RegisteredModel,
  readParameters,
  refusedModel,
  toHex,
} from '@trine/protocol';
import { type Entry, NO_UNDO, type Projection, type Undo } from './projection.ts';

/** A model that decides: its identity, and what was learnt or set. */
export interface DecidingModel {
  readonly identity: ModelIdentity;
  readonly parameters: Parameters;
}

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

interface Snapshot {
  readonly models: readonly LoggedModel[];
  readonly approvals: readonly LoggedApproval[];
  readonly changes: readonly LoggedModelChange[];
  readonly labels: readonly LoggedLabel[];
}

export class ModelRegistry implements Projection {
  readonly name = 'models';
  readonly #byHash = new Map<string, LoggedModel>();
  readonly #approvals: LoggedApproval[] = [];
  readonly #changes = new Map<string, LoggedModelChange[]>();
  /** Of each agreement: changes examined so far, and those that hold. */
  readonly #standing = new Map<string, { examined: number; valid: readonly LoggedModelChange[] }>();
  readonly #labels = new Map<string, LoggedLabel[]>();

  apply(entry: Entry, undo: Pick<Undo, 'push'>): void {
    const { kind, index, arrivalMs } = entry;
    if (kind === 'model') {
      const model = modelPayload.decode(entry.statement().payload.slice());
      const hash = toHex(modelHash(model.identity));
      // Registered once: a later card for the same hash changes nothing that was approved.
      if (this.#byHash.has(hash)) return;
      undo.push(() => this.#byHash.delete(hash));
      this.#byHash.set(hash, { index, arrivalMs, model });
    } else if (kind === 'approval') {
      const { payload, id } = entry.statement();
      const approval = { index, id: id.slice(), approval: approvalPayload.decode(payload.slice()) };
      undo.push(() => this.#approvals.pop());
      this.#approvals.push(approval);
    } else if (kind === 'model-change') {
      const modelChange = modelChangePayload.decode(entry.statement().payload.slice());
      const key = toHex(modelChange.agreement);
      // What was examined together with one that is taken back is examined anew.
      undo.push(() => this.#standing.delete(key));
      append(this.#changes, key, { index, arrivalMs, modelChange }, undo);
    } else if (kind === 'label') {
      const { payload, id, header } = entry.statement();
      const label = labelPayload.decode(payload.slice());
      append(
        this.#labels,
        toHex(label.decision),
        { index, arrivalMs, id: id.slice(), issuer: header.issuer, label },
        undo,
      );
    }
  }

  snapshot(): Snapshot {
    return {
      models: this.registered(),
      approvals: [...this.#approvals],
      changes: [...this.#changes.values()].flat(),
      labels: [...this.#labels.values()].flat(),
    };
  }

  restore(snapshot: unknown): void {
    const { models, approvals, changes, labels } = snapshot as Snapshot;
    for (const logged of models) this.#byHash.set(toHex(modelHash(logged.model.identity)), logged);
    this.#approvals.push(...approvals);
    for (const change of changes) append(this.#changes, toHex(change.modelChange.agreement), change, NO_UNDO);
    for (const label of labels) append(this.#labels, toHex(label.label.decision), label, NO_UNDO);
  }

  registered(): LoggedModel[] {
    return [...this.#byHash.values()];
  }

  /** @param hash of the identity, hex */
  get(hash: string): LoggedModel | undefined {
    return this.#byHash.get(hash);
  }

  /** What was learnt or set of a model; none for one that is delivered as it is. */
  deciding(identity: ModelIdentity): DecidingModel {
    const known = this.#byHash.get(toHex(modelHash(identity)));
    return { identity, parameters: known ? readParameters(known.model.parameters) : {} };
  }

  /** Approvals and refusals of a model under an agreement, oldest first. */
  approvalsOf(agreement: Uint8Array, model: Uint8Array): LoggedApproval[] {
    return this.#approvals.filter(
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
    const all = this.#changes.get(key) ?? [];
    const known = this.#standing.get(key);
    // What was sealed before a succession cannot change: each is examined once.
    if (known?.examined === all.length) return known.valid;
    const valid = all.filter(
      ({ index, modelChange }) => this.refusalOf(terms, agreement, modelHash(modelChange.model), index) === undefined,
    );
    this.#standing.set(key, { examined: all.length, valid });
    return valid;
  }

  /** The model that decides obligations that begin at `fromMs`. */
  active(terms: Policy, agreement: Uint8Array | undefined, fromMs: number): DecidingModel {
    const changes = movesMoney(terms) && agreement ? this.modelChangesOf(terms, agreement) : [];
    const last = changes.findLast(({ modelChange }) => modelChange.fromMs <= fromMs);
    return this.deciding(last?.modelChange.model ?? terms.model);
  }

  /** Labels of a decision, oldest first. @param decision id, hex */
  labelsOf(decision: string): readonly LoggedLabel[] {
    return this.#labels.get(decision) ?? [];
  }

  /** Decisions with labels, and each member's newest word on them, in the order of the log. */
  labelled(): [decision: string, newest: readonly LoggedLabel[]][] {
    return [...this.#labels].map(([decision, all]) => {
      const newest = new Map<string, LoggedLabel>();
      for (const label of all) newest.set(label.issuer, label);
      return [decision, [...newest.values()]];
    });
  }
}

function append<T>(map: Map<string, T[]>, key: string, value: T, undo: Pick<Undo, 'push'>): void {
  const list = map.get(key) ?? [];
  undo.push(() => list.pop());
  list.push(value);
  map.set(key, list);
}
