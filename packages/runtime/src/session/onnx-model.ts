import type { ModelManifest } from '@nx-mlops/core';
import { messageOf, MlopsError } from '@nx-mlops/core/light';
import type { Tensor as OnnxTensor, TensorConstructor } from 'onnxruntime-node';
import type { ColumnBatch } from '../column-batch';
import { BatchEncoder } from '../encoding/batch-encoder';
import { readScores } from '../scores/read-scores';
import type { Tensor, TensorData } from '../tensor';
import type { LoadedModel } from './loaded-model';
import type { OnnxSession } from './onnx-runtime';

export class OnnxModel implements LoadedModel {
  readonly #session: OnnxSession;
  readonly #Tensor: TensorConstructor;
  readonly #encoder: BatchEncoder;
  readonly #outputNames: readonly string[];
  #running = 0;
  #idle: (() => void) | undefined;
  #released: Promise<void> | undefined;

  constructor(
    readonly manifest: ModelManifest,
    session: OnnxSession,
    tensor: TensorConstructor,
  ) {
    this.#session = session;
    this.#Tensor = tensor;
    this.#encoder = new BatchEncoder(manifest);
    this.#outputNames = manifest.outputs.map(({ name }) => name);
  }

  async predict(batch: ColumnBatch): Promise<Float32Array | Float64Array> {
    const { scoreOutput } = this.manifest;
    if (scoreOutput === undefined) {
      throw new MlopsError(
        'MLOPS_MODEL_NO_SCORES',
        `"${this.manifest.model}" is a custom task without a score output; use run() with its own tensors.`,
      );
    }
    if (batch.rows === 0) return new Float32Array(0);
    const { feeds, done } = this.#encoder.encode(batch);
    try {
      const outputs = await this.run(feeds, [scoreOutput]);
      return readScores(this.manifest, outputs[scoreOutput], batch.rows);
    } finally {
      done();
    }
  }

  async run(
    feeds: Readonly<Record<string, Tensor>>,
    outputs: readonly string[] = this.#outputNames,
  ): Promise<Record<string, Tensor>> {
    if (this.#released !== undefined) {
      throw new MlopsError('MLOPS_MODEL_RELEASED', `"${this.manifest.model}" was released; load it again.`);
    }
    this.#running += 1;
    try {
      const results = await this.#session.run(this.#toOnnx(feeds), outputs);
      return Object.fromEntries(outputs.map((name) => [name, fromOnnx(results[name] as OnnxTensor)]));
    } catch (error) {
      throw new MlopsError(
        'MLOPS_PREDICTION_FAILED',
        `ONNX Runtime could not run "${this.manifest.model}": ${messageOf(error)}`,
        {},
        { cause: error },
      );
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#idle?.();
    }
  }

  release(): Promise<void> {
    this.#released ??= this.#releaseWhenIdle();
    return this.#released;
  }

  async #releaseWhenIdle(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    await this.#session.release();
  }

  #toOnnx(feeds: Readonly<Record<string, Tensor>>): Record<string, OnnxTensor> {
    const tensors: Record<string, OnnxTensor> = {};
    for (const [name, { type, data, dims }] of Object.entries(feeds)) {
      // The overloads of the constructor tie each type to its array; ours are tied already by `Tensor`'s makers.
      tensors[name] = new this.#Tensor(type as 'float32', data as Float32Array, dims);
    }
    return tensors;
  }
}

function fromOnnx(tensor: OnnxTensor): Tensor {
  return { type: tensor.type as Tensor['type'], dims: tensor.dims, data: tensor.data as TensorData };
}
