// One thread that checks signatures with node:crypto for a while and tells how many.
import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';

/** A Sig_structure of a statement with a sealed body has about so many bytes. */
const MESSAGE_BYTES = 190;
const KEYS = 50;

const cases = Array.from({ length: KEYS }, () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const message = randomBytes(MESSAGE_BYTES);
  return { publicKey, message, signature: sign(null, message, privateKey) };
});
const until = performance.now() + (workerData as { seconds: number }).seconds * 1000;
let count = 0;
while (performance.now() < until)
  for (const { publicKey, message, signature } of cases) {
    if (!verify(null, message, publicKey, signature)) throw new Error('A good signature was refused.');
    count++;
  }
parentPort?.postMessage(count);
