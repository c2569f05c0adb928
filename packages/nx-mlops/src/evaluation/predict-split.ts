import { MlopsError, type FloatArray } from '@nx-mlops/core';
import { defaultBatchRows, type ColumnBatch, type LoadedModel } from '@nx-mlops/runtime';
import { readColumnBatches } from '../data/read-column-batches';
import type { LocalSplit } from '../training/project-folder';
import { sliceReader, type Slice } from './slice-reader';
import type { EvaluationColumns } from './split-columns';
import { truthReader, type Truth } from './truth-reader';

/** A split with the model's answers beside the truth. */
export interface PredictedSplit {
  readonly rows: number;
  /** `[rows]`, or row-major `[rows × classes]` for multiclass. */
  readonly scores: FloatArray;
  readonly truth: Truth;
  readonly slices: readonly Slice[];
  /** Slice columns of which only the largest slices are kept, and how many are not. */
  readonly cut: readonly { readonly column: string; readonly leftOut: number }[];
}

/**
 * Streams a split through a model. Memory is bounded by the scores, the truth and four bytes a row and slice column;
 * the features of a batch at a time. The next batch is read while ONNX Runtime works on this one.
 *
 * @param onProgress rows done, after each batch
 * @throws MlopsError of the model's `predict`, of the target (MLOPS_TARGET_MISSING, MLOPS_UNKNOWN_CLASS), of a slice
 *   (MLOPS_SLICE_VALUES), MLOPS_SPLIT_ROWS when the file has not the rows of its manifest; the signal's reason
 */
export async function predictSplit(
  model: LoadedModel,
  split: LocalSplit,
  columns: EvaluationColumns,
  signal: AbortSignal,
  onProgress: (rows: number) => void = () => undefined,
): Promise<PredictedSplit> {
  const { rows } = split.manifest;
  const where = `${split.manifest.dataset}:${split.manifest.split}`;
  const truth = truthReader(model.manifest, columns.target, rows, where);
  const slices = columns.slices.map((column) => ({ column, reader: sliceReader(column, rows, where) }));
  const perRow = truth.truth.task === 'multiclass-classification' ? truth.truth.classCount : 1;
  let scores: FloatArray | undefined;
  let done = 0;

  await forEachPrediction(
    model,
    readColumnBatches(split.path, columns.all, { batchRows: defaultBatchRows, signal }),
    {
      onBatch(batch) {
        if (done + batch.rows > rows) throw otherRows(where, rows);
        truth.take(valuesOf(batch, columns.target.name), done, batch.rows);
        for (const { column, reader } of slices) reader.take(valuesOf(batch, column.name), done, batch.rows);
      },
      onScores(batchScores, batch) {
        signal.throwIfAborted();
        scores ??=
          batchScores instanceof Float64Array
            ? new Float64Array(rows * perRow)
            : new Float32Array(rows * perRow);
        scores.set(batchScores, done * perRow);
        done += batch.rows;
        onProgress(done);
      },
      where: () => `the batch that begins with row ${done} of ${where}`,
    },
  );
  if (done !== rows) throw otherRows(where, rows);
  const gathered = slices.map(({ column, reader }) => ({ column: column.name, ...reader.slices() }));
  return {
    rows,
    scores: scores ?? new Float32Array(0),
    truth: truth.truth,
    slices: gathered.flatMap(({ kept }) => kept),
    cut: gathered.flatMap(({ column, leftOut }) => (leftOut === 0 ? [] : [{ column, leftOut }])),
  };
}

async function forEachPrediction(
  model: LoadedModel,
  batches: AsyncGenerator<ColumnBatch>,
  use: {
    /** While the model works on it. */
    readonly onBatch: (batch: ColumnBatch) => void;
    readonly onScores: (scores: Float32Array | Float64Array, batch: ColumnBatch) => void;
    /** What a row number inside a batch is relative to. */
    readonly where: () => string;
  },
): Promise<void> {
  let next = batches.next();
  try {
    for (let item = await next; item.done !== true; item = await next) {
      const batch = item.value;
      const prediction = model.predict(batch);
      // Its failure is met below, where it is awaited; until then nobody else listens.
      prediction.catch(() => undefined);
      next = batches.next();
      next.catch(() => undefined);
      use.onBatch(batch);
      use.onScores(
        await prediction.catch((error: unknown) => {
          throw locateRow(error, use.where());
        }),
        batch,
      );
    }
  } finally {
    await next.catch(() => undefined);
    await batches.return(undefined);
  }
}

/** The runtime counts rows within what it is given. */
function locateRow(error: unknown, where: string): unknown {
  if (!(error instanceof MlopsError) || error.code !== 'MLOPS_BATCH_VALUE') return error;
  return new MlopsError(
    error.code,
    `${error.message} (Rows are counted within ${where}.)`,
    {},
    { cause: error },
  );
}

function valuesOf(batch: ColumnBatch, column: string): ColumnBatch['columns'][string] {
  const values = batch.columns[column];
  if (values === undefined) throw new TypeError(`the batch lacks column ${column}`);
  return values;
}

function otherRows(where: string, rows: number): MlopsError {
  return new MlopsError(
    'MLOPS_SPLIT_ROWS',
    `has not the ${rows} rows that its manifest says. Run the prepare target of its dataset again with --skip-nx-cache.`,
    { file: where },
  );
}
