// Connectors, and what they keep below the data folder.
import { join } from 'node:path';
import type { Connector } from '@trine/mapping/connector.ts';
import type { System } from '@trine/system/system.ts';
import type { Settings } from '../settings.ts';
import { SandboxedCode, type SandboxFiles } from './code.ts';
import { Connectors } from './connectors.ts';
import { KeptConnectors } from './kept.ts';
import { Origins } from './origins.ts';
import { RawMessages } from './raw.ts';

const MS_PER_DAY = 86_400_000;
const BYTES_PER_MEGABYTE = 1_000_000;

type Dependencies = Pick<System, 'disk' | 'clock' | 'random' | 'timers'> & { readonly sandbox: SandboxFiles };

export interface OpenedConnectors {
  readonly connectors: Connectors;
  readonly origins: Origins;
}

/** Whoever opens them prepares them, too. */
export function openConnectors(
  { home, bridge, raw }: Pick<Settings, 'home' | 'bridge' | 'raw'>,
  connectors: readonly Connector[],
  { disk, clock, random, timers, sandbox }: Dependencies,
): OpenedConnectors {
  const folder = join(home, 'connectors');
  disk.makeFolder(folder, 0o700);
  const kept = new KeptConnectors(disk.database(join(folder, 'connectors.sqlite')));
  const limits = { keepMs: raw.days * MS_PER_DAY, bytesMax: raw.megabytesMax * BYTES_PER_MEGABYTE };
  const messages = new RawMessages(disk.database(join(folder, 'raw.sqlite')), limits);
  const code = new SandboxedCode(sandbox, () => timers.elapsed());
  return {
    connectors: new Connectors({ connectors, kept, rules: bridge, now: clock, random, code }),
    origins: new Origins(kept, messages, clock),
  };
}
