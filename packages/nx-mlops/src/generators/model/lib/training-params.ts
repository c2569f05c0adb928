/** The params that every training template knows, as they stand in a new model.config.json. */
export interface TrainingParams {
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly hiddenUnits: number;
  /** Rows that the training reads at most: a seeded sample of the split. */
  readonly maxRows: number;
}

/** A row of a typical table in a CSV or Parquet file; only its order of magnitude matters. */
const bytesPerRow = 50;
/** Rows that the training looks at in all epochs together: seconds on one core. */
const rowsToSee = 600_000;
const maxRows = 200_000;
const fewRows = 10_000;

/**
 * Params that train for some seconds, whatever the size of the data: many passes over few rows, few over many.
 *
 * @param sourceBytes size of the dataset's source files; undefined when it is not known
 */
export function trainingParams(sourceBytes: number | undefined): TrainingParams {
  const rows = Math.min(
    maxRows,
    Math.max(1, Math.round((sourceBytes ?? maxRows * bytesPerRow) / bytesPerRow)),
  );
  return {
    epochs: Math.min(30, Math.max(3, Math.round(rowsToSee / rows))),
    batchSize: rows < fewRows ? 32 : 512,
    learningRate: rows < fewRows ? 0.005 : 0.003,
    hiddenUnits: 32,
    maxRows,
  };
}
