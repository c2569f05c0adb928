import { sqlIdentifier } from '../../../data/sql-text';

/** A SELECT over all usable columns, to begin with. */
export function prepareSql(source: string, columns: readonly string[]): string {
  return [
    '-- One SELECT over the sources of dataset.config.json; its rows are divided into the splits.',
    '-- Written for DuckDB: https://duckdb.org/docs/sql/introduction',
    'SELECT',
    columns.map((name) => `  ${plainOrQuoted(name)}`).join(',\n'),
    `FROM ${plainOrQuoted(source)}`,
    '',
  ].join('\n');
}

/** Plain where it can be: letters, digits and underscores, and no word that SQL may take for its own. */
function plainOrQuoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name) ? name : sqlIdentifier(name);
}

/** Reserved words of DuckDB (`duckdb_keywords()`, category reserved). */
const reserved = new Set(
  'all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create default deferrable desc describe distinct do else end except false fetch for foreign from group having in initially intersect into lambda lateral leading limit not null offset on only or order pivot pivot_longer pivot_wider placing primary qualify references returning select show some summarize symmetric table then to trailing true union unique unpivot using variadic when where window with'.split(
    ' ',
  ),
);
