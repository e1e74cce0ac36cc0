// The whole way: signed packs over MQTT until the gateway's signed word that they are durable.
import { median } from '../lib/statistics.ts';
import { startTrine, temporaryHome } from '../lib/trine.ts';
import { type Driven, drive, type Load } from '../load/drive.ts';

export interface SealedResult {
  readonly name: string;
  readonly readingsPerPack: number;
  readonly packsPerMessage: number;
  readonly open: boolean;
  readonly statementsPerSecond: number;
  readonly readingsPerSecond: number;
  /** The same until the last reading could be queried. */
  readonly storedReadingsPerSecond: number;
  readonly nodeCpuSecondsPerStatement: number;
  readonly senderCpuSecondsPerStatement: number;
  readonly residentMiB: number;
  readonly runs: readonly Driven[];
}

const base = { devices: 50, messagesInFlight: 2, open: false };
export const loads: readonly (Load & { name: string })[] = [
  { ...base, name: 'packs of 1', packs: 40_000, readingsPerPack: 1, packsPerMessage: 64 },
  { ...base, name: 'packs of 10', packs: 40_000, readingsPerPack: 10, packsPerMessage: 64 },
  { ...base, name: 'packs of 100', packs: 20_000, readingsPerPack: 100, packsPerMessage: 64 },
  {
    ...base,
    name: 'packs of 1, a message each',
    packs: 20_000,
    readingsPerPack: 1,
    packsPerMessage: 1,
    messagesInFlight: 32,
  },
  { ...base, name: 'packs of 10, open bodies', packs: 40_000, readingsPerPack: 10, packsPerMessage: 64, open: true },
];

/** Runs every load so many times against one node; the first round, which warms it up, is not counted. */
export async function sealed(repetitions: number): Promise<SealedResult[]> {
  const { home, remove } = temporaryHome();
  const trine = await startTrine(home);
  try {
    const runs = new Map<string, Driven[]>(loads.map(({ name }) => [name, []]));
    for (let round = 0; round <= repetitions; round++)
      for (const load of loads) {
        const driven = await drive(trine, load);
        if (round > 0) runs.get(load.name)?.push(driven);
      }
    return loads.map((load) => summary(load, runs.get(load.name) as Driven[]));
  } finally {
    await trine.stop();
    remove();
  }
}

function summary(load: Load & { name: string }, runs: readonly Driven[]): SealedResult {
  const of = (value: (run: Driven) => number) => median(runs.map(value));
  const { name, readingsPerPack, packsPerMessage, open } = load;
  return {
    name,
    readingsPerPack,
    packsPerMessage,
    open,
    statementsPerSecond: of((run) => run.statements / run.seconds),
    readingsPerSecond: of((run) => run.readings / run.seconds),
    storedReadingsPerSecond: of((run) => run.readings / run.storedSeconds),
    nodeCpuSecondsPerStatement: of((run) => run.nodeCpuSeconds / run.statements),
    senderCpuSecondsPerStatement: of((run) => run.senderCpuSeconds / run.statements),
    residentMiB: of((run) => run.residentBytes / 2 ** 20),
    runs,
  };
}
