// A whole node in a temporary folder, with short windows, for runs of the platform as a whole.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { domainsModule } from '@trine/cli/domains.ts';
import { startThisMachine } from '@trine/cli/this-machine.ts';
import { connectors } from '@trine/connectors/index.ts';
import { simulated } from '@trine/connectors/simulated/house.ts';
import { installedDomains } from '@trine/domains/released.ts';
import type { Domains } from '@trine/engine';
import { practiceTerms } from '@trine/example-service-credit/terms.ts';
import { type Node, startNode } from '@trine/node/node.ts';
import type { DecisionView, PaymentView } from '@trine/node/serve/views.ts';
import { readSettings, type Settings } from '@trine/node/settings.ts';

/** Settings for which a window is decided and paid within seconds. */
export const quick = {
  port: 0,
  mqttPort: 0,
  device: { intervalMs: 250 },
  practice: { windowMs: 2_000, graceMs: 500, disputeWindowS: 0 },
} as const;

export interface Platform {
  readonly home: string;
  readonly node: Node;
  stop(): Promise<void>;
  remove(): Promise<void>;
}

/** @param practice settings of the first agreement that differ from {@link quick} */
export async function startPlatform(
  home: string = mkdtempSync(join(tmpdir(), 'trine-sim-')),
  practice: Partial<Settings['practice']> = {},
  domains: Domains = installedDomains(),
): Promise<Platform> {
  const settings = readSettings({ ...quick, practice: { ...quick.practice, ...practice }, home }, {});
  const node = await startNode(settings, {
    domains,
    domainsModule,
    connectors,
    simulated,
    firstAgreement: practiceTerms,
    ownDevice: startThisMachine,
  });
  let stopped = false;
  const stop = async () => {
    if (!stopped) await node.stop();
    stopped = true;
  };
  return {
    home,
    node,
    stop,
    remove: async () => {
      await stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Asks until there is an answer. @throws Error naming what did not happen */
export async function until<T>(what: string, ask: () => Promise<T | undefined>, timeoutMs = 45_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`Not in ${timeoutMs} ms: ${what}.`);
    await sleep(100);
  }
}

export function decided(node: Node, which: (decision: DecisionView) => boolean): Promise<DecisionView> {
  return until('a decision', async () => (await node.views.decisions({ limit: 100 })).items.find(which));
}

export function paid(node: Node, which: (payment: PaymentView) => boolean = () => true): Promise<PaymentView> {
  return until('a payment', async () =>
    (await node.views.payments({ limit: 100 })).items.find((p) => p.state === 'paid' && which(p)),
  );
}
