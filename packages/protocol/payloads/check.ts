// Is the payload of a statement what its kind demands? Asked before it is appended: a node could not read it back.
import { FormatError } from '../errors.ts';
import { type Kind, kinds, type PayloadHeader, type StatementKind } from '../kinds.ts';
import type { Statement } from '../statement/statement.ts';

/**
 * The same for admission and every later reader.
 *
 * @param statement of any kind; a detached body is checked where it is opened
 * @returns the payload as its kind reads it; undefined where the body is detached
 * @throws FormatError naming what is wrong, and nothing else, on any bytes: `unknown-kind`; `malformed` for another
 * content type than the kind's, and for a detached body where every reader needs it; what the kind's codec throws
 */
export function checkPayload({ header, payload }: Pick<Statement, 'header' | 'payload'>): unknown {
  if (header.kind === 'unknown')
    throw new FormatError('unknown-kind', `The kind ${header.kindCode} is not known here.`, {
      facts: { kind: header.kindCode },
    });
  const kind: Kind = kinds[header.kind];
  if (kind.mediaTypes && !kind.mediaTypes.includes(header.contentType))
    throw new FormatError(
      'malformed',
      `A statement of kind ${header.kind} has content type ${kind.mediaTypes.join(' or ')}.`,
    );
  if (header.sealed && kind.body === 'inline')
    throw new FormatError('malformed', `A statement of kind ${header.kind} carries its body: it may not be detached.`);
  if (!header.sealed && kind.body === 'detached')
    throw new FormatError('malformed', `A statement of kind ${header.kind} carries a commitment to its body.`);
  return header.sealed ? undefined : kind.decode(payload, header);
}

/**
 * The same of a detached body, where it is opened; packs and events are read by whoever looks at them.
 * @throws FormatError naming what is wrong
 */
export function checkBody(name: StatementKind, header: PayloadHeader, body: Uint8Array): void {
  const kind: Kind = kinds[name];
  if (kind.body === 'detached') kind.decode(body, header);
}
