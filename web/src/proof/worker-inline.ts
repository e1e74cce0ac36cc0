// The verifier's thread, from within the page: what `worker.ts` is where the verifier is one file.
import VerifyWorker from './verify.worker.ts?worker&inline';

export const startWorker = (): Worker => new VerifyWorker();
