import type { ModelManifest, TensorSignature } from '@nx-mlops/core';
import { MlopsError, suggestion } from '@nx-mlops/core/light';
import type { ColumnBatch, ColumnValues } from '../column-batch';
import type { Tensor } from '../tensor';
import { BufferPool } from './buffer-pool';
import { writeColumn, type Feature } from './write-column';

export interface EncodedBatch {
  readonly feeds: Record<string, Tensor>;
  /** Gives the buffers back; call it when the feeds have been run. */
  readonly done: () => void;
}

/** Turns columns into the tensors that a model takes. Buffers are reused from batch to batch. */
export class BatchEncoder {
  readonly #manifest: ModelManifest;
  readonly #inputs: ReadonlyMap<string, TensorSignature>;
  readonly #pool = new BufferPool();

  constructor(manifest: ModelManifest) {
    this.#manifest = manifest;
    this.#inputs = new Map(manifest.inputs.map((input) => [input.name, input]));
  }

  /** @throws MlopsError MLOPS_BATCH_COLUMN, MLOPS_BATCH_VALUE */
  encode(batch: ColumnBatch): EncodedBatch {
    const taken: Taken = [];
    const done = () => {
      for (const [type, buffer] of taken.splice(0)) this.#pool.give(type, buffer);
    };
    try {
      return { feeds: this.#feeds(batch, taken), done };
    } catch (error) {
      done();
      throw error;
    }
  }

  #feeds(batch: ColumnBatch, taken: Taken): Record<string, Tensor> {
    switch (this.#manifest.inputLayout) {
      case 'columns':
        return this.#columns(batch, taken);
      case 'matrix':
        return this.#matrix(batch, taken);
      case 'custom':
        throw new MlopsError(
          'MLOPS_MODEL_NO_SCORES',
          `"${this.#manifest.model}" takes its own form of input; use run() with its own tensors.`,
        );
      default:
        return this.#manifest.inputLayout satisfies never;
    }
  }

  #columns(batch: ColumnBatch, taken: Taken): Record<string, Tensor> {
    const feeds: Record<string, Tensor> = {};
    for (const feature of this.#manifest.features) {
      const input = this.#inputs.get(feature.name);
      if (input === undefined) throw noInput(this.#manifest.model, feature.name);
      const dims = input.shape.length === 1 ? [batch.rows] : [batch.rows, 1];
      const values = columnOf(batch, feature);
      const data = fitsAsItIs(values, input.type) ? values : this.#take(input.type, batch.rows, taken);
      if (data !== values) writeColumn({ type: input.type, data, offset: 0, stride: 1 }, values, feature);
      feeds[feature.name] = { type: input.type, dims, data };
    }
    return feeds;
  }

  #matrix(batch: ColumnBatch, taken: Taken): Record<string, Tensor> {
    const { features, inputs } = this.#manifest;
    const input = inputs[0];
    if (input === undefined) throw noInput(this.#manifest.model, 'features');
    const stride = features.length;
    const data = this.#take(input.type, batch.rows * stride, taken);
    features.forEach((feature, offset) => {
      writeColumn({ type: input.type, data, offset, stride }, columnOf(batch, feature), feature);
    });
    return { [input.name]: { type: input.type, dims: [batch.rows, stride], data } };
  }

  #take(type: Tensor['type'], length: number, taken: Taken): Tensor['data'] {
    const buffer = this.#pool.take(type, length);
    taken.push([type, buffer.whole]);
    return buffer.data;
  }
}

type Taken = [type: Tensor['type'], buffer: Tensor['data']][];

/** A typed array of just the input's type needs no copy. */
function fitsAsItIs(
  values: ColumnValues,
  type: Tensor['type'],
): values is Float32Array | Float64Array | Int32Array {
  return (
    (type === 'float32' && values instanceof Float32Array) ||
    (type === 'float64' && values instanceof Float64Array) ||
    (type === 'int32' && values instanceof Int32Array)
  );
}

function columnOf({ rows, columns }: ColumnBatch, { name }: Feature): ColumnValues {
  const values = columns[name];
  if (values === undefined) {
    throw new MlopsError(
      'MLOPS_BATCH_COLUMN',
      `the batch has no column "${name}", which the model takes.${suggestion(name, Object.keys(columns))}`,
    );
  }
  if (values.length !== rows) {
    throw new MlopsError(
      'MLOPS_BATCH_COLUMN',
      `column "${name}" holds ${values.length} values, but the batch has ${rows} rows. Give every column the same length.`,
    );
  }
  return values;
}

function noInput(model: string, name: string): MlopsError {
  return new MlopsError(
    'MLOPS_MODEL_SIGNATURE',
    `the manifest of "${model}" has no input "${name}". It was written by another version or by hand; train again.`,
  );
}
