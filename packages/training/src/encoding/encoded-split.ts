import type { Tensor } from '@tensorflow/tfjs-core';
import type { RunContext, RunSplit } from '@nx-mlops/core';
import { withDatabase } from '../data/database';
import { countRows, scanSelected, type ReadOptions } from '../data/read-columns';
import { seededRandom } from '../random/random';
import { shuffledIndices } from '../random/shuffle';
import { loadTensorFlow } from '../tensorflow';
import type { Encoder, FeatureColumn } from './encoder';
import { targetCondition, targetEncoder } from './target';

/** A batch as TensorFlow.js takes it: a tensor `[rows, width]`, or one a block by name; targets `[rows, 1]`. */
export interface Batch {
  readonly xs: Tensor | Record<string, Tensor>;
  readonly ys: Tensor;
}

/** What `model.fitDataset` wants. */
export interface BatchDataset {
  /** Batches an epoch. */
  readonly size: number;
  iterator(): Promise<{ next(): Promise<IteratorResult<Batch>> }>;
}

export interface BatchOptions {
  readonly batchSize: number;
  /** A new order each epoch, the same in each run. Without a seed: the order of the file. */
  readonly seed?: number;
}

/**
 * Rows of a split in memory, small: a 32-bit number a feature and row. They are encoded a batch at a time, so that
 * one-hot columns of millions of rows never stand in memory at once.
 */
export class EncodedSplit {
  constructor(
    readonly encoder: Encoder,
    private readonly columns: readonly FeatureColumn[],
    /** What the model learns to predict, a number a row: 0 or 1; the place among the classes; the scaled value. */
    readonly y: Float32Array,
  ) {}

  get rows(): number {
    return this.y.length;
  }

  /**
   * The encoded rows as matrices, one a block of the encoder, row by row.
   *
   * @param rows which rows, in which order; all when left out
   */
  encode(rows: Uint32Array = Uint32Array.from(this.y, (_, row) => row)): Float32Array[] {
    return this.encoder.encode(this.columns, rows);
  }

  /** The targets of some rows. */
  targets(rows: Uint32Array): Float32Array {
    return Float32Array.from(rows, (row) => this.y[row] as number);
  }

  /** Some rows as tensors, which the caller disposes. */
  async batch(rows: Uint32Array): Promise<Batch> {
    const tensorFlow = await loadTensorFlow();
    const tensors = this.encode(rows).map((values, block) =>
      tensorFlow.tensor2d(values, [rows.length, this.encoder.blocks[block]?.width as number]),
    );
    const names = this.encoder.blocks.map(({ name }) => name);
    const [only] = tensors;
    return {
      xs:
        tensors.length === 1 && only !== undefined
          ? only
          : Object.fromEntries(tensors.map((tensor, block) => [names[block], tensor])),
      ys: tensorFlow.tensor2d(this.targets(rows), [rows.length, 1]),
    };
  }

  /** All rows as tensors, for `model.fit(xs, ys)`, where they fit into memory: rows × width × 4 bytes. */
  tensors(): Promise<Batch> {
    return this.batch(Uint32Array.from(this.y, (_, row) => row));
  }

  /** The rows in batches, for `model.fitDataset(data.batches({ batchSize, seed: run.seed }), …)`. */
  batches({ batchSize, seed }: BatchOptions): BatchDataset {
    let epoch = 0;
    return {
      size: Math.ceil(this.rows / batchSize),
      iterator: async () => {
        const order = this.order(seed, epoch++);
        let start = 0;
        return {
          next: async () => {
            if (start >= order.length) return { done: true, value: undefined };
            const rows = order.subarray(start, start + batchSize);
            start += batchSize;
            return { done: false, value: await this.batch(rows) };
          },
        };
      },
    };
  }

  /** The order in which an epoch takes the rows. */
  order(seed: number | undefined, epoch: number): Uint32Array {
    if (seed === undefined) return Uint32Array.from(this.y, (_, row) => row);
    return shuffledIndices(this.rows, seededRandom(seed, 'epoch', epoch));
  }
}

/**
 * Reads the rows of a split whose target is known, streamed by DuckDB into typed arrays.
 *
 * @throws MlopsError MLOPS_TRAINING_TARGET and MLOPS_TRAINING_UNKNOWN_LABEL where the target cannot be learned
 */
export async function readEncoded(
  context: Pick<RunContext, 'task' | 'target' | 'classes'>,
  split: RunSplit,
  encoder: Encoder,
  { maxRows = Infinity, seed = 0 }: ReadOptions = {},
): Promise<EncodedSplit> {
  const where = targetCondition(context.task, context.target);
  const encodeTarget = targetEncoder(context, encoder.target, split);
  const names = [...encoder.features.map(({ feature }) => feature), context.target.name];
  return withDatabase(async (connection) => {
    const available = await countRows(connection, split, where);
    const rows = Math.min(available, maxRows);
    const columns = encoder.features.map((_, feature) => encoder.emptyColumn(feature, rows));
    const y = new Float32Array(rows);
    let row = 0;
    await scanSelected(
      connection,
      split,
      { names, where, rows: available, maxRows, seed },
      (chunk, index) => {
        columns.forEach((column, feature) => {
          column[row] = encoder.valueOf(
            feature,
            chunk.getColumnVector(feature).getItem(index) as string | number | null,
          );
        });
        y[row] = encodeTarget(chunk.getColumnVector(columns.length).getItem(index) as string | number);
        row++;
      },
    );
    return new EncodedSplit(encoder, columns, y);
  });
}
