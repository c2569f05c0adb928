import type { ModelManifest } from '@nx-mlops/core';
import { MlopsError, sha256OfBytes } from '@nx-mlops/core/light';
import type { LoadedModel } from './loaded-model';
import { onnxRuntime } from './onnx-runtime';
import { OnnxModel } from './onnx-model';
import { openSession } from './open-session';
import { readModelFile } from './read-model-file';

export interface LoadModelOptions {
  readonly file: string;
  readonly manifest: ModelManifest;
  /**
   * Threads that one prediction uses.
   *
   * @default 1: small models run faster on one thread than on two; large tree ensembles gain from more
   */
  readonly threads?: number;
}

/**
 * Loads a model after checking that its bytes are those of the manifest. The checked bytes are the ones loaded: a file
 * that is replaced meanwhile does no harm.
 *
 * @throws MlopsError what `checkedModelFile` and `openModel` throw
 */
export async function loadModel(options: LoadModelOptions): Promise<LoadedModel> {
  return openModel(await checkedModelFile(options), options);
}

/**
 * The bytes of a model.
 *
 * @throws MlopsError MLOPS_MODEL_MISSING, MLOPS_MODEL_CORRUPT when they are not those of the manifest
 */
export async function checkedModelFile({ file, manifest }: LoadModelOptions): Promise<Uint8Array> {
  const bytes = await readModelFile(file);
  const digest = sha256OfBytes(bytes);
  if (digest === manifest.file.sha256) return bytes;
  throw new MlopsError(
    'MLOPS_MODEL_CORRUPT',
    `the file is not the one that the manifest of "${manifest.model}" tells of: its sha256 is ${digest} (${bytes.length} bytes), ` +
      `the manifest says ${manifest.file.sha256} (${manifest.file.size} bytes). Perhaps a cache entry was half restored: ` +
      `run nx run ${manifest.model}:train --skip-nx-cache.`,
    { file },
  );
}

/**
 * @throws MlopsError MLOPS_MODEL_UNREADABLE, MLOPS_MODEL_OUTPUT when the output of the manifest is not there,
 *   MLOPS_ONNX_RUNTIME_MISSING
 */
export async function openModel(
  bytes: Uint8Array,
  { file, manifest, threads = 1 }: LoadModelOptions,
): Promise<LoadedModel> {
  const { session } = await openSession(file, bytes, threads);
  const { scoreOutput } = manifest;
  if (scoreOutput !== undefined && !session.outputNames.includes(scoreOutput)) {
    await session.release();
    throw new MlopsError(
      'MLOPS_MODEL_OUTPUT',
      `the model has no output "${scoreOutput}", from which its manifest has the scores. It gives: ${session.outputNames.join(', ')}. The manifest was changed by hand or by another version: run nx run ${manifest.model}:train --skip-nx-cache.`,
      { file },
    );
  }
  const { Tensor: OnnxTensor } = await onnxRuntime();
  return new OnnxModel(manifest, session, OnnxTensor);
}
