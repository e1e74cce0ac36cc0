// Start-up: from spawning the process to the first 200 of /healthz, on an empty data folder and on the one it left.
import { median } from '../lib/statistics.ts';
import { startTrine, temporaryHome } from '../lib/trine.ts';

export interface StartTimes {
  readonly firstSeconds: number;
  readonly secondSeconds: number;
}

export async function startTimes(repetitions: number): Promise<StartTimes> {
  const first: number[] = [];
  const second: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    const { home, remove } = temporaryHome();
    try {
      for (const times of [first, second]) {
        const trine = await startTrine(home);
        times.push(trine.startSeconds);
        await trine.stop();
      }
    } finally {
      remove();
    }
  }
  return { firstSeconds: median(first), secondSeconds: median(second) };
}
