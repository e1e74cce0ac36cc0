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

/** @param code of the kind, from 16 to 23 */
export async function signUnknownKind(
  signer: Signer,
  content: Omit<StatementContent, 'kind'>,
  code: number,
): Promise<Statement> {
  const { bytes, toBeSigned, signature } = await signStatement(signer, { ...content, kind: 'label' });
  // The private header begins: -65537, a map, version 1, kind.
  const change = (all: Uint8Array): Uint8Array => {
    const label = statementKinds.label.toString(16).padStart(2, '0');
    const pattern = new RegExp(`(3a00010000a.010102)${label}`);
    return fromHex(toHex(all).replace(pattern, `$1${code.toString(16)}`));
  };
  const signed = await signer.sign(change(toBeSigned));
  const item = encodeCbor(signature);
  const changed = change(bytes);
  changed.set(encodeCbor(signed), changed.length - item.length);
  return parseStatement(changed);
}
