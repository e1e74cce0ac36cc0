// What a connector says of a message, as the node takes it: a stranger's word.
import type { Discovered, RunningConnector } from '@trine/mapping/connector.ts';
import { mappingSchema, plainMapping } from '@trine/mapping/message/mapping.ts';
import type { RawMessage } from '@trine/mapping/message/message.ts';
import type { Mapping } from '@trine/mapping/message/shape.ts';
import { asReal, asSimulated, isSimulated } from './simulated.ts';

/** A message as connectors hear it: that of a simulated system as its real one would send it. */
export function heardAs(message: RawMessage): RawMessage {
  return isSimulated(message) ? asReal(message) : message;
}

/**
 * What a message announces, without mappings that cannot mean anything.
 * @throws MappingError where it is not what such systems say
 */
export function discovered(running: RunningConnector, message: RawMessage): Discovered {
  const { found, gone } = running.discover(heardAs(message));
  const isWhole = (mapping: Mapping) => mappingSchema.safeParse(plainMapping(mapping)).success;
  const kept = found
    .map((thing) => (isSimulated(message) ? asSimulated(thing) : thing))
    .map((thing) => ({ ...thing, mappings: thing.mappings.filter(isWhole) }));
  return { found: kept, ...(gone && { gone }) };
}
