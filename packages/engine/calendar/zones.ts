// The table of time zones that this release brings.
import type { ZoneTable } from './calendar.ts';
import table from './zones.json' with { type: 'json' };

export const zones: ZoneTable = table as unknown as ZoneTable;
