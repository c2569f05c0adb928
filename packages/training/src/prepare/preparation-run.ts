import type { DuckDBConnection } from '@duckdb/node-api';
import { MlopsError, layout, suggestion, type PrepareRun, type RunSplit } from '@nx-mlops/core';
import { tableOf, withDatabase } from '../data/database';
import { paramsOver, type Params } from '../run/params';

/** One preparing of a dataset, as its script sees it. */
export class PreparationRun {
  constructor(
    /** Everything that the task handed over. */
    readonly context: PrepareRun,
  ) {}

  /** The seed of every random choice, from the dataset's config. */
  get seed(): number {
    return this.context.seed;
  }

  /**
   * The params of `dataset.config.json` over these defaults, typed by them.
   *
   * @throws MlopsError MLOPS_TRAINING_UNKNOWN_PARAM, MLOPS_TRAINING_PARAM_TYPE
   */
  params<const Defaults extends PrepareRun['params']>(defaults: Defaults): Params<Defaults> {
    return paramsOver(defaults, this.context.params, { file: layout.datasetConfig, path: 'prepare.params' });
  }

  /**
   * Absolute paths of the files of a source, checked against the lock. Read only.
   *
   * @throws MlopsError MLOPS_PREPARE_NO_SOURCE
   */
  files(source: string): readonly string[] {
    return (this.context.sources[source] ?? this.noSource(source, Object.keys(this.context.sources))).files;
  }

  /**
   * A source that is a split of another dataset.
   *
   * @throws MlopsError MLOPS_PREPARE_NO_SOURCE
   */
  split(source: string): RunSplit {
    return this.context.datasets[source] ?? this.noSource(source, Object.keys(this.context.datasets));
  }

  /**
   * A source as a table of DuckDB's SQL, to stand after FROM. Types of text are those that all rows of the files suggest;
   * files of several shapes are matched by column name.
   *
   * @throws MlopsError MLOPS_PREPARE_NO_SOURCE, MLOPS_PREPARE_NO_TABLE for a source of the format "files"
   */
  table(source: string): string {
    const { sources, datasets } = this.context;
    const split = datasets[source];
    if (split !== undefined) return tableOf(split);
    const { format, files } =
      sources[source] ?? this.noSource(source, [...Object.keys(sources), ...Object.keys(datasets)]);
    const list = `[${files.map(sqlText).join(', ')}]`;
    switch (format) {
      case 'parquet':
        return `read_parquet(${list}, union_by_name = true, hive_partitioning = false)`;
      case 'csv':
        return `read_csv(${list}, header = true, sample_size = -1, union_by_name = true, hive_partitioning = false)`;
      case 'jsonl':
        return `read_json(${list}, sample_size = -1, union_by_name = true, hive_partitioning = false)`;
      case 'files':
        throw new MlopsError(
          'MLOPS_PREPARE_NO_TABLE',
          `"${source}" is a source of the format "files", which is no table. Take its files by files("${source}").`,
          { file: layout.datasetConfig, path: `sources.${source}.format` },
        );
    }
  }

  /** Runs `work` on an in-memory DuckDB of one thread, so that sums and the order of rows repeat. */
  withDatabase<Result>(work: (connection: DuckDBConnection) => Promise<Result>): Promise<Result> {
    return withDatabase(work);
  }

  /**
   * Writes the rows of a query as a file that the task takes.
   *
   * @param file the name that `splits.<name>.file` gives; the table from which splits are taken by rules when left out
   */
  async save(connection: DuckDBConnection, query: string, file: string = layout.preparedFile): Promise<void> {
    await connection.run(`COPY (${query}\n) TO ${sqlText(this.outputFile(file))} (FORMAT parquet)`);
  }

  /** Absolute path of a file in the output folder, for a script that writes it otherwise. */
  outputFile(file: string = layout.preparedFile): string {
    return `${this.context.outputDir}/${file}`;
  }

  private noSource(source: string, names: readonly string[]): never {
    throw new MlopsError(
      'MLOPS_PREPARE_NO_SOURCE',
      `This dataset has no such source "${source}".${suggestion(source, names)}`,
      { file: layout.datasetConfig, path: `sources.${source}` },
    );
  }
}

function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
