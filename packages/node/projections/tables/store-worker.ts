// What owns the database: the main thread never waits for it while statements come in.
import type { WorkerPort } from '@trine/system/workers.ts';
import { TableDatabase } from './database.ts';
import type { StoreRequest } from './store.ts';

/** Answers each {@link StoreRequest} with its result or its error. */
export function work(port: WorkerPort, { path, memoryLimitMb }: { path: string; memoryLimitMb: number }): void {
  const tables = new TableDatabase(path, memoryLimitMb);
  port.onMessage((request: StoreRequest) => {
    tables
      .inTurn(async (database): Promise<unknown> => {
        if (request.type === 'append') return database.append(request.batch);
        if (request.type === 'query') return database.query(request.sql, request.values);
        if (request.type === 'erase') return database.erase(request.leaves);
        return database.close();
      })
      .then(
        (result) => port.postMessage({ id: request.id, result }),
        (error: Error) => port.postMessage({ id: request.id, error: error.message }),
      );
  });
}
