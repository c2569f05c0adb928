import type { TensorSignature } from '@nx-mlops/core';
import { messageOf, MlopsError, tensorTypes } from '@nx-mlops/core/light';
import { onnxRuntime, type OnnxSession } from './onnx-runtime';

type ValueMetadata = OnnxSession['inputMetadata'][number];

export interface OpenSession {
  readonly session: OnnxSession;
  readonly inputs: TensorSignature[];
  /** Tensors only: an output that is a map or a sequence is left out. */
  readonly outputs: TensorSignature[];
}

/** ONNX Runtime prints nothing of its own: warnings would interleave with our output, and errors are thrown anyway. */
const LOG_FATAL = 4;

/**
 * @param file where the bytes come from, named in errors
 * @throws MlopsError MLOPS_MODEL_UNREADABLE when ONNX Runtime cannot load the bytes
 */
export async function openSession(file: string, bytes: Uint8Array, threads: number): Promise<OpenSession> {
  const { InferenceSession } = await onnxRuntime();
  if (bytes.length === 0) throw unreadable(file, 'the file is empty');
  let session: OnnxSession;
  try {
    session = await InferenceSession.create(bytes, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: LOG_FATAL,
    });
  } catch (error) {
    throw unreadable(file, messageOf(error), error);
  }
  return {
    session,
    inputs: session.inputMetadata.map((input) => {
      const tensor = signatureOf(input);
      if (tensor === undefined) throw unreadable(file, `its input "${input.name}" is no tensor`);
      return tensor;
    }),
    outputs: session.outputMetadata.map(signatureOf).filter((output) => output !== undefined),
  };
}

function signatureOf(value: ValueMetadata): TensorSignature | undefined {
  if (!value.isTensor) return undefined;
  const type = tensorTypes.find((name) => name === value.type);
  if (type === undefined) return undefined;
  return { name: value.name, type, shape: value.shape.map((size) => (typeof size === 'number' ? size : -1)) };
}

function unreadable(file: string, because: string, cause?: unknown): MlopsError {
  return new MlopsError(
    'MLOPS_MODEL_UNREADABLE',
    `is no model that ONNX Runtime can load (${because}). Write it again; ONNX IR version 10 and opset 21 are sure to load.`,
    { file },
    { cause },
  );
}
