// Is the payload of a statement what its kind demands? Asked before it is sealed: a node could not read it back.
import type { Codec } from '../cbor/schema.ts';
import type { Statement, StatementKind } from '../statement/statement.ts';
import { agreementPayload, monitorPayload } from './agreement.ts';
import { decisionPayload } from './decision.ts';
import { enrolmentPayload, keyStatusPayload } from './enrolment.ts';
import { approvalPayload, labelPayload, modelChangePayload, modelPayload, readParameters } from './model.ts';
import { decodeNetwork } from './network.ts';
import { settlementPayload } from './settlement.ts';
import { snapshotPayload } from './snapshot.ts';

type Decoder = Pick<Codec<unknown>, 'decode'>;

const decoders: Partial<Record<StatementKind, Decoder>> = {
  decision: decisionPayload,
  enrolment: enrolmentPayload,
  'key-status': keyStatusPayload,
  agreement: agreementPayload,
  snapshot: snapshotPayload,
  settlement: settlementPayload,
  network: { decode: decodeNetwork },
  monitor: monitorPayload,
  model: { decode: (bytes) => readParameters(modelPayload.decode(bytes).parameters) },
  approval: approvalPayload,
  'model-change': modelChangePayload,
  label: labelPayload,
};

/**
 * @param statement of any kind; packs are checked as they are read
 * @throws FormatError naming the field that is wrong
 */
export function checkPayload({ header, payload }: Pick<Statement, 'header' | 'payload'>): void {
  if (header.sealed && header.kind !== 'pack') return;
  decoders[header.kind]?.decode(payload);
}
