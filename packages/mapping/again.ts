// Maps a message again, for whoever checks what a gateway signed.
import type { MapAgain } from '@trine/protocol';
import { mapMessage } from './message/map.ts';
import { mappingSchema } from './message/mapping.ts';
import { decodeRaw } from './message/raw.ts';

/**
 * What a mapping makes of a message.
 * @returns undefined where the mapping has code, which nothing runs here
 * @throws TrineError where mapping or message are none
 */
export const mapAgain: MapAgain = (given, bytes, arrivalMs) => {
  const mapping = mappingSchema.parse(given);
  if ((mapping.codec ?? mapping.transform) !== undefined) return undefined;
  const { packs = [] } = mapMessage(mapping, decodeRaw(bytes), arrivalMs) ?? {};
  return packs.map(({ subject, readings, isDated = false }) => ({ subject, readings, isDated }));
};
