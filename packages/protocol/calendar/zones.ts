// The table of time zones that this release brings: data, so that every runtime reckons alike.
import table from './zones.json' with { type: 'json' };

/** Minutes east until the first change, then `[minute since 1970, minutes east from it on]`; a text names another zone. */
export type Zone = string | ZoneChanges;
export type ZoneChanges = readonly [number, ...(readonly [number, number])[]];

/** As `zones.json` has it: from 1990 to 2050, by IANA name; made by `scripts/zones.ts`. */
export interface ZoneTable {
  readonly release: string;
  readonly zones: Readonly<Record<string, Zone>>;
}

export const zones: ZoneTable = table as unknown as ZoneTable;
