import { MlopsError, type Column, type FloatArray, type ModelManifest, type Sample } from '@nx-mlops/core';
import { defaultBatchRows, type ColumnBatch } from '@nx-mlops/runtime';
import { SplitFile, type CodedBatch } from '../data/split-file';
import type { LocalSplit } from '../training/project-folder';
import { checkSomeWeight, groupReader, weightReader } from './row-readers';
import { sliceReaders, type SliceColumn, type SliceReader } from './slice-columns';
import type { EvaluationColumns } from './split-columns';
import { truthReader, type Truth } from './truth-reader';

/** What answers to rows: a model, or what a script has written of them. */
export interface Scorer {
  readonly manifest: Pick<ModelManifest, 'task' | 'classes'>;
  /** Calls under way at once, at most. @default 1 */
  readonly ahead?: number;
  /** Called with one batch after the other, in the order of the rows. */
  predict(batch: CodedBatch): Promise<FloatArray>;
}

/** A split with the model's answers beside the truth. */
export interface PredictedSplit {
  readonly sample: Sample;
  readonly slices: readonly SliceColumn[];
  /** Features with few values that were not sliced, since there are too many of them. */
  readonly automaticLeftOut: readonly string[];
  /** The first rows as the model took them. */
  readonly firstBatch: ColumnBatch;
}

export interface PredictOptions {
  /** Of a binary classification. */
  readonly threshold: number;
  readonly signal: AbortSignal;
  /** Rows done, after each batch. */
  readonly onProgress?: (rows: number) => void;
  /** Each batch in order, as the model takes it, and the row of the split that it begins with. */
  readonly onBatch?: (batch: ColumnBatch, offset: number) => void;
}

/**
 * Streams a split through a model. Memory is bounded by the scores, the truth and a byte or two a row and slice; the
 * features of as many batches as the model takes at once. The next batch is read while ONNX Runtime works on this one.
 *
 * @throws MlopsError of the model's `predict`, of the target (MLOPS_TARGET_MISSING, MLOPS_UNKNOWN_CLASS,
 *   MLOPS_RELEVANCE), of weights and groups (MLOPS_WEIGHT, MLOPS_GROUP_MISSING), of slices (MLOPS_SLICE_VALUES,
 *   MLOPS_SLICE_SQL), MLOPS_SPLIT_ROWS when the file has not the rows of its manifest; the signal's reason
 */
export async function predictSplit(
  model: Scorer,
  split: LocalSplit,
  columns: EvaluationColumns,
  { threshold, signal, onProgress = () => undefined, onBatch }: PredictOptions,
): Promise<PredictedSplit> {
  const { rows } = split.manifest;
  const where = nameOfSplit(split);
  const { target, weight, groupBy, query, configFile } = columns;
  const truth = truthReader(model.manifest, target, rows, where);
  const weights = weight === undefined ? undefined : weightReader(weight, rows, where);
  const groups = groupBy === undefined ? undefined : groupReader(groupBy, rows, where);
  const queries = query === undefined ? undefined : groupReader(query, rows, where);
  const perRow = truth.truth.task === 'multiclass-classification' ? truth.truth.classCount : 1;
  let scores: FloatArray | undefined;
  let firstBatch: ColumnBatch = { rows: 0, columns: {} };
  let done = 0;

  const file = await SplitFile.open(split.path, { signal });
  let slices: { readonly readers: SliceReader[]; readonly automaticLeftOut: readonly string[] };
  try {
    slices = await sliceReaders(file, columns.slices, { rows, where, configFile });
    const { readers } = slices;
    const batches = file.batches(columnsRead(columns), {
      batchRows: defaultBatchRows,
      coded: readers.map(({ coded }) => coded),
    });
    await forEachPrediction(model, batches, {
      onBatch(batch, offset) {
        if (offset + batch.rows > rows) throw otherRows(where, rows);
        if (offset === 0) firstBatch = batch;
        onBatch?.(batch, offset);
        truth.take(valuesOf(batch, target), offset, batch.rows);
        if (weight !== undefined) weights?.take(valuesOf(batch, weight), offset, batch.rows);
        if (groupBy !== undefined) groups?.take(valuesOf(batch, groupBy), offset, batch.rows);
        if (query !== undefined) queries?.take(valuesOf(batch, query), offset, batch.rows);
        for (const [index, reader] of readers.entries()) {
          const codes = batch.codes[index];
          if (codes !== undefined) reader.take(codes, offset);
        }
      },
      onScores(batchScores, batch, offset) {
        signal.throwIfAborted();
        scores ??=
          batchScores instanceof Float64Array
            ? new Float64Array(rows * perRow)
            : new Float32Array(rows * perRow);
        scores.set(batchScores, offset * perRow);
        done = offset + batch.rows;
        onProgress(done);
      },
      where: (offset) => `the batch that begins with row ${offset} of ${where}`,
    });
  } finally {
    await file.close();
  }
  if (done !== rows) throw otherRows(where, rows);
  if (weight !== undefined && weights !== undefined) checkSomeWeight(weights.values, weight, where);
  return {
    sample: sampleOf(truth.truth, scores ?? new Float32Array(0), {
      threshold,
      weights: weights?.values,
      groups: groups?.values,
      queries: queries?.values,
    }),
    slices: slices.readers.map(({ column }) => column),
    automaticLeftOut: slices.automaticLeftOut,
    firstBatch,
  };
}

