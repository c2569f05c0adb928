import type { DuckDBConnection } from '@duckdb/node-api';
import { writeFile } from 'node:fs/promises';
import {
  MlopsError,
  canonicalJson,
  layout,
  suggestion,
  type EvaluationRun,
  type RunSplit,
  type ScriptMetrics,
} from '@nx-mlops/core';
import { identifier, tableOf, withDatabase } from '../data/database';
import { paramsOver, type Params } from '../run/params';

/** One evaluation of a model, as its script sees it. */
export class EvaluationScriptRun {
  constructor(
    /** Everything that the task handed over. */
    readonly context: EvaluationRun,
  ) {}

  /** The seed of every random choice, from the model's config. */
  get seed(): number {
    return this.context.seed;
  }

  /** Absolute path of the trained model. Read only. */
  get modelFile(): string {
    return this.context.modelFile;
  }

  /**
   * `evaluation.params` of `model.config.json` over these defaults, typed by them.
   *
   * @throws MlopsError MLOPS_TRAINING_UNKNOWN_PARAM, MLOPS_TRAINING_PARAM_TYPE
   */
  params<const Defaults extends EvaluationRun['params']>(defaults: Defaults): Params<Defaults> {
    return paramsOver(defaults, this.context.params, {
      file: layout.modelConfig,
      path: 'evaluation.params',
    });
  }

  /**
   * A split as a local Parquet file: `test`, or `validation` where the model has one.
   *
   * @throws MlopsError MLOPS_EVALUATION_NO_SPLIT
   */
  split(role: 'test' | 'validation' = 'test'): RunSplit {
    const split = this.context.datasets[role];
    if (split !== undefined) return split;
    throw new MlopsError(
      'MLOPS_EVALUATION_NO_SPLIT',
      `This model has no ${role} split.${suggestion(role, Object.keys(this.context.datasets))}`,
      { file: layout.modelConfig, path: `datasets.${role}` },
    );
  }

  /** The split as a table of DuckDB's SQL, to stand after FROM. */
  table(role: 'test' | 'validation' = 'test'): string {
    return tableOf(this.split(role));
  }

  /** Runs `work` on an in-memory DuckDB of one thread, so that sums and the order of rows repeat. */
  withDatabase<Result>(work: (connection: DuckDBConnection) => Promise<Result>): Promise<Result> {
    return withDatabase(work);
  }

  /**
   * Writes one number, or null where it has no value, for each metric of `evaluation.customMetrics`; a number may come
   * with its confidence interval.
   */
  async saveMetrics(metrics: ScriptMetrics): Promise<void> {
    await writeFile(this.outputFile(layout.scriptMetrics), canonicalJson(metrics));
  }

  /**
   * Writes predictions: columns with one value for each row of the test split, in its order.
   *
   * @param columns `score`, or of several classes `score_<class>` each, and custom metrics by their names
   * @throws MlopsError MLOPS_LENGTH_MISMATCH when a column has not the rows of the test split
   */
  async savePredictions(columns: Readonly<Record<string, ArrayLike<number>>>): Promise<void> {
    const { rows } = this.split('test');
    for (const [name, values] of Object.entries(columns)) {
      if (values.length === rows) continue;
      throw new MlopsError(
        'MLOPS_LENGTH_MISMATCH',
        `"${name}" has ${values.length} values, and the test split has ${rows} rows. Each row needs one.`,
      );
    }
    const names = Object.keys(columns);
    await withDatabase(async (connection) => {
      await connection.run(
        `CREATE TABLE predictions (${names.map((name) => `${identifier(name)} DOUBLE`).join(', ')})`,
      );
      const appender = await connection.createAppender('predictions');
      for (let row = 0; row < rows; row++) {
        for (const name of names) appender.appendDouble((columns[name] as ArrayLike<number>)[row] as number);
        appender.endRow();
      }
      appender.closeSync();
      const file = this.outputFile(layout.scriptPredictions).replaceAll("'", "''");
      await connection.run(`COPY predictions TO '${file}' (FORMAT parquet)`);
    });
  }

  /** Absolute path of a file in the output folder, for a script that writes it otherwise. */
  outputFile(file: string): string {
    return `${this.context.outputDir}/${file}`;
  }
}
