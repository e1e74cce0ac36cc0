// The watch over silence of a node, joined to what it listens to.
import type { System } from '@trine/system/system.ts';
import type { Eraser } from '../access/erase.ts';
import type { Connectors } from '../connectors/connectors.ts';
import type { PlainMessages } from '../ingest/plain-messages.ts';
import type { OwnDevice } from '../own-device.ts';
import type { AlertWebhook } from '../serve/webhook.ts';
import type { Settings } from '../settings.ts';
import { Silences, type SilencesOptions } from './silences.ts';

export interface OpeningSilences extends Pick<SilencesOptions, 'store' | 'runner' | 'mqtt' | 'keys'> {
  readonly settings: Pick<Settings, 'home' | 'alerts'>;
  readonly dependencies: Pick<System, 'clock' | 'disk'>;
  readonly closing: (() => Promise<unknown>)[];
  readonly webhook: Pick<AlertWebhook, 'tell'> | undefined;
  readonly ownDevice: Pick<OwnDevice, 'subject' | 'paused'> | undefined;
  /** Tells of words without a value. */
  readonly plain: Pick<PlainMessages, 'onNoValue'>;
  /** What they release is expected no longer. */
  readonly connectors: Pick<Connectors, 'onReleased'>;
  /** What the node itself speaks as: it is there as long as anybody looks. */
  readonly subject: string;
}

/** @returns undefined where the settings switch it off */
export async function openSilences(opening: OpeningSilences): Promise<Silences | undefined> {
  const { settings, dependencies, closing, webhook, ownDevice, subject, store, runner, mqtt, keys, plain, connectors } =
    opening;
  if (!settings.alerts.silence) return undefined;
  const silences = await Silences.open({
    ...{ store, runner, mqtt, keys, home: settings.home, clock: dependencies.clock, disk: dependencies.disk },
    isIgnored: (about) => about === subject,
    isPaused: (about) => about === ownDevice?.subject && ownDevice.paused,
    onNew: (key, told) => webhook?.tell(key, told),
  });
  plain.onNoValue((about, nowMs) => silences.noValue(about, nowMs));
  connectors.onReleased((subjects) => void silences.dismiss(subjects));
  closing.push(async () => silences.keep());
  return silences;
}

/** Erases, and expects nothing more of what was erased. @see Eraser.forget */
export function forgetting(eraser: Eraser, silences: Pick<Silences, 'dismiss'> | undefined): Eraser['forget'] {
  return async (subject, said) => {
    const erased = await eraser.forget(subject, said);
    silences?.dismiss([subject]);
    return erased;
  };
}
