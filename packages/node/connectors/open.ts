// Connectors, and what they keep below the data folder.
import { join } from 'node:path';
import type { Connector } from '@trine/mapping/connector.ts';
import type { Disk } from '@trine/system/disk.ts';
import type { Random } from '@trine/system/random.ts';
import type { Clock } from '@trine/system/time.ts';
import type { Settings } from '../settings.ts';
import { Connectors } from './connectors.ts';
import { KeptConnectors } from './kept.ts';
import { Origins } from './origins.ts';
import { RawMessages } from './raw.ts';

const MS_PER_DAY = 86_400_000;
const BYTES_PER_MEGABYTE = 1_000_000;

export interface OpenedConnectors {
  readonly connectors: Connectors;
  readonly origins: Origins;
}

export function openConnectors(
  { home, bridge, raw }: Pick<Settings, 'home' | 'bridge' | 'raw'>,
  connectors: readonly Connector[],
  { disk, clock, random }: { readonly disk: Disk; readonly clock: Clock; readonly random: Random },
): OpenedConnectors {
  const folder = join(home, 'connectors');
  disk.makeFolder(folder, 0o700);
  const kept = new KeptConnectors(disk.database(join(folder, 'connectors.sqlite')));
  const limits = { keepMs: raw.days * MS_PER_DAY, bytesMax: raw.megabytesMax * BYTES_PER_MEGABYTE };
  const messages = new RawMessages(disk.database(join(folder, 'raw.sqlite')), limits);
  return {
    connectors: new Connectors({ connectors, kept, rules: bridge, now: clock, random }),
    origins: new Origins(kept, messages, clock),
  };
}
