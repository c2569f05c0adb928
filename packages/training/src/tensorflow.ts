import type * as TensorFlow from '@tensorflow/tfjs-core';
import { MlopsError } from '@nx-mlops/core';

export type { TensorFlow };

/**
 * TensorFlow.js as the training script uses it, loaded only when asked for: a script that trains with something else
 * does not need it.
 *
 * @throws MlopsError MLOPS_TRAINING_NO_TENSORFLOW when it is not installed
 */
export function loadTensorFlow(): Promise<typeof TensorFlow> {
  loaded ??= load();
  return loaded;
}

let loaded: Promise<typeof TensorFlow> | undefined;

async function load(): Promise<typeof TensorFlow> {
  try {
    return await import('@tensorflow/tfjs-core');
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new MlopsError(
      'MLOPS_TRAINING_NO_TENSORFLOW',
      'TensorFlow.js is not installed. Run "npm install --save-dev @tensorflow/tfjs-core @tensorflow/tfjs-layers @tensorflow/tfjs-backend-wasm".',
      {},
      { cause: error },
    );
  }
}

function isNotFound(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}

/**
 * Gets a TensorFlow.js that the script has imported ready to build models: waits for its backend, and silences its
 * advice to install another backend (its production mode does nothing else). Without TensorFlow.js, or without a
 * backend, it does nothing.
 */
export async function prepareTensorFlow(): Promise<void> {
  let tensorFlow: typeof TensorFlow;
  try {
    tensorFlow = await loadTensorFlow();
  } catch (error) {
    if (error instanceof MlopsError) return;
    throw error;
  }
  tensorFlow.env().set('PROD', true);
  if (Object.keys(tensorFlow.engine().registryFactory).length > 0) await tensorFlow.ready();
}
