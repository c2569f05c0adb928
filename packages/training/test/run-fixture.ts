import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { ClassLabel, Column, ColumnType, RunContext, Task } from '@nx-mlops/core';

export type Value = string | number | boolean | null;
export type Row = Readonly<Record<string, Value>>;

export interface Fixture {
  readonly task?: Task;
  readonly columns: readonly Column[];
  /** All columns but the target when left out. */
  readonly features?: readonly string[];
  readonly target: string;
  readonly classes?: readonly ClassLabel[];
  readonly rows: readonly Row[];
  readonly validation?: readonly Row[] | undefined;
  readonly params?: RunContext['params'];
  readonly seed?: number;
}

/** A run as the `train` task lays it out, with real Parquet files, in `directory`. */
export async function writeRun(directory: string, fixture: Fixture): Promise<RunContext> {
  const { columns, target, rows, validation } = fixture;
  const features = fixture.features ?? columns.map(({ name }) => name).filter((name) => name !== target);
  const typeOf = (name: string) => columns.find((column) => column.name === name)?.type as ColumnType;
  const context: RunContext = {
    version: 1,
    model: 'model',
    task: fixture.task ?? 'binary-classification',
    features: features.map((name) => ({ name, type: typeOf(name) })),
    target: { name: target, type: typeOf(target) },
    ...(fixture.classes === undefined ? {} : { classes: [...fixture.classes] }),
    params: fixture.params ?? {},
    seed: fixture.seed ?? 7,
    threads: 1,
    datasets: {
      train: await writeSplit(directory, 'train', columns, rows),
      ...(validation === undefined
        ? {}
        : { validation: await writeSplit(directory, 'validation', columns, validation) }),
    },
    outputDir: join(directory, 'out put'),
    checkpointDir: join(directory, 'checkpoints'),
  };
  mkdirSync(context.outputDir, { recursive: true });
  mkdirSync(context.checkpointDir, { recursive: true });
  writeFileSync(join(directory, 'run.json'), JSON.stringify(context));
  return context;
}

const sqlTypes: Record<ColumnType, string> = {
  string: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  datetime: 'TIMESTAMP',
};

async function writeSplit(
  directory: string,
  split: string,
  columns: readonly Column[],
  rows: readonly Row[],
) {
  const path = join(directory, `${split}.parquet`);
  const fields = columns.map(
    ({ name, type }, i) => `CAST(c${i} AS ${sqlTypes[type]}) AS "${name.replaceAll('"', '""')}"`,
  );
  const values = rows.map((row) => `(${columns.map(({ name }) => literal(row[name] ?? null)).join(', ')})`);
  const names = columns.map((_, i) => `c${i}`).join(', ');
  const source =
    values.length === 0
      ? `(SELECT ${columns.map((_, i) => `NULL AS c${i}`).join(', ')} WHERE false)`
      : `(VALUES ${values.join(', ')})`;
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT ${fields.join(', ')} FROM ${source} AS t(${names})) TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
  return { dataset: 'data', split, path, rows: rows.length, columns: [...columns] };
}

function literal(value: Value): string {
  return value === null ? 'NULL' : `'${String(value).replaceAll("'", "''")}'`;
}
