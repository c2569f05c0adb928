import { onnxRuntime } from './onnx-runtime';

/**
 * Of the ONNX Runtime that models run on, such as `1.30.0`.
 *
 * @throws MlopsError MLOPS_ONNX_RUNTIME_MISSING
 */
export async function onnxRuntimeVersion(): Promise<string> {
  const { env } = await onnxRuntime();
  return env.versions.node ?? env.versions.common;
}
