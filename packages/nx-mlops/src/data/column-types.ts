import { DuckDBTypeId, type DuckDBType } from '@duckdb/node-api';
import { MlopsError, type Column, type ColumnType } from '@nx-mlops/core';
import { sqlIdentifier } from './sql-text';

/** A column as a query gives it. */
export interface QueryColumn {
  readonly name: string;
  readonly type: DuckDBType;
}

/** The Parquet type of a prepared column: one for each column type, so that a reader knows it from the manifest. */
export const storedTypes = {
  string: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  datetime: 'TIMESTAMP',
} as const satisfies Record<ColumnType, string>;

/**
 * The column type of a DuckDB type; undefined for one that a model cannot take as it is, such as a list.
 * Whole numbers of any width are integers, decimals are numbers, times with a zone become UTC.
 */
export function columnTypeOf(type: DuckDBType): ColumnType | undefined {
  switch (type.typeId) {
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.UHUGEINT:
      return 'integer';
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
    case DuckDBTypeId.DECIMAL:
      return 'number';
    case DuckDBTypeId.BOOLEAN:
      return 'boolean';
    case DuckDBTypeId.DATE:
      return 'date';
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return 'datetime';
    case DuckDBTypeId.VARCHAR:
    case DuckDBTypeId.ENUM:
    case DuckDBTypeId.UUID:
    case DuckDBTypeId.TIME:
    case DuckDBTypeId.TIME_TZ:
    case DuckDBTypeId.SQLNULL:
      return 'string';
    default:
      return undefined;
  }
}

/**
 * The columns that a prepared table has.
 *
 * @param file where the query is, named in errors
 * @throws MlopsError MLOPS_COLUMN_TYPE for a nested or binary column, MLOPS_COLUMN_NAME for two of one name
 */
export function preparedColumns(columns: readonly QueryColumn[], file: string): Column[] {
  const seen = new Map<string, string>();
  return columns.map(({ name, type }) => {
    const twin = seen.get(name.toLowerCase());
    if (twin !== undefined) {
      throw new MlopsError(
        'MLOPS_COLUMN_NAME',
        `two columns are named "${name}"${twin === name ? '' : ` and "${twin}", which SQL takes for the same`}. Give one of them another name with AS.`,
        { file },
      );
    }
    seen.set(name.toLowerCase(), name);
    const found = columnTypeOf(type);
    if (found === undefined) {
      throw new MlopsError(
        'MLOPS_COLUMN_TYPE',
        `column "${name}" is of type ${type.toString()}, which a model cannot take. Leave it out in the prepare SQL, take a part of it (such as ${name}.field or ${name}[1]), or make it text with CAST(${sqlIdentifier(name)} AS VARCHAR).`,
        { file },
      );
    }
    return { name, type: found };
  });
}

/** The column in its stored type. NaN, which stands for "missing" in most data tools, becomes NULL. */
export function storedColumn({ name, type }: Column, from: DuckDBType): string {
  const column = sqlIdentifier(name);
  const value =
    from.typeId === DuckDBTypeId.DOUBLE || from.typeId === DuckDBTypeId.FLOAT
      ? `CASE WHEN NOT isnan(${column}) THEN ${column} END`
      : from.typeId === DuckDBTypeId.TIMESTAMP_TZ
        ? `${column} AT TIME ZONE 'UTC'`
        : column;
  return `CAST(${value} AS ${storedTypes[type]}) AS ${column}`;
}
