import type { SourceEncoding } from '@nx-mlops/core';
import type { CsvDialect } from './csv-dialect';
import { sqlString } from '../sql-text';

/** Dialect and shape of CSV files for DuckDB's reader, all of it said, so that nothing is guessed from the rows. */
export function csvOptions({ delimiter }: CsvDialect, encoding: SourceEncoding = 'utf-8'): string {
  return `encoding = ${sqlString(encoding)}, header = true, skip = 0, delim = ${sqlString(delimiter)}, quote = '"', escape = '"', comment = '', hive_partitioning = false`;
}
