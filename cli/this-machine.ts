// The machine the node runs on as its first device: measures itself, signs with its own key and publishes over MQTT
// like any other.
import { cpus, freemem, totalmem } from 'node:os';
import { openDevice } from '@trine/device/device.ts';
import { mqttTransport } from '@trine/device/mqtt-transport.ts';
import { sqliteStorage } from '@trine/device/sqlite-storage.ts';
import type { OwnDevice, OwnDeviceOptions } from '@trine/node/own-device.ts';
import type { Reading } from '@trine/protocol';
import si from 'systeminformation';

/** A stopwatch for the processor: share of time it was busy since the last call. */
function cpuLoad(): () => number | undefined {
  let last = ticks();
  return () => {
    const now = ticks();
    const total = now.total - last.total;
    const busy = now.busy - last.busy;
    last = now;
    return total > 0 ? Math.min(1, Math.max(0, busy / total)) : undefined;
  };
}

function ticks(): { total: number; busy: number } {
  let total = 0;
  let idle = 0;
  for (const { times } of cpus()) {
    total += times.user + times.nice + times.sys + times.idle + times.irq;
    idle += times.idle;
  }
  return { total, busy: total - idle };
}

/** Measures once; quantities that this machine does not have are left out. */
async function measure(load: () => number | undefined): Promise<Reading[]> {
  const [disks, network, temperature] = await Promise.all([
    si.fsSize().catch(() => []),
    si.networkStats().catch(() => []),
    si.cpuTemperature().catch(() => undefined),
  ]);
  // Taken when they are there: of two measurements the one that is done first is the earlier one.
  const timeMs = Date.now();
  const disk = disks.find(({ mount }) => mount === '/') ?? disks[0];
  const sum = (pick: (of: { rx_sec: number | null; tx_sec: number | null }) => number | null) =>
    network.length === 0 ? undefined : network.reduce((total, one) => total + (pick(one) ?? 0), 0);
  const found: [string, string, number | undefined | null][] = [
    ['cpu/load', '/', load()],
    ['memory/used', '/', 1 - freemem() / totalmem()],
    ['disk/used', '/', disk && disk.use / 100],
    ['network/received', 'B/s', sum(({ rx_sec }) => rx_sec)],
    ['network/sent', 'B/s', sum(({ tx_sec }) => tx_sec)],
    ['cpu/temperature', 'Cel', temperature?.main],
  ];
  return found.flatMap(([quantity, unit, value]) =>
    typeof value === 'number' && Number.isFinite(value)
      ? [{ quantity, unit, timeMs, value: Math.round(value * 1e4) / 1e4 }]
      : [],
  );
}

/** Starts measuring this machine. */
export async function startThisMachine(options: OwnDeviceOptions): Promise<OwnDevice> {
  const storage = sqliteStorage(options.storagePath);
  const device = await openDevice({
    ...options,
    transport: mqttTransport(options.mqttUrl, options.subject),
    storage,
    inOrder: true,
    queueMax: 20_000,
  });
  const load = cpuLoad();
  let busy: Promise<unknown> | undefined;
  const own: OwnDevice = {
    subject: options.subject,
    paused: false,
    async stop() {
      clearInterval(timer);
      await busy;
      await device.close();
      storage.close();
    },
  };
  const timer = setInterval(() => {
    // One after the other: a slow one would come after the next, and it promised to measure in order.
    if (own.paused || busy) return;
    busy = measure(load)
      .then((readings) => (own.paused || readings.length === 0 ? undefined : device.measure(readings)))
      .catch(options.onError)
      .finally(() => {
        busy = undefined;
      });
  }, options.intervalMs);
  return own;
}
