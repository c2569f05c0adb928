import type { DuckDBConnection } from '@duckdb/node-api';
import { MlopsError, messageOf, type Column, type SliceValue } from '@nx-mlops/core';
import type { CodeArray, CodedColumnBatch, CodedText, ColumnValues } from '@nx-mlops/runtime';
import { brief } from './brief';
import { columnTypeOf } from './column-types';
import { openDuckDb, sqlIdentifier, sqlString, type OpenDuckDb } from './duckdb';
import { codesReader, columnReader, textsOf, type VectorReader } from './vector-readers';

/** Text columns of more distinct values are read as text: their dictionary would save nothing. */
const MOST_CATEGORIES = 4096;
/** Rows in which values are counted to see whether there are too many. */
const FIRST_ROWS = 20_000;

/** An SQL expression over the rows whose values are read as codes. */
export interface CodedExpression {
  readonly sql: string;
  /**
   * All values that occur, each once: those with the most rows first, of as many rows by value; null, of missing values
   * and NaN, last.
   */
  readonly values: readonly SliceValue[];
  /** Rows of each value. */
  readonly counts: readonly number[];
  /** What the query selects: an unsigned integer below `values.length`. */
  readonly selection: string;
}

/** Columns and codes of some rows. */
export interface CodedBatch extends CodedColumnBatch {
  /** The text columns that were read by their distinct values; in `columns`, their texts are made when asked for. */
  readonly texts: Readonly<Record<string, CodedText>>;
  /** Index into `values`, by row, in the order of the expressions that were asked for. */
  readonly codes: readonly CodeArray[];
}

export interface BatchesOptions {
  /** Rows a batch, the last one apart; at least 1. */
  readonly batchRows: number;
  readonly coded?: readonly CodedExpression[];
}

/** The Parquet file of a split, open for reading: nothing else can be read by an expression that it is given. */
export class SplitFile {
  readonly #file: string;
  readonly #duckDb: OpenDuckDb;
  readonly #signal: AbortSignal | undefined;
  readonly #coded = new Map<string, CodedExpression>();

  private constructor(file: string, duckDb: OpenDuckDb, signal: AbortSignal | undefined) {
    this.#file = file;
    this.#duckDb = duckDb;
    this.#signal = signal;
  }