/** The split as people name it, such as `flights:test`. */
export function nameOfSplit({ manifest }: Pick<LocalSplit, 'manifest'>): string {
  return `${manifest.dataset}:${manifest.split}`;
}

function columnsRead({ features, target, weight, groupBy, query }: EvaluationColumns): Column[] {
  const all = [...features, target, weight, groupBy, query].filter((column) => column !== undefined);
  return [...new Map(all.map((column) => [column.name, column])).values()];
}

function sampleOf(
  truth: Truth,
  scores: FloatArray,
  {
    threshold,
    weights,
    groups,
    queries = new Uint32Array(0),
  }: {
    readonly threshold: number;
    readonly weights: Float64Array | undefined;
    readonly groups: Uint32Array | undefined;
    readonly queries: Uint32Array | undefined;
  },
): Sample {
  const rowProperties = {
    ...(weights === undefined ? {} : { weights }),
    ...(groups === undefined ? {} : { groups }),
  };
  switch (truth.task) {
    case 'binary-classification':
      return { ...truth, scores, threshold, ...rowProperties };
    case 'multiclass-classification':
    case 'regression':
      return { ...truth, scores, ...rowProperties };
    case 'ranking':
      return { ...truth, scores, queries, ...rowProperties };
  }
}

/** Both are called in the order of the rows; `offset` is the row of the split that the batch begins with. */
async function forEachPrediction(
  model: Scorer,
  batches: AsyncGenerator<CodedBatch>,
  use: {
    /** While the model works on it. */
    readonly onBatch: (batch: CodedBatch, offset: number) => void;
    readonly onScores: (scores: FloatArray, batch: CodedBatch, offset: number) => void;
    /** What a row number inside a batch is relative to. */
    readonly where: (offset: number) => string;
  },
): Promise<void> {
  const { ahead = 1 } = model;
  const underWay: (() => Promise<void>)[] = [];
  const endFirst = () => underWay.shift()?.();
  let offset = 0;
  let next = batches.next();
  try {
    for (let item = await next; item.done !== true; item = await next) {
      const batch = item.value;
      const start = offset;
      const prediction = model.predict(batch);
      // Its failure is met below, where it is awaited; until then nobody else listens.
      prediction.catch(() => undefined);
      underWay.push(async () => {
        const scores = await prediction.catch((error: unknown) => {
          throw locateRow(error, use.where(start));
        });
        use.onScores(scores, batch, start);
      });
      next = batches.next();
      next.catch(() => undefined);
      use.onBatch(batch, start);
      offset += batch.rows;
      if (underWay.length >= ahead) await endFirst();
    }
    while (underWay.length > 0) await endFirst();
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

function valuesOf(batch: ColumnBatch, { name }: Column): ColumnBatch['columns'][string] {
  const values = batch.columns[name];
  if (values === undefined) throw new TypeError(`the batch lacks column ${name}`);
  return values;
}

function otherRows(where: string, rows: number): MlopsError {
  return new MlopsError(
    'MLOPS_SPLIT_ROWS',
    `has not the ${rows} rows that its manifest says. Run the prepare target of its dataset again with --skip-nx-cache.`,
    { file: where },
  );
}
