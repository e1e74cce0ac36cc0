// The tables as a process reaches them: sometimes they refuse what is to be stored, and the machine crashes before or after.

import type { Row, Store, StoreBatch } from '@trine/node/projections/tables/store.ts';
import type { MemoryStore } from '@trine/node/testing/memory-store.ts';
import type { Hardware } from './hardware.ts';
import { type Places, stackHere } from './places.ts';
import type { Step } from './table.ts';

export function watchedStore(store: MemoryStore, machine: Hardware & { readonly places: Places }): Store {
  const { faults, places } = machine;
  const befall = (steps: readonly Step[]): void => {
    const befalls = faults.meet(steps, ['crash', 'clock', 'full']);
    if (befalls === 'crash') machine.crashAt(steps);
    if (befalls === 'clock') machine.setClock(steps);
    if (befalls !== 'full') return;
    faults.count('full', steps);
    throw Object.assign(new Error('ENOSPC: the tables cannot grow'), { code: 'ENOSPC' });
  };
  return {
    get position() {
      return store.position;
    },
    async append(batch: StoreBatch) {
      const steps = places.ofAppend(batch.snapshot !== undefined);
      befall(steps);
      await faults.during(steps, store.append(batch));
      const after = faults.meet(steps, ['crash']);
      if (after) machine.crashAt(steps);
    },
    query<T extends Row = Row>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
      const steps = places.ofQuery(stackHere());
      const befalls = faults.meet(steps, ['crash', 'clock']);
      if (befalls === 'crash') machine.crashAt(steps);
      if (befalls === 'clock') machine.setClock(steps);
      return faults.during(steps, store.query<T>(sql, values));
    },
    erase: (leaves) => store.erase(leaves),
    close: () => store.close(),
  };
}
