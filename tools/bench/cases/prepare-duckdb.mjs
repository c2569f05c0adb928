import { DuckDBInstance } from '@duckdb/node-api';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The limit: bare DuckDB running the same SQL and writing the same splits, with all cores and no checks. */
export default async function prepareDuckDb({ source, sqlFile, splits, threads, output }) {
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });
  const sql = await readFile(sqlFile, 'utf8');
  const start = performance.now();
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads) });
  const connection = await instance.connect();
  await connection.run(`CREATE VIEW flights AS SELECT * FROM read_parquet('${source}')`);
  for (const [name, where] of Object.entries(splits)) {
    await connection.run(
      `COPY (SELECT * FROM (${sql}) WHERE ${where}) TO '${join(output, `${name}.parquet`)}' (FORMAT parquet, COMPRESSION zstd)`,
    );
  }
  return { seconds: (performance.now() - start) / 1000 };
}
