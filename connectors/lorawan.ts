// What uplinks of LoRaWAN hold, whichever network server passes them on: decoded by its payload codec, or by one that is kept here.
import { bytesOf } from '@trine/mapping/bytes.ts';
import { type ProposedFields, proposeFields, valueMembers } from '@trine/mapping/fields.ts';
import { MappingError } from '@trine/mapping/message/error.ts';
import type { MappingCode } from '@trine/mapping/message/map.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import { toUtf8 } from '@trine/protocol';

/** Where a network server puts what a device sent. */
export interface UplinkPaths {
  /** The payload as its codec decoded it. */
  readonly decoded: string;
  /** The frame in base64. */
  readonly frame: string;
  readonly port: string;
}

export interface Uplink {
  readonly decoded: object | null | undefined;
  readonly frame: string | undefined;
  readonly port: number | undefined;
  /** Payload codec that is kept here, in JavaScript. */
  readonly source: string | undefined;
}

/**
 * Fields of a decoded payload, and the codec that a mapping needs for them.
 *
 * @param undecoded why nothing is known of an uplink that nobody decodes
 * @throws MappingError where the frame is no base64, and where the codec fails
 */
export function uplinkFields(
  { decoded, frame, port, source }: Uplink,
  paths: UplinkPaths,
  undecoded: string,
  code: MappingCode | undefined,
): ProposedFields & { readonly codec?: Mapping['codec'] } {
  if (decoded) return proposeFields(valueMembers(decoded, paths.decoded));
  if (source === undefined || code === undefined || frame === undefined)
    return { fields: [], unknown: [undecoded], assumed: [] };
  const bytes = bytesOf(toUtf8(frame), 'base64');
  if (bytes === undefined) throw new MappingError(`The frame in ${paths.frame} is no text in base64.`);
  const data = code.decode(source, { bytes, port: port ?? 1 });
  const codec = { source, bytes: paths.frame, encoding: 'base64' as const, port: paths.port };
  return { ...proposeFields(valueMembers(data, 'decoded')), codec };
}
