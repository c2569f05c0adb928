import { setImmediate } from 'node:timers/promises';
import type { Scalar } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { MlopsError } from '@nx-mlops/core';
import type { EncodedSplit } from '../encoding/encoded-split';
import type { EncodedBlock } from '../encoding/encoder';
import { blocksOfInputs, inputsOf } from '../encoding/model-inputs';
import { seedGlobalRandom } from '../random/global-random';
import type { Checkpoint } from '../run/checkpoint';
import type { MetricLog } from '../run/metric-log';
import { restoreWeights, weightsOf, type SavedTensor } from '../run/saved-tensor';
import { loadTensorFlow } from '../tensorflow';
import { WeightedMeans } from './weighted-means';

export interface FitOptions {
  /** Passes over the data, at most. */
  readonly epochs: number;
  /** Rows a step. @default 512 */
  readonly batchSize?: number;
  /** Rows that the model is measured on after each epoch. */
  readonly validation?: EncodedSplit | undefined;
  /**
   * Early stopping: epochs without a smaller validation loss before training ends; the best weights are kept. Without
   * `validation`, or when left out, all epochs are trained and the last weights kept.
   */
  readonly patience?: number | undefined;
  /** Seconds between checkpoints; one more is saved when the run is asked to stop. @default 30 */
  readonly checkpointSeconds?: number;
}

export interface FitResult {
  /** Epochs trained. */
  readonly epochs: number;
  /** With validation: the smallest loss, and the epoch, counted from 1, that had it. */
  readonly best?: { readonly epoch: number; readonly loss: number };
}

/** What a training needs of the world around it. */
export interface FitSurroundings {
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly metrics: MetricLog;
  readonly checkpoint: Checkpoint;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Metric lines an epoch. Counted in steps, not by a clock, so that a rerun writes the same lines. */
const LINES_AN_EPOCH = 10;
const VALIDATION_BATCH = 4096;

/** Where a training stands: what a checkpoint remembers besides weights and optimizer. */
interface Progress {
  /** What is trained; a checkpoint of anything else is not taken up. */
  readonly of: string;
  /** Epochs that are done. */
  readonly epoch: number;
  /** Steps of the running epoch that are done. */
  readonly batch: number;
  /** Figures since the last metric line. */
  readonly means: WeightedMeans['state'];
  readonly best:
    { readonly epoch: number; readonly loss: number; readonly weights: readonly SavedTensor[] } | undefined;
  /** Metric lines so far. */
  readonly metrics: string;
}

/**
 * Trains a compiled model.
 *
 * The same seed, data and options give the same weights on the same backend; so does a run that was interrupted and taken
 * up again from its checkpoint.
 *
 * @throws MlopsError MLOPS_TRAINING_INTERRUPTED when asked to stop, MLOPS_TRAINING_DIVERGED when the loss is no longer a
 *   number, MLOPS_TRAINING_EMPTY_SPLIT without rows, MLOPS_TRAINING_MODEL_INPUT when the model does not take such rows
 */
export async function fitModel(
  surroundings: FitSurroundings,
  model: LayersModel,
  data: EncodedSplit,
  options: FitOptions,
): Promise<FitResult> {
  if (data.rows === 0) {
    throw new MlopsError(
      'MLOPS_TRAINING_EMPTY_SPLIT',
      'There is no row to train on. Look at the splits of the dataset.',
    );
  }
  return new Fitting(surroundings, model, data, options).run();
}

class Fitting {
  private readonly blocks: readonly EncodedBlock[];
  private readonly batchSize: number;
  private readonly steps: number;
  /** Step of the metric log at the start: a script may fit several times. */
  private readonly firstStep: number;
  private readonly identity: string;
  private epoch = 0;
  private batch = 0;
  private means = new WeightedMeans();
  private best: Progress['best'];
  private savedAt: number;

  constructor(
    private readonly surroundings: FitSurroundings,
    private readonly model: LayersModel,
    private readonly data: EncodedSplit,
    private readonly options: FitOptions,
  ) {
    const { epochs, batchSize = 512, patience = null } = options;
    this.blocks = blocksOfInputs(model, data.encoder);
    this.batchSize = batchSize;
    this.steps = Math.ceil(data.rows / batchSize);
    this.firstStep = surroundings.metrics.step;
    this.identity = JSON.stringify([
      surroundings.seed,
      data.rows,
      batchSize,
      epochs,
      patience,
      this.firstStep,
    ]);
    this.savedAt = surroundings.now();
  }

  async run(): Promise<FitResult> {
    await this.takeUp();
    while (this.epoch < this.options.epochs && !this.isExhausted()) await this.trainEpoch();
    const { best } = this;
    if (this.options.patience !== undefined && best !== undefined) {
      await restoreWeights(this.model, best.weights);
    }
    return {
      epochs: this.epoch,
      ...(best === undefined ? {} : { best: { epoch: best.epoch, loss: best.loss } }),
    };
  }

