/** A split of a dataset, as a model's config names it. */
export interface SplitReference {
  /** Nx project. */
  readonly dataset: string;
  readonly split: string;
}

/** By what a training is run; decides which files and versions can change its result. */
export type TrainingLanguage = 'javascript' | 'python' | 'any';

/** What the graph needs of a `model.config.json`. Kept in the disk cache, so it holds plain JSON. */
export interface ModelSummary {
  readonly kind: 'model';
  readonly name?: string;
  readonly description?: string;
  readonly datasets: {
    readonly train: SplitReference;
    readonly validation?: SplitReference;
    readonly test: SplitReference;
  };
  readonly language: TrainingLanguage;
  /** One training at a time on a machine. */
  readonly exclusive: boolean;
}

/** What the graph needs of a `dataset.config.json`. */
export interface DatasetSummary {
  readonly kind: 'dataset';
  readonly name?: string;
  readonly description?: string;
  readonly splits: readonly string[];
  /** The SQL file, relative to the config. */
  readonly sql?: string;
  /** The folder of the project's own checks, relative to the config. */
  readonly checks?: string;
}

export type ConfigSummary = ModelSummary | DatasetSummary;
