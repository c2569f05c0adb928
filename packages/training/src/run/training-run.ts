import { join } from 'node:path';
import type { CustomCallbackArgs, LayersModel } from '@tensorflow/tfjs-layers';
import {
  MlopsError,
  layout,
  suggestion,
  type MetricLine,
  type RunContext,
  type RunSplit,
} from '@nx-mlops/core';
import { readColumns, type Columns, type ReadOptions } from '../data/read-columns';
import { readEncoded, type EncodedSplit } from '../encoding/encoded-split';
import type { Encoder } from '../encoding/encoder';
import { fitEncoder, type EncoderOptions } from '../encoding/fit-encoder';
import { fitModel, type FitOptions, type FitResult } from '../fit/fit-model';
import { exportOnnx, type ExportOptions, type ExportedModel } from '../onnx/export-onnx';
import { seedFor } from '../random/seed-for';
import { Checkpoint } from './checkpoint';
import { MetricLog } from './metric-log';
import { paramsOver, type Params } from './params';

/** One training, as its script sees it. */
export class TrainingRun {
  readonly checkpoint: Checkpoint;
  private readonly metrics: MetricLog;

  constructor(
    /** Everything that the task handed over. */
    readonly context: RunContext,
    /** Aborted when the run is asked to stop. */
    readonly signal: AbortSignal = new AbortController().signal,
  ) {
    this.checkpoint = new Checkpoint(context.checkpointDir);
    this.metrics = new MetricLog(join(context.outputDir, layout.metricLog));
  }

  /** The seed of every random choice, from the model's config. */
  get seed(): number {
    return this.context.seed;
  }

  /** Classification: the labels in the order of the scores. Otherwise empty. */
  get classes(): NonNullable<RunContext['classes']> {
    return this.context.classes ?? [];
  }

  /** A seed for one purpose, such as the initializer of one layer: an integer of at least 1. */
  seedFor(name: string): number {
    return seedFor(this.seed, name);
  }

  /**
   * The params of `model.config.json` over these defaults, typed by them.
   *
   * @throws MlopsError MLOPS_TRAINING_UNKNOWN_PARAM, MLOPS_TRAINING_PARAM_TYPE
   */
  params<const Defaults extends RunContext['params']>(defaults: Defaults): Params<Defaults> {
    return paramsOver(defaults, this.context.params);
  }

  hasSplit(role: string): boolean {
    return this.context.datasets[role] !== undefined;
  }

  /**
   * A split by its role, `train` or `validation`.
   *
   * @throws MlopsError MLOPS_TRAINING_NO_SPLIT
   */
  split(role: string): RunSplit {
    const split = this.context.datasets[role];
    if (split !== undefined) return split;
    throw new MlopsError(
      'MLOPS_TRAINING_NO_SPLIT',
      `This model has no "${role}" split.${suggestion(role, Object.keys(this.context.datasets))} Name it under "datasets".`,
      { file: layout.modelConfig, path: `datasets.${role}` },
    );
  }

  /** Columns as they stand in the data, for a script that encodes them itself. */
  readColumns(role: string, names: readonly string[], options: ReadOptions = {}): Promise<Columns> {
    return readColumns(this.split(role), names, { seed: this.seed, ...options });
  }

  /** Learns from a split how its features become numbers: means, deviations, categories. */
  fitEncoder(role: string, options: EncoderOptions = {}): Promise<Encoder> {
    return fitEncoder(this.context, this.split(role), options);
  }

  /** Features and target of a split, ready to learn from. Rows without a target are left out. */
  readEncoded(role: string, encoder: Encoder, options: ReadOptions = {}): Promise<EncodedSplit> {
    return readEncoded(this.context, this.split(role), encoder, { seed: this.seed, ...options });
  }

  /** Appends a line to `metrics.jsonl`: a step, and any number of metrics. */
  log(line: MetricLine): void {
    this.metrics.append(line);
  }

  /** A callback for `model.fit` and `model.fitDataset` that logs the metrics of each epoch. */
  logEpochs(epochs?: number): CustomCallbackArgs {
    return {
      onEpochEnd: (epoch, logs) => {
        this.log({ step: epoch + 1, ...(epochs === undefined ? {} : { steps: epochs }), ...logs });
      },
    };
  }

  /**
   * Trains a compiled model: seeded order of the rows, metric lines, checkpoints, early stopping. The learning itself is
   * TensorFlow.js's `trainOnBatch`.
   */
  fit(model: LayersModel, data: EncodedSplit, options: FitOptions): Promise<FitResult> {
    return fitModel(
      {
        seed: this.seed,
        signal: this.signal,
        metrics: this.metrics,
        checkpoint: this.checkpoint,
        now: Date.now,
      },
      model,
      data,
      options,
    );
  }

  /** Writes `model.onnx`: encoding, model and the shape of the scores in one graph, which takes raw features. */
  exportOnnx(model: LayersModel, encoder: Encoder, options: ExportOptions = {}): Promise<ExportedModel> {
    return exportOnnx(this.context, model, encoder, options);
  }
}