  /**
   * @param file absolute
   * @throws MlopsError MLOPS_SPLIT_UNREADABLE when it is no Parquet file
   */
  static async open(file: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<SplitFile> {
    const duckDb = await openDuckDb({ threads: 2, signal });
    const split = new SplitFile(file, duckDb, signal);
    try {
      await split.#guard(async ({ connection }) => {
        await connection.run(`SET allowed_paths = [${sqlString(file)}]`);
        await connection.run('SET enable_external_access = false');
        await connection.run(
          `CREATE TEMP VIEW split AS SELECT * FROM read_parquet(${sqlString(file)}, hive_partitioning = false)`,
        );
        await connection.run('SET lock_configuration = true');
      });
    } catch (error) {
      await duckDb.close();
      throw error;
    }
    return split;
  }

  /** To be called in a `finally`. */
  close(): Promise<void> {
    return this.#duckDb.close();
  }

  /**
   * How many distinct values the first 20,000 rows of each column have, missing ones apart, in the order given: all rows
   * have at least as many. An identifier shows itself there, where an estimate over millions of rows takes a second.
   */
  async countFirstDistinct(columns: readonly Pick<Column, 'name'>[]): Promise<number[]> {
    if (columns.length === 0) return [];
    const counts = columns.map(({ name }) => `count(DISTINCT ${sqlIdentifier(name)})`);
    return this.#guard(async ({ connection }) => {
      const reader = await connection.runAndReadAll(
        `SELECT ${counts.join(', ')} FROM (FROM split LIMIT ${FIRST_ROWS})`,
      );
      return (reader.getRows()[0] ?? []).map(Number);
    });
  }

  /**
   * Prepares the values of a column for being read as codes.
   *
   * @returns undefined when there are more than `most` values
   */
  encodeColumn({ name }: Pick<Column, 'name'>, most: number): Promise<CodedExpression | undefined> {
    return this.#guard(() => this.#encode(sqlIdentifier(name), most));
  }

  /**
   * The same for an expression of the config.
   *
   * @param where how it is named in an error, such as `{ file: 'ml/a/model.config.json', path: 'evaluation.slices[0].sql' }`
   * @throws MlopsError MLOPS_SLICE_SQL with what DuckDB says of it
   */
  async encodeExpression(
    sql: string,
    most: number,
    where: { readonly file: string; readonly path: string },
  ): Promise<CodedExpression | undefined> {
    const refuse = (what: string, cause?: unknown) =>
      new MlopsError(
        'MLOPS_SLICE_SQL',
        `${JSON.stringify(sql)} is no expression over the columns of the test split: ${what.replace(/\.$/, '')}. Write one in the SQL of DuckDB, such as "distance > 1000".`,
        where,
        { cause },
      );
    let coded: CodedExpression | undefined;
    try {
      coded = await this.#encode(expressionSql(sql), most);
    } catch (error) {
      const explained = this.#duckDb.explain(error);
      if (this.#signal?.aborted === true || explained instanceof MlopsError) throw explained;
      throw refuse(brief(messageOf(error)), error);
    }
    if (coded === undefined) return undefined;
    const rows = await this.countRows();
    const given = coded.counts.reduce((sum, count) => sum + count, 0);
    if (given !== rows) throw refuse(`it gives ${given} values for ${rows} rows, where one a row is needed`);
    return coded;
  }

  async countRows(): Promise<number> {
    return this.#guard(async ({ connection }) =>
      Number((await connection.runAndReadAll('SELECT count(*) FROM split')).getRows()[0]?.[0]),
    );
  }

  /**
   * Reads columns in batches, in the order of the rows; memory is bounded by the batch.
   *
   * | column type | values | missing |
   * |---|---|---|
   * | integer, number | Float64Array; integers beyond 2^53 are rounded | NaN |
   * | boolean | Float32Array of 0 and 1 | NaN |
   * | string | strings | null |
   * | date, datetime | strings, `2001-01-31` and `2001-01-31 12:00:00` (UTC) | null |
   *
   * Every batch has arrays of its own, so it may be kept. Yields nothing for a file without rows.
   *
   * @param columns those wanted, in any order, with the type that they shall have
   * @throws MlopsError MLOPS_SPLIT_UNREADABLE when the file lacks a column
   */
  async *batches(
    columns: readonly Column[],
    { batchRows, coded = [] }: BatchesOptions,
  ): AsyncGenerator<CodedBatch> {
    try {
      yield* this.#batches(columns, batchRows, coded);
    } catch (error) {
      throw this.#explain(error);
    }
  }

  async *#batches(
    columns: readonly Column[],
    batchRows: number,
    coded: readonly CodedExpression[],
  ): AsyncGenerator<CodedBatch> {
    const readers = [
      ...(await this.#columnReaders(columns)),
      ...coded.map(({ selection, values }) => codesReader(selection, values.length)),
    ];
    const places = [...new Set(readers.map(({ selection }) => selection))];
    const place = readers.map(({ selection }) => places.indexOf(selection));
    const connection = this.#duckDb.connection;
    const result = await connection.stream(
      `SELECT ${places.length === 0 ? '1' : places.join(', ')} FROM split`,
    );
    const finished = (filled: number): CodedBatch => {
      const values = readers.map((reader) => reader.finish(filled));
      const all: Record<string, ColumnValues> = {};
      const texts: Record<string, CodedText> = {};
      for (const [index, { name }] of columns.entries()) {
        const text = readers[index]?.text?.();
        if (text === undefined) {
          all[name] = values[index] as ColumnValues;
        } else {
          texts[name] = text;
          lazily(all, name, () => textsOf(text));
        }
      }
      return { rows: filled, texts, columns: all, codes: values.slice(columns.length) as CodeArray[] };
    };
    let filled = 0;
    for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0;) {
      const { rowCount } = chunk;
      for (let taken = 0; taken < rowCount;) {
        const count = Math.min(rowCount - taken, batchRows - filled);
        if (filled === 0) for (const reader of readers) reader.begin(batchRows);
        for (let index = 0; index < readers.length; index += 1) {
          (readers[index] as VectorReader).take(chunk, place[index] as number, taken, count, filled);
        }
        taken += count;
        filled += count;
        if (filled === batchRows) {
          yield finished(filled);
          filled = 0;
        }
      }
      this.#signal?.throwIfAborted();
      chunk = await result.fetchChunk();
    }
    if (filled > 0) yield finished(filled);
  }

  /**
   * Text columns with few distinct values come as codes into one list of strings, where text is decoded and allocated
   * row by row: three million rows with four such columns take 2 s less.
   */
  async #columnReaders(columns: readonly Column[]): Promise<VectorReader[]> {
    const texts = columns.filter(({ type }) => type === 'string');
    const counts = await this.countFirstDistinct(texts);
    const dictionaries = new Map<string, CodedExpression | undefined>();
    for (const [index, text] of texts.entries()) {
      if ((counts[index] as number) > MOST_CATEGORIES) continue;
      dictionaries.set(text.name, await this.#encode(sqlIdentifier(text.name), 2 * MOST_CATEGORIES));
    }
    return columns.map((column) => columnReader(column, dictionaries.get(column.name)));
  }

  async #encode(expression: string, most: number): Promise<CodedExpression | undefined> {
    const known = this.#coded.get(expression);
    if (known !== undefined) return known.values.length > most ? undefined : known;
    const { connection } = this.#duckDb;
    const value = await comparableSql(connection, expression);
    const name = `coded_${this.#coded.size}`;
    // One more than allowed tells that there are too many.
    await connection.run(
      `CREATE OR REPLACE TEMP TABLE ${name} AS SELECT value, count(*) AS rows FROM (SELECT ${value} AS value FROM split) GROUP BY value LIMIT ${most + 1}`,
    );
    const ordered = await connection.runAndReadAll(
      `SELECT value, rows FROM ${name} ORDER BY value IS NULL, rows DESC, value`,
    );
    const entries = ordered.getRows();
    if (entries.length > most) return undefined;
    const values = entries.map(([entry]) => entry as SliceValue);
    const present = values.filter((entry) => entry !== null).length;
    let code = '0';
    if (present > 0) {
      await connection.run(
        `CREATE OR REPLACE TYPE ${name}_type AS ENUM (SELECT CAST(value AS VARCHAR) FROM ${name} WHERE value IS NOT NULL ORDER BY rows DESC, value)`,
      );
      code = `coalesce(CAST(enum_code(CAST(CAST(${value} AS VARCHAR) AS ${name}_type)) AS UINTEGER), ${present})`;
    }
    const coded: CodedExpression = {
      sql: expression,
      values,
      counts: entries.map(([, rows]) => Number(rows)),
      selection: `CAST(${code} AS ${codeType(values.length)})`,
    };
    this.#coded.set(expression, coded);
    return coded;
  }

  async #guard<Result>(work: (duckDb: OpenDuckDb) => Promise<Result>): Promise<Result> {
    try {
      return await work(this.#duckDb);
    } catch (error) {
      throw this.#explain(error);
    }
  }

  #explain(error: unknown): unknown {
    const explained = this.#duckDb.explain(error);
    const isKnown = explained !== error || explained instanceof MlopsError || this.#signal?.aborted === true;
    return isKnown ? explained : unreadable(error, this.#file);
  }
}

