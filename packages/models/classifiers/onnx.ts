// Runs a classifier that is an ONNX file with onnxruntime on the CPU. The runtime is not part of the plain install (see
// models/README.md); the file is checked against its hash before it is run.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Classifier, ClassifierModel } from '../model.ts';
import { checkRow } from './examples.ts';

/** As much of onnxruntime-node's interface as is used here. */
interface Runtime {
  readonly InferenceSession: {
    create(bytes: Uint8Array, options: object): Promise<Session>;
  };
  readonly Tensor: new (type: 'float32', data: Float32Array, shape: readonly number[]) => object;
}

interface Session {
  run(inputs: Record<string, object>): Promise<Record<string, { readonly data: Float32Array }>>;
}

/** What stands beside the file, as its training script wrote it. */
interface About {
  readonly input: string;
  readonly output: string;
  readonly classes: readonly string[];
  readonly features: readonly string[];
}

export interface OnnxFile {
  readonly name: string;
  readonly version: number;
  /** Folder of `<file>.onnx` and `<file>.json`, relative to `packages/models/`. */
  readonly folder: string;
  readonly file: string;
  /** SHA-256 of `<file>.onnx` and `<file>.json`, hex. */
  readonly hashes: { readonly onnx: string; readonly json: string };
  /** The file that declares the model, relative to `packages/models/`. */
  readonly source: string;
}

/** As `packages/models/runtime/package.json` pins it; another version computes other last bits. */
const RUNTIME_VERSION = '1.30.0';

const manifest = new URL('../runtime/package.json', import.meta.url);
const root = new URL('../', import.meta.url);

/** One thread, in order: the sums of a layer are then always added in the same order. */
const session = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
};

/** Why ONNX models cannot run here; false if they can. */
export function onnxAbsent(): string | false {
  const installed = new URL('node_modules/onnxruntime-node/package.json', manifest);
  if (!existsSync(installed)) return 'the ONNX runtime is not installed: run npm run setup:onnx';
  const { version } = JSON.parse(readFileSync(installed, 'utf8')) as { version: string };
  return version === RUNTIME_VERSION
    ? false
    : `the ONNX runtime is version ${version}, not ${RUNTIME_VERSION}: run npm run setup:onnx`;
}

/** @throws Error saying what to run when the runtime is absent */
async function load(): Promise<Runtime> {
  const absent = onnxAbsent();
  if (absent) throw new Error(`This model needs more than the plain install: ${absent} in the folder of the project.`);
  const path = createRequire(manifest).resolve('onnxruntime-node');
  const { default: runtime } = (await import(path)) as { default: Runtime };
  return runtime;
}

/**
 * The bytes, if they are the ones that were approved.
 *
 * @throws Error when they are others
 */
export function approvedFile(bytes: Uint8Array, hash: string, what: string): Uint8Array {
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== hash)
    throw new Error(
      `${what} (SHA-256 ${found}) is not the approved file ${hash}: restore it, or approve a new version.`,
    );
  return bytes;
}

/**
 * A classifier model that is an ONNX file: rows of numbers in (single precision), a probability for each class out.
 * Advises: its floating point is the runtime's. Its identity covers the file's bytes.
 */
export function onnxClassifier({ name, version, folder, file, hashes, source }: OnnxFile): ClassifierModel {
  const path = (ending: string): string => `${folder}/${file}.${ending}`;
  const read = async (ending: 'onnx' | 'json'): Promise<Uint8Array> =>
    approvedFile(await readFile(new URL(path(ending), root)), hashes[ending], `${file}.${ending}`);
  return {
    family: 'classifier',
    name,
    version,
    runtime: 'onnx',
    config: { ...hashes, runtime: `onnxruntime-node ${RUNTIME_VERSION}`, session },
    sources: [path('onnx'), path('json'), 'classifiers/examples.ts', 'classifiers/onnx.ts', source],
    open: async () => {
      const bytes = await read('onnx');
      const about = JSON.parse(new TextDecoder().decode(await read('json'))) as About;
      const runtime = await load();
      return classifier(runtime, await runtime.InferenceSession.create(bytes, session), about);
    },
  };
}

function classifier({ Tensor }: Runtime, running: Session, { input, output, classes, features }: About): Classifier {
  return {
    classes,
    features,
    classify: async (row) => {
      checkRow(row, features.length);
      // A network has no notion of a missing value, and infinities would become NaN in it.
      const finite = Float32Array.from(row, (x) => (Number.isNaN(x) ? 0 : Math.max(-3e38, Math.min(3e38, x))));
      const result = await running.run({ [input]: new Tensor('float32', finite, [1, features.length]) });
      return Float64Array.from(result[output]!.data);
    },
  };
}
