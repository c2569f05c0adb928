import type { ModelManifest } from '@nx-mlops/core';
import { MlopsError } from '@nx-mlops/core/light';
import type { CodedColumnBatch, TextDictionaries } from '@nx-mlops/runtime';

/** The first message to a process that predicts. */
export interface PredictionModel {
  readonly file: string;
  readonly manifest: ModelManifest;
  /** Of the features whose text comes by codes. */
  readonly dictionaries: TextDictionaries;
}

/** A batch on its way to another process: text as codes of the dictionaries that the model was loaded with. */
export interface PredictionTask extends CodedColumnBatch {
  readonly id: number;
}

export type PredictionAnswer =
  /** Before all others. */
  | { readonly model: 'loaded' | Failure }
  | { readonly id: number; readonly scores: Float32Array | Float64Array }
  | { readonly id: number; readonly failure: Failure };

/** An error loses its class and code on the way to another process. */
export interface Failure {
  readonly message: string;
  readonly code?: MlopsError['code'];
}

export function failureOf(error: unknown): Failure {
  if (error instanceof MlopsError) return { message: error.message, code: error.code };
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

export function errorOf({ message, code }: Failure): Error {
  return code === undefined ? new Error(message) : new MlopsError(code, message);
}
