// One of the threads that check signatures. It gets a batch of deliveries in one buffer and answers in columns, so
// that a statement costs the main thread next to nothing.
import {
  assuranceClasses,
  checkBody,
  clockQualities,
  FormatError,
  keyId,
  kinds,
  limits,
  openBody,
  type PublicKey,
  parseStatement,
  type Refusal,
  readPack,
  refusals,
  type Statement,
  verifySignature,
} from '@trine/protocol';
import type { WorkerPort } from '@trine/system/workers.ts';
import { Columns, type KeyMessage, type VerifyRequest, type VerifyResult } from './verify-columns.ts';

const refusalCodes = Object.keys(refusals) as Refusal[];

interface Known {
  network: string;
  /** By the latin1 text of the short key id, then by DID: a look-up without hashing the whole key. */
  readonly keys: Map<string, Map<string, PublicKey>>;
}

function verifyBatch(known: Known, request: VerifyRequest): VerifyResult {
  const bytes = new Uint8Array(request.buffer);
  const columns = new Columns(request.offsets.length / 3);
  for (let i = 0; i < columns.count; i++) {
    const start = request.offsets[3 * i] as number;
    const statementLength = request.offsets[3 * i + 1] as number;
    const disclosureLength = request.offsets[3 * i + 2] as number;
    const statementEnd = start + statementLength;
    const disclosure = disclosureLength ? bytes.subarray(statementEnd, statementEnd + disclosureLength) : undefined;
    columns.startReadings(i);
    try {
      verifyOne(bytes.subarray(start, statementEnd), disclosure, i, columns, request, known);
    } catch (error) {
      // Whatever goes wrong with one statement refuses that statement alone.
      const { refusal, message } =
        error instanceof FormatError ? error : { refusal: 'malformed' as const, message: 'It could not be read.' };
      columns.dropReadings(i);
      columns.refuse(i, refusalCodes.indexOf(refusal) + 1, message);
    }
  }
  return columns.finish(request);
}

function verifyOne(
  bytes: Uint8Array,
  disclosure: Uint8Array | undefined,
  i: number,
  columns: Columns,
  request: VerifyRequest,
  known: Known,
): void {
  const statement = parseStatement(bytes);
  const { header } = statement;
  columns.ids.set(statement.id, 32 * i);
  columns.subject[i] = columns.word(header.subject);
  columns.issuer[i] = columns.word(header.issuer);
  columns.epoch[i] = header.epoch;
  columns.seq[i] = header.seq;
  if (header.prev) {
    columns.hasPrev[i] = 1;
    columns.prevs.set(header.prev, 32 * i);
  }
  if (header.supersedes) columns.replaces(i, header.supersedes.slice());
  // One byte: a code that is not known might look like one that is.
  columns.kind[i] = header.kind === 'unknown' ? 0 : header.kindCode;
  columns.class[i] = assuranceClasses[header.class];
  columns.sealed[i] = header.sealed ? 1 : 0;
  if (header.kind === 'unknown')
    throw new FormatError('unknown-kind', `The kind ${header.kindCode} is not known here.`);
  if (header.network !== known.network)
    throw new FormatError('wrong-network', `The statement is for network ${header.network}; this is ${known.network}.`);
  if (kinds[header.kind].issuer === 'gateway')
    throw new FormatError('not-permitted', `A statement of kind ${header.kind} is sent by the gateway, not to it.`);
  const key = known.keys.get(shortId(header.keyId))?.get(header.issuer);
  if (key === undefined)
    throw new FormatError('unknown-key', 'Nobody enrolled the key that signed this: enrol the device first.');
  if (key.algorithm !== header.algorithm || !verifySignature(key, statement.toBeSigned, statement.signature))
    throw new FormatError('bad-signature', 'The signature does not match the statement and its key.');
  // Erased since: it stands in its sequence, without a value.
  if (header.sealed && disclosure === undefined && request.mayLackBodies) return;
  const body = openBody(statement, disclosure);
  if (header.kind === 'pack') takePack(statement, body, i, columns, request.arrivalMs[i] as number);
  else if (header.sealed) checkBody(header.kind, header, body);
}

function takePack({ header }: Statement, body: Uint8Array, i: number, columns: Columns, arrivalMs: number): void {
  readPack(body, header.contentType, header.subject, header.clock, columns.addReading);
  if (clockQualities[header.clock] === clockQualities.none) columns.dateReadings(i, arrivalMs);
  else if (columns.newestMs(i) > arrivalMs + limits.eventTimeAheadMsMax)
    throw new FormatError('absurd-time', 'A reading is dated in the future: set the clock of the device.');
}

function shortId(id: Uint8Array): string {
  return String.fromCharCode(...id);
}

/** Takes keys, and answers each {@link VerifyRequest} with a {@link VerifyResult}. */
export function work(port: WorkerPort): void {
  const known: Known = { network: '', keys: new Map() };
  port.onMessage((message: VerifyRequest | KeyMessage) => {
    if (message.type === 'network') known.network = message.id;
    else if (message.type === 'key') {
      const short = shortId(keyId(message.key));
      const sharing = known.keys.get(short) ?? new Map<string, PublicKey>();
      known.keys.set(short, sharing.set(message.did, message.key));
    } else {
      const result = verifyBatch(known, message);
      port.postMessage(result, result.transfer as ArrayBuffer[]);
    }
  });
}
