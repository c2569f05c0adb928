import { availableParallelism } from 'node:os';
import type { FloatArray } from '@nx-mlops/core';
import {
  codableFeatures,
  type CodedModel,
  type CodedText,
  type LoadedModel,
  type TextDictionaries,
} from '@nx-mlops/runtime';
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
 * Whether text shall be predicted by the codes of its values: that takes one more copy of the model in this process.
 *
 * @param helpers processes beside this one
 */
export function byCodes(
  { rows, modelSize }: { readonly rows: number; readonly modelSize: number },
  helpers: number,
): boolean {
  return rows >= leastRows && (helpers + 2) * modelSize <= mostModelBytes;
}

export interface ParallelScorerOptions {
  readonly model: LoadedModel;
  /** The one that `model` was loaded from. */
  readonly modelFile: string;
  /** Processes beside this one, from 0. */
  readonly helpers: number;
  /** Loads it once more, to take text by codes. Where this is left out, text is predicted as it is. */
  readonly loadCoded?: (dictionaries: TextDictionaries) => Promise<CodedModel>;
}

/**
 * Predicts here and in other processes at once, each with the same model, loaded by the same runtime. `session.run` of
 * onnxruntime-node works on the thread that calls it, so one thread alone would keep one core busy. Processes, not worker
 * threads: one that is stopped inside ONNX Runtime takes down the whole program if it is a thread.
 *
 * Scores do not depend on who predicts a batch, nor on whether its text comes by codes.
 */
export class ParallelScorer implements Scorer {
  readonly manifest: LoadedModel['manifest'];
  readonly ahead: number;
  readonly #options: ParallelScorerOptions;
  readonly #helpers: readonly PredictionHelper[];
  readonly #waiting: Waiting[] = [];
  #here: Pick<CodedModel, 'predict'> | undefined;
  #preparing: Promise<void> | undefined;
  #coded: CodedModel | undefined;
  #dictionaries: TextDictionaries = {};
  #isBusyHere = false;

  constructor(options: ParallelScorerOptions) {
    const { model, helpers } = options;
    this.manifest = model.manifest;
    this.ahead = helpers === 0 ? 1 : 1 + helpers * aheadOfHelper + waitingBatches;
    this.#options = options;
    this.#helpers = Array.from(
      { length: helpers },
      () => new PredictionHelper(model.manifest, () => this.#distribute()),
    );
  }

  /**
   * @param batch with the same distinct values of its text as the batches before
   * @throws MlopsError what `LoadedModel.predict` throws; MLOPS_PREDICTION_FAILED when a process ended by itself
   */
  predict(batch: CodedBatch): Promise<FloatArray> {
    this.#preparing ??= this.#prepare(batch);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject });
      this.#distribute();
    });
  }

  /** Ends the other processes, whatever they are at. The model stays loaded. */
  async close(): Promise<void> {
    await Promise.all(this.#helpers.map((helper) => helper.close()));
    await this.#preparing;
    await this.#coded?.release();
  }

  /** The first batch tells which text comes by codes, and by which. Never rejects. */
  async #prepare({ texts }: CodedBatch): Promise<void> {
    const { model, modelFile, loadCoded } = this.#options;
    const dictionaries: Record<string, CodedText['values']> = {};
    for (const name of codableFeatures(this.manifest)) {
      const text = texts[name];
      if (text !== undefined) dictionaries[name] = text.values;
    }
    if (Object.keys(dictionaries).length > 0) {
      // It is only quicker. Should ONNX Runtime not take it, the model as it is has been loaded already.
      this.#coded = await loadCoded?.(dictionaries).catch(() => undefined);
      if (this.#coded !== undefined) this.#dictionaries = dictionaries;
    }
    this.#here = this.#coded ?? model;
    for (const helper of this.#helpers) helper.load(modelFile, this.#dictionaries);
    this.#distribute();
  }

  #distribute(): void {
    if (this.#here === undefined) return;
    const failure = this.#helpers.find((helper) => helper.failure !== undefined)?.failure;
    if (failure !== undefined) for (const { reject } of this.#waiting.splice(0)) reject(failure);
    while (this.#waiting.length > 0) {
      const predict = this.#whoIsFree(this.#here);
      if (predict === undefined) return;
      const { batch, resolve, reject } = this.#waiting.shift() as Waiting;
      predict(batch).then(resolve, reject);
    }
  }

  /** Others first: this process reads as well. */
  #whoIsFree(here: Pick<CodedModel, 'predict'>): Scorer['predict'] | undefined {
    const [helper] = this.#helpers
      .filter(({ isReady, underWay }) => isReady && underWay < aheadOfHelper)
      .sort((one, other) => one.underWay - other.underWay);
    if (helper !== undefined) return (batch) => helper.predict(batch);
    return this.#isBusyHere ? undefined : (batch) => this.#predictHere(here, batch);
  }

  async #predictHere(here: Pick<CodedModel, 'predict'>, batch: CodedBatch): Promise<FloatArray> {
    this.#isBusyHere = true;
    try {
      return await here.predict(batch);
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