/** A property that is made when first asked for: where all text is predicted by its codes, millions of strings never are. */
function lazily<Value>(target: Record<string, Value>, name: string, make: () => Value): void {
  let value: Value | undefined;
  Object.defineProperty(target, name, { enumerable: true, get: () => (value ??= make()) });
}

/** On lines of its own, so that a comment at its end hides nothing of ours. */
function expressionSql(sql: string): string {
  return `(\n${sql}\n)`;
}

/** An expression as a value that JavaScript and JSON have: boolean, double, or text; NaN is missing. */
async function comparableSql(connection: DuckDBConnection, expression: string): Promise<string> {
  const described = await connection.runAndReadAll(`SELECT ${expression} AS value FROM split LIMIT 0`);
  const type = columnTypeOf(described.columnType(0));
  switch (type) {
    case 'boolean':
      return expression;
    case 'integer':
    case 'number':
      return `nullif(CAST(${expression} AS DOUBLE), CAST('NaN' AS DOUBLE))`;
    default:
      return `CAST(${expression} AS VARCHAR)`;
  }
}

function codeType(values: number): string {
  if (values <= 2 ** 8) return 'UTINYINT';
  return values <= 2 ** 16 ? 'USMALLINT' : 'UINTEGER';
}

function unreadable(error: unknown, file: string): MlopsError {
  return new MlopsError(
    'MLOPS_SPLIT_UNREADABLE',
    `cannot be read as the columns that its manifest says. Run the "prepare" target of its dataset with --skip-nx-cache. (${messageOf(error).split('\n', 1)[0]})`,
    { file },
    { cause: error },
  );
}
