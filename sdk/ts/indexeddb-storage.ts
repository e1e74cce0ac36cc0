// Storage for browsers: IndexedDB, one database for each device.
import type { ChainHead, DeviceStorage, Queued, SetAside } from './queue.ts';

/** @param name of the database: use the device's subject */
export async function indexedDbStorage(name: string): Promise<DeviceStorage> {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore('queue', { autoIncrement: true }).createIndex('id', 'id', { unique: true });
    opening.result.createObjectStore('head');
  };
  const db = await settled(opening);
  return {
    load: async () => {
      const reading = db.transaction(['queue', 'head']);
      const all = settled(reading.objectStore('queue').getAll() as IDBRequest<(Queued | SetAside)[]>);
      const head = settled(reading.objectStore('head').get(1) as IDBRequest<ChainHead | undefined>);
      return {
        head: await head,
        queue: (await all).filter((item) => !('reason' in item)),
        setAside: (await all).filter((item) => 'reason' in item),
      };
    },
    add: (item, head) => {
      const writing = db.transaction(['queue', 'head'], 'readwrite', { durability: 'strict' });
      writing.objectStore('queue').add(item);
      writing.objectStore('head').put(head, 1);
      return done(writing);
    },
    remove: async (ids) => {
      const writing = db.transaction('queue', 'readwrite');
      const queue = writing.objectStore('queue');
      for (const id of ids) {
        const key = await settled(queue.index('id').getKey(id));
        if (key !== undefined) queue.delete(key);
      }
      return done(writing);
    },
    setAside: async (id, reason) => {
      const writing = db.transaction('queue', 'readwrite');
      const queue = writing.objectStore('queue');
      const key = await settled(queue.index('id').getKey(id));
      if (key !== undefined) {
        const { delivery } = await settled(queue.get(key) as IDBRequest<Queued>);
        queue.delete(key);
        queue.add({ id, delivery, ...(reason !== undefined && { reason }) });
      }
      return done(writing);
    },
  };
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function done(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}
