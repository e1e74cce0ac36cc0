// A statement of a kind that a later release brought, for tests of who passes over it and who refuses it.
import { fromHex, toHex } from '../bytes.ts';
import { encodeCbor } from '../cbor/cbor.ts';
import { statementKinds } from '../kinds.ts';
import {
  parseStatement,
  type Signer,
  type Statement,
  type StatementContent,
  signStatement,
} from '../statement/statement.ts';

/** @param code of the kind, from 25 to 255: those below are given, or were when this was written */
export async function signUnknownKind(
  signer: Signer,
  content: Omit<StatementContent, 'kind'>,
  code: number,
): Promise<Statement> {
  const { bytes, toBeSigned, signature } = await signStatement(signer, { ...content, kind: 'label' });
  // Tag 18 and a list of four; then the protected header, a byte string of 24 bytes or more.
  const isLong = bytes[2] === 0x59;
  const length = isLong ? new DataView(bytes.buffer, bytes.byteOffset).getUint16(3) : (bytes[3] as number);
  const before = bytes.slice(isLong ? 5 : 4).slice(0, length);
  // The private header begins: -65537, a map, version 1, kind.
  const label = statementKinds.label.toString(16).padStart(2, '0');
  const hex = toHex(before).replace(new RegExp(`(3a00010000a.010102)${label}`), `$1${toHex(encodeCbor(code))}`);
  const change = (all: Uint8Array): Uint8Array =>
    fromHex(toHex(all).replace(toHex(encodeCbor(before)), toHex(encodeCbor(fromHex(hex)))));
  const signed = await signer.sign(change(toBeSigned));
  const item = encodeCbor(signature);
  const changed = change(bytes);
  changed.set(encodeCbor(signed), changed.length - item.length);
  return parseStatement(changed);
}
