// The network-flow classifier trained by packages/models/artefacts/intrusion/train.py.
import type { ClassifierModel } from '../model.ts';
import { onnxClassifier } from './onnx.ts';

/**
 * Tells attacks from normal flows by NSL-KDD's columns: a small neural network in ONNX. See `intrusion.md`.
 *
 * @example
 * const classifier = await intrusion.open(); // after npm run setup:onnx
 * const [, attack] = await classifier.classify(row);
 */
export const intrusion: ClassifierModel = onnxClassifier({
  name: 'intrusion-network',
  version: 1,
  folder: 'artefacts/intrusion',
  file: 'intrusion',
  hashes: {
    onnx: '6f6cad419bb38d8b2852b7aebf1858666c429292c6f71810b407d658db38b40e',
    json: '55c6622b51901b56921a28e151895a7d681a91651cccc5d592c1ec9a1a459c93',
  },
  source: 'classifiers/intrusion.ts',
});
