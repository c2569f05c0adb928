/** A split of a dataset, as a model's config names it. */
export interface SplitReference {
  /** Nx project. */
  readonly dataset: string;
  readonly split: string;
}

/** By what a script is run; decides which files and versions can change its result. */
export type ScriptLanguage = 'javascript' | 'python' | 'any';

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
  readonly language: ScriptLanguage;
  /** The evaluation gets the validation split. */
  readonly readsValidation: boolean;
  /** Of the script that evaluates in place of our predictions; undefined where there is none. */
  readonly evaluationScript?: ScriptLanguage;
  /** One training at a time on a machine. */
  readonly exclusive: boolean;
  /** Which machines of the CI train it; undefined for any. */
  readonly resourceClass?: string;
}

/** What the graph needs of a `dataset.config.json`. */
export interface DatasetSummary {
  readonly kind: 'dataset';
  readonly name?: string;
  readonly description?: string;
  readonly splits: readonly string[];
  /** The SQL file, relative to the config. */
  readonly sql?: string;
  /** Of the script that prepares it; undefined where SQL does. */
  readonly script?: ScriptLanguage;
  /** Its sources that are splits of other datasets, by name. */
  readonly upstream: Readonly<Record<string, SplitReference>>;
  /** The folder of the project's own checks, relative to the config. */
  readonly checks?: string;
}

export type ConfigSummary = ModelSummary | DatasetSummary;

/** A split that a config names, and where it does. */
export interface PlacedReference {
  /** Path inside the config, such as `datasets.train`. */
  readonly path: string;
  readonly reference: SplitReference;
}

/** All splits that a model or dataset is made from, in the order of its config. */
export function referencesOf(summary: ConfigSummary): PlacedReference[] {
  const [place, named] =
    summary.kind === 'model' ? ['datasets.', summary.datasets] : ['sources.', summary.upstream];
  const end = summary.kind === 'model' ? '' : '.dataset';
  return Object.entries(named as Readonly<Record<string, SplitReference | undefined>>).flatMap(
    ([name, reference]) => (reference === undefined ? [] : [{ path: `${place}${name}${end}`, reference }]),
  );
}

/** The datasets of these splits, each once, sorted. */
export function datasetsOf(summary: ConfigSummary): string[] {
  return [...new Set(referencesOf(summary).map(({ reference }) => reference.dataset))].sort();
}
