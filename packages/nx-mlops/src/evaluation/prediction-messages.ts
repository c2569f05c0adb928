import { MlopsError, type ModelManifest } from '@nx-mlops/core';
import type { ColumnBatch } from '@nx-mlops/runtime';
import type { CodedText } from '../data/coded-text';

/** The first message to a process that predicts. */
export interface PredictionModel {
  readonly file: string;
  readonly manifest: ModelManifest;
}

/** A batch on its way to another process: text of few distinct values goes as codes. */
export interface PredictionTask {
  readonly id: number;
  readonly rows: number;
  readonly columns: ColumnBatch['columns'];
  readonly texts: Readonly<Record<string, SentText>>;
}

/** `values` is left out where the process has them from a batch before. */
export type SentText = Pick<CodedText, 'codes'> & Partial<Pick<CodedText, 'values'>>;

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
