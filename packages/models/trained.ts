// A trained artefact as a model of its own: its identity is the training method's and the hash of the bytes.
import { sha256, toHex } from '@trine/protocol';
import type { ClassifierModel, TrainableClassifierModel } from './model.ts';

/**
 * Names what a training run gave.
 *
 * @param method the model that trained it
 * @param bytes what `method.train` returned
 * @returns a model whose configuration holds the SHA-256 of the bytes
 * @throws RangeError when the bytes are not of this method and version
 * @example trained(forest, forest.train(examples, 1)).config.artefact // '9f…'
 */
export function trained(method: TrainableClassifierModel, bytes: Uint8Array): ClassifierModel {
  const own = bytes.slice();
  const { name, version, runtime, config, sources } = method;
  method.open(own);
  return {
    family: 'classifier',
    name,
    version,
    runtime,
    config: { ...config, artefact: toHex(sha256(own)) },
    sources,
    open: async () => method.open(own),
  };
}

/**
 * Opens bytes that came from elsewhere, if they are the approved ones.
 *
 * @param hash SHA-256, hex
 * @throws Error when they are others
 */
export function approved(method: TrainableClassifierModel, bytes: Uint8Array, hash: string): ClassifierModel {
  const found = toHex(sha256(bytes));
  if (found !== hash)
    throw new Error(
      `These bytes (SHA-256 ${found}) are not the approved model ${hash}: get it from whoever approved it.`,
    );
  return trained(method, bytes);
}