  private isExhausted(): boolean {
    const { patience } = this.options;
    return patience !== undefined && this.best !== undefined && this.epoch - this.best.epoch >= patience;
  }

  private async takeUp(): Promise<void> {
    const { checkpoint, metrics } = this.surroundings;
    const saved = await checkpoint.restore<Progress>(this.model, ({ of }) => of === this.identity);
    if (saved === undefined) return;
    this.epoch = saved.epoch;
    this.batch = saved.batch;
    this.means = WeightedMeans.from(saved.means);
    this.best = saved.best;
    metrics.restore(saved.metrics);
  }

  private async trainEpoch(): Promise<void> {
    const order = this.data.order(this.surroundings.seed, this.epoch);
    const every = Math.ceil(this.steps / LINES_AN_EPOCH);
    while (this.batch < this.steps) {
      await this.pause();
      await this.trainBatch(order.subarray(this.batch * this.batchSize, (this.batch + 1) * this.batchSize));
      this.batch++;
      if (this.batch % every === 0 && this.batch < this.steps) this.log({});
    }
    const validation = await this.validate();
    this.log(validation);
    this.epoch++;
    this.batch = 0;
    const loss = validation['val_loss'];
    if (loss !== undefined && (this.best === undefined || loss < this.best.loss)) {
      this.best = { epoch: this.epoch, loss, weights: await weightsOf(this.model) };
    }
  }

  private async trainBatch(rows: Uint32Array): Promise<void> {
    const tensorFlow = await loadTensorFlow();
    const batch = await this.data.batch(rows);
    // Dropout draws from Math.random. A stream a step lets a resumed run draw as the whole one does.
    const restoreRandom = seedGlobalRandom(this.surroundings.seed, 'step', this.epoch, this.batch);
    let figures: number | number[];
    try {
      figures = await this.model.trainOnBatch(inputsOf(batch, this.blocks), batch.ys);
    } finally {
      restoreRandom();
      tensorFlow.dispose([batch.xs, batch.ys]);
    }
    const named = this.named(typeof figures === 'number' ? [figures] : figures);
    this.checkLoss(named['loss']);
    this.means.add(named, rows.length);
  }

  private named(figures: readonly number[], prefix = ''): Record<string, number> {
    return Object.fromEntries(figures.map((figure, i) => [prefix + this.model.metricsNames[i], figure]));
  }

  private checkLoss(loss: number | undefined): void {
    if (Number.isFinite(loss)) return;
    throw new MlopsError(
      'MLOPS_TRAINING_DIVERGED',
      `Training diverged: the loss is ${loss} at step ${this.batch + 1} of epoch ${this.epoch + 1}. Lower the learning rate; if that does not help, look for features or a target that are far from the others in size.`,
    );
  }

  private async validate(): Promise<Record<string, number>> {
    const { validation } = this.options;
    if (validation === undefined || validation.rows === 0) return {};
    const tensorFlow = await loadTensorFlow();
    const means = new WeightedMeans();
    const order = validation.order(undefined, 0);
    for (let start = 0; start < order.length; start += VALIDATION_BATCH) {
      const rows = order.subarray(start, start + VALIDATION_BATCH);
      const batch = await validation.batch(rows);
      const result = this.model.evaluate(inputsOf(batch, this.blocks), batch.ys, { batchSize: rows.length });
      const scalars: Scalar[] = Array.isArray(result) ? result : [result];
      const figures = await Promise.all(scalars.map(async (scalar) => (await scalar.data())[0] as number));
      tensorFlow.dispose([batch.xs, batch.ys, scalars]);
      means.add(this.named(figures, 'val_'), rows.length);
    }
    return means.take();
  }

  private log(validation: Readonly<Record<string, number>>): void {
    const step = this.firstStep + this.epoch * this.steps + this.batch;
    this.surroundings.metrics.append({
      step,
      steps: this.firstStep + this.options.epochs * this.steps,
      rows: this.epoch * this.data.rows + Math.min(this.batch * this.batchSize, this.data.rows),
      ...this.means.take(),
      ...validation,
    });
  }

  /** Between two steps: lets signals through, stops when asked to, saves a checkpoint when it is time. */
  private async pause(): Promise<void> {
    await setImmediate();
    const { signal, now } = this.surroundings;
    if (signal.aborted) {
      await this.save();
      throw new MlopsError(
        'MLOPS_TRAINING_INTERRUPTED',
        `Training was stopped in epoch ${this.epoch + 1} of ${this.options.epochs}. A checkpoint is saved; the next run with the same inputs goes on from there.`,
      );
    }
    if (now() - this.savedAt >= (this.options.checkpointSeconds ?? 30) * 1000) await this.save();
  }

  private async save(): Promise<void> {
    const progress: Progress = {
      of: this.identity,
      epoch: this.epoch,
      batch: this.batch,
      means: this.means.state,
      best: this.best,
      metrics: this.surroundings.metrics.content,
    };
    await this.surroundings.checkpoint.save(this.model, progress);
    this.savedAt = this.surroundings.now();
  }
}
