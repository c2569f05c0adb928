import { messageOf, MlopsError } from '@nx-mlops/core/light';
import type * as onnx from 'onnxruntime-node';

type OnnxRuntime = typeof onnx;
export type OnnxSession = Awaited<ReturnType<OnnxRuntime['InferenceSession']['create']>>;

/**
 * ONNX Runtime, loaded on first use: its native library takes tens of milliseconds and some 100 MB of address space,
 * which a program that only mentions models should not pay.
 *
 * @throws MlopsError MLOPS_ONNX_RUNTIME_MISSING where there is no build for this system or the install was cut short
 */
export async function onnxRuntime(): Promise<OnnxRuntime> {
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    throw new MlopsError(
      'MLOPS_ONNX_RUNTIME_MISSING',
      `onnxruntime-node cannot be loaded on ${process.platform}-${process.arch} with Node ${process.version}: ` +
        `${messageOf(error)}. It runs on Linux (glibc) x64 and arm64, macOS arm64, and Windows x64 and arm64. ` +
        'Install it again with ONNXRUNTIME_NODE_INSTALL=skip npm install, which leaves out the GPU download that often fails.',
      {},
      { cause: error },
    );
  }
}
