import { availableParallelism } from 'node:os';
import type { FloatArray } from '@nx-mlops/core';
import type { LoadedModel } from '@nx-mlops/runtime';
import type { CodedBatch } from '../data/split-file';
import type { Scorer } from './predict-split';
import { PredictionHelper } from './prediction-helper';

/** Rows below which starting a process takes longer than it saves. */
const leastRows = 100_000;
/** One process cannot read and measure for more. */
const mostHelpers = 3;
/** Bytes of all copies of the model: each process loads its own. */
const mostModelBytes = 256 * 2 ** 20;
/** Batches that a helper is given before it has answered: one to work on, one to go on with. */
const aheadOfHelper = 2;
/** Batches that wait for whoever is free first, so that nobody waits while another is slow. */
const waitingBatches = 6;

/**
 * How many processes shall predict beside this one: one for each further core, fewer for a large model, none for few rows.
 *
 * @param cores @default those that this process may use
 */
export function helpersFor(
  { rows, modelSize }: { readonly rows: number; readonly modelSize: number },
  cores = availableParallelism(),
): number {
  if (rows < leastRows) return 0;
  const copies = Math.floor(mostModelBytes / Math.max(1, modelSize));
  return Math.max(0, Math.min(cores - 1, mostHelpers, copies - 1));
}

/**
 * Predicts here and in other processes at once, each with the same model, loaded by the same runtime. `session.run` of
 * onnxruntime-node works on the thread that calls it, so one thread alone would keep one core busy. Processes, not worker
 * threads: one that is stopped inside ONNX Runtime takes down the whole program if it is a thread.
 *
 * Scores do not depend on who predicts a batch.
 */
export class ParallelScorer implements Scorer {
  readonly manifest: LoadedModel['manifest'];
  readonly ahead: number;
  readonly #model: LoadedModel;
  readonly #helpers: readonly PredictionHelper[];
  readonly #waiting: Waiting[] = [];
  #isBusyHere = false;

  /**
   * @param modelFile the one that `model` was loaded from
   * @param helpers processes beside this one, from 0
   */
  constructor(model: LoadedModel, modelFile: string, helpers: number) {
    this.manifest = model.manifest;
    this.ahead = helpers === 0 ? 1 : 1 + helpers * aheadOfHelper + waitingBatches;
    this.#model = model;
    this.#helpers = Array.from(
      { length: helpers },
      () => new PredictionHelper(modelFile, model.manifest, () => this.#distribute()),
    );
  }

  /** @throws MlopsError what `LoadedModel.predict` throws; MLOPS_PREDICTION_FAILED when a process ended by itself */
  predict(batch: CodedBatch): Promise<FloatArray> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject });
      this.#distribute();
    });
  }

  /** Ends the other processes, whatever they are at. The model stays loaded. */
  async close(): Promise<void> {
    await Promise.all(this.#helpers.map((helper) => helper.close()));
  }

  #distribute(): void {
    const failure = this.#helpers.find((helper) => helper.failure !== undefined)?.failure;
    if (failure !== undefined) for (const { reject } of this.#waiting.splice(0)) reject(failure);
    while (this.#waiting.length > 0) {
      const predict = this.#whoIsFree();
      if (predict === undefined) return;
      const { batch, resolve, reject } = this.#waiting.shift() as Waiting;
      predict(batch).then(resolve, reject);
    }
  }

  /** Others first: this process reads as well. */
  #whoIsFree(): Scorer['predict'] | undefined {
    const [helper] = this.#helpers
      .filter(({ isReady, underWay }) => isReady && underWay < aheadOfHelper)
      .sort((one, other) => one.underWay - other.underWay);
    if (helper !== undefined) return (batch) => helper.predict(batch);
    return this.#isBusyHere ? undefined : (batch) => this.#predictHere(batch);
  }

  async #predictHere(batch: CodedBatch): Promise<FloatArray> {
    this.#isBusyHere = true;
    try {
      return await this.#model.predict(batch);
    } finally {
      this.#isBusyHere = false;
      this.#distribute();
    }
  }
}

interface Waiting {
  readonly batch: CodedBatch;
  readonly resolve: (scores: FloatArray) => void;
  readonly reject: (error: unknown) => void;
}
