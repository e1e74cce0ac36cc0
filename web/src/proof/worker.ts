// The verifier's thread, from an address beside the page.
export const startWorker = (): Worker => new Worker(new URL('./verify.worker.ts', import.meta.url), { type: 'module' });
