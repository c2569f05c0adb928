import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  MlopsError,
  messageOf,
  sha256OfBytes,
  type Evaluation,
  type Sample,
  type SliceValue,
} from '@nx-mlops/core';
import type { Codes } from './coded-column';
import { parseNpy, type NpyArray, type NpyData } from './npy';

/** A slice of the config over the rows of a sample. */
export interface StoredSlice {
  readonly values: readonly SliceValue[];
  /** Index into `values` of each row; `values.length` for a value that was left out. */
  readonly codes: Codes;
}

/** What a former evaluation kept, one entry a row of its split. */
export interface StoredPredictions {
  /** Absent where an evaluation script wrote metrics of each row alone. */
  readonly sample?: Sample;
  readonly weights?: Float64Array;
  readonly groups?: Uint32Array;
  /** By name, as gates call them. */
  readonly slices: ReadonlyMap<string, StoredSlice>;
  /** Of an evaluation script, by metric. */
  readonly rowMetrics: ReadonlyMap<string, Float64Array>;
}

/**
 * Reads the predictions beside an evaluation.json, each file checked against its digest, type and length.
 *
 * @param folder that evaluation.json lies in, absolute
 * @returns undefined when the evaluation kept none: a custom task, or a script that wrote metrics alone
 * @throws MlopsError MLOPS_PREDICTIONS_CORRUPT naming the file
 */
export async function readPredictions(
  folder: string,
  evaluation: Evaluation,
): Promise<StoredPredictions | undefined> {
  const { predictions, model } = evaluation;
  if (predictions === undefined) return undefined;
  const { rows } = predictions;
  const read = <Values extends NpyData>(
    entry: FileEntry,
    types: readonly (new (length: number) => Values)[],
    width = 1,
  ): Promise<Values> => readValues({ folder, entry, rows, width, types, model });

  const { weights, groups } = predictions;
  const rowProperties = {
    ...(weights === undefined ? {} : { weights: await read<Float64Array>(weights, [Float64Array]) }),
    ...(groups === undefined ? {} : { groups: await read<Uint32Array>(groups, [Uint32Array]) }),
  };
  const sample = await readSample(evaluation, predictions, rowProperties, read);
  const slices = new Map<string, StoredSlice>();
  for (const [name, { values, ...entry }] of Object.entries(predictions.slices)) {
    const codes = await read<Codes>(entry, [Uint8Array, Uint16Array, Uint32Array]);
    if (codes.some((code) => code > values.length)) {
      throw corrupt(join(folder, entry.file), model, `has codes beyond its ${values.length} values`);
    }
    slices.set(name, { values, codes });
  }
  const rowMetrics = new Map<string, Float64Array>();
  for (const [name, entry] of Object.entries(predictions.rowMetrics ?? {})) {
    rowMetrics.set(name, await read(entry, [Float64Array]));
  }
  return { ...(sample === undefined ? {} : { sample }), ...rowProperties, slices, rowMetrics };
}

type FileEntry = NonNullable<NonNullable<Evaluation['predictions']>['scores']>;
type Read = <Values extends NpyData>(
  entry: FileEntry,
  types: readonly (new (length: number) => Values)[],
  width?: number,
) => Promise<Values>;

async function readSample(
  { task, threshold, classes = [], model }: Evaluation,
  { scores, truth, queries }: NonNullable<Evaluation['predictions']>,
  rowProperties: Pick<Sample, 'weights' | 'groups'>,
  read: Read,
): Promise<Sample | undefined> {
  if (scores === undefined && truth === undefined) return undefined;
  if (scores === undefined || truth === undefined) throw incomplete(model, 'scores and truth together');
  const floats = [Float32Array, Float64Array];
  switch (task) {
    case 'binary-classification':
      if (threshold === undefined) throw incomplete(model, 'threshold');
      return {
        task,
        scores: await read<Float32Array | Float64Array>(scores, floats),
        labels: await read(truth, [Uint8Array]),
        threshold,
        ...rowProperties,
      };
    case 'multiclass-classification':
      return {
        task,
        scores: await read<Float32Array | Float64Array>(scores, floats, classes.length),
        labels: await read(truth, [Uint16Array]),
        classCount: classes.length,
        ...rowProperties,
      };
    case 'regression':
      return {
        task,
        scores: await read<Float32Array | Float64Array>(scores, floats),
        targets: await read(truth, [Float64Array]),
        ...rowProperties,
      };
    case 'ranking':
      if (queries === undefined) throw incomplete(model, 'predictions.queries');
      return {
        task,
        scores: await read<Float32Array | Float64Array>(scores, floats),
        relevance: await read(truth, [Float64Array]),
        queries: await read(queries, [Uint32Array]),
        ...rowProperties,
      };
    case 'custom':
      throw incomplete(model, 'a task with predictions');
  }
}

async function readValues<Values extends NpyData>({
  folder,
  entry,
  rows,
  width,
  types,
  model,
}: {
  readonly folder: string;
  readonly entry: FileEntry;
  readonly rows: number;
  readonly width: number;
  readonly types: readonly (new (length: number) => Values)[];
  readonly model: string;
}): Promise<Values> {
  const file = join(folder, entry.file);
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw corrupt(file, model, `cannot be read (${messageOf(error)})`, error);
  }
  if (bytes.length !== entry.size || sha256OfBytes(bytes) !== entry.sha256) {
    throw corrupt(file, model, 'is not the file that evaluation.json tells of');
  }
  let array: NpyArray;
  try {
    array = parseNpy(bytes, file);
  } catch (error) {
    throw corrupt(file, model, 'is no NumPy file of ours', error);
  }
  const { data, shape } = array;
  const [first, second = 1, ...rest] = shape;
  const typed = types.find((type) => data instanceof type);
  if (typed === undefined || first !== rows || second !== width || rest.length > 0) {
    throw corrupt(
      file,
      model,
      `holds ${data.constructor.name} of shape [${shape.join(', ')}], where ${types.map(({ name }) => name).join(' or ')} of ${rows} rows${width === 1 ? '' : ` and ${width} columns`} is wanted`,
    );
  }
  return data as Values;
}

function incomplete(model: string, what: string): MlopsError {
  return new MlopsError(
    'MLOPS_PREDICTIONS_CORRUPT',
    `The evaluation of "${model}" has predictions but no ${what}, so they cannot be read. Run nx run ${model}:evaluate --skip-nx-cache.`,
  );
}

function corrupt(file: string, model: string, what: string, cause?: unknown): MlopsError {
  return new MlopsError(
    'MLOPS_PREDICTIONS_CORRUPT',
    `${what}. Perhaps a cache entry was half restored: run nx run ${model}:evaluate --skip-nx-cache.`,
    { file },
    { cause },
  );
}
