import type { TensorSignature } from '@nx-mlops/core';
import { openSession } from './open-session';
import { readModelFile } from './read-model-file';

/**
 * What a model file takes and gives, told by ONNX Runtime itself, so that a model that passes will load elsewhere too.
 * Outputs that are no tensors (such as a ZipMap's) are left out.
 *
 * @throws MlopsError MLOPS_MODEL_MISSING when there is no such file; MLOPS_MODEL_UNREADABLE when ONNX Runtime cannot
 *   load it: empty, cut short, another format, or an operator that it does not know
 */
export async function inspectModel(
  file: string,
): Promise<{ inputs: TensorSignature[]; outputs: TensorSignature[] }> {
  const { session, inputs, outputs } = await openSession(file, await readModelFile(file), 1);
  await session.release();
  return { inputs, outputs };
}
