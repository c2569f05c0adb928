import type { DuckDBConnection } from '@duckdb/node-api';
import { formatNumber } from '../../reporting/format';
import { hasClasses, type ProfiledSplit } from './check-reference';
import { isNumeric, measured, type ColumnFacts, type Value } from './scan-split';
import { everyKth, rowsOf } from './split-table';
import { sqlIdentifier, sqlLiteral } from '../sql-text';
import type { Finding, ValidationPlan } from './validation-plan';

/** Rows looked at, chosen by a hash of their number: enough to tell a strength of 0.99 from a good feature's. */
const MOST_ROWS = 200_000;
const LEAST_ROWS = 50;
/** Values with fewer rows are taken together: an id gives every label away and says nothing of the next row. */
const ROWS_OF_VALUE = 10;
const MOST_BINS = 100;
const MOST_CLASSES = 50;

/** How the strength of one feature is measured, by what the label is. */
type Task = 'binary' | 'multiclass' | 'regression';

const measures = {
  binary: 'ROC AUC',
  multiclass: 'share of errors avoided',
  regression: 'correlation',
} as const satisfies Record<Task, string>;

/**
 * Whether a single feature gives the label away, as what is known only afterwards does. Binary labels: ROC AUC of the
 * feature by itself, categories ordered by their rate. More classes: Goodman and Kruskal's λ, the share of errors that
 * guessing by the feature avoids, numbers in up to a hundred bins. Numbers: |Pearson's r|, or the correlation ratio η of
 * a category. Looks at the reference split, at most 200,000 rows of it.
 */
export async function checkLeakage(
  connection: DuckDBConnection,
  { table, facts }: ProfiledSplit,
  plan: ValidationPlan,
  threads: number,
): Promise<Finding[]> {
  const base = { check: 'labelLeakage', split: table.split } as const;
  const label = facts.columns.find(({ name }) => name === plan.label);
  const skip = (because: string): Finding[] => [{ ...base, outcome: 'skip', because }];
  if (label === undefined) return skip('no label is declared (validation.label)');
  if (facts.rows - label.missing < LEAST_ROWS) return skip(`fewer than ${LEAST_ROWS} rows have a label`);
  const task = taskOf(label);
  if (task === undefined)
    return skip(`"${label.name}" has one value, or more classes than can be told apart`);
  const features = facts.columns.filter(
    ({ name, type }) =>
      plan.roleOf(name) === 'feature' &&
      plan.isOn('labelLeakage', name) &&
      type !== 'date' &&
      type !== 'datetime',
  );
  if (features.length === 0) return skip('there is no feature besides the label');

  const sampled = [label, ...features].map(({ name }) => sqlIdentifier(name)).join(', ');
  const rows = everyKth(table, Math.ceil(facts.rows / MOST_ROWS));
  await connection.run(`CREATE TEMP TABLE ${SAMPLE} AS SELECT ${sampled} FROM ${rows}`);
  // Sums of floats must not depend on how rows are shared out.
  await connection.run('SET threads = 1');
  try {
    const limit = plan.parameterOf('labelLeakage', 'maximum');
    const findings: Finding[] = [];
    for (const feature of features) {
      const strength = await strengthOf(connection, feature, label, task);
      if (strength === undefined) continue;
      const broken = strength > limit;
      const words = `${measures[task]} of "${label.name}" by this column alone: ${formatNumber(strength)}`;
      findings.push({
        ...base,
        column: feature.name,
        outcome: broken ? 'broken' : 'holds',
        because: broken ? `${words}; is it known before the label is?` : words,
        measured: strength,
        limit,
      });
    }
    return findings;
  } finally {
    await connection.run(`SET threads = ${threads}`);
    await connection.run(`DROP TABLE ${SAMPLE}`);
  }
}

const SAMPLE = '"sample of rows"';

function taskOf(label: ColumnFacts): Task | undefined {
  if (!hasClasses(label)) return 'regression';
  const classes = label.values?.length ?? Infinity;
  if (classes === 2) return 'binary';
  return classes > 2 && classes <= MOST_CLASSES ? 'multiclass' : undefined;
}

/** In [0, 1]; undefined where the sample holds nothing to measure. */
async function strengthOf(
  connection: DuckDBConnection,
  feature: ColumnFacts,
  label: ColumnFacts,
  task: Task,
): Promise<number | undefined> {
  switch (task) {
    case 'binary':
      return areaUnderCurve(connection, feature, label);
    case 'multiclass':
      return errorsAvoided(connection, feature, label);
    case 'regression':
      return correlation(connection, feature, label);
  }
}

async function areaUnderCurve(
  connection: DuckDBConnection,
  feature: ColumnFacts,
  label: ColumnFacts,
): Promise<number | undefined> {
  const name = sqlIdentifier(feature.name);
  const positive = sqlLiteral((label.values?.[0] as { value: Value }).value);
  const numeric = isNumeric(feature);
  const key = numeric ? measured(feature) : name;
  const counted = `SELECT ${key} AS v, count(*) FILTER (WHERE ${sqlIdentifier(label.name)} = ${positive}) AS p, count(*) AS n FROM ${SAMPLE} WHERE ${key} IS NOT NULL AND ${sqlIdentifier(label.name)} IS NOT NULL GROUP BY 1`;
  const ordered = numeric
    ? `SELECT v, p, n - p AS q FROM (${counted})`
    : `SELECT p / n AS v, sum(p) AS p, sum(n - p) AS q FROM (SELECT sum(p) AS p, sum(n) AS n FROM (${counted}) GROUP BY CASE WHEN n >= ${ROWS_OF_VALUE} THEN v::VARCHAR END) GROUP BY 1`;
  // Twice the pairs, so that a tie's half is a whole number and the sum exact.
  const [row = []] = await rowsOf(
    connection,
    `SELECT CAST(sum(p * (2 * coalesce(below, 0) + q)) AS DOUBLE), CAST(sum(p) AS DOUBLE), CAST(sum(q) AS DOUBLE) FROM (SELECT p, q, sum(q) OVER (ORDER BY v ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS below FROM (${ordered}))`,
  );
  const [pairs = 0, positives = 0, negatives = 0] = row.map(Number);
  if (positives === 0 || negatives === 0) return undefined;
  const area = pairs / (2 * positives * negatives);
  return Math.max(area, 1 - area);
}

async function errorsAvoided(
  connection: DuckDBConnection,
  feature: ColumnFacts,
  label: ColumnFacts,
): Promise<number | undefined> {
  const y = sqlIdentifier(label.name);
  const counts = `SELECT v, y, count(*) AS n FROM (${await pooled(connection, feature, label)}) WHERE y IS NOT NULL GROUP BY 1, 2`;
  const [row = []] = await rowsOf(
    connection,
    `SELECT CAST((SELECT sum(m) FROM (SELECT max(n) AS m FROM (${counts}) GROUP BY v)) AS DOUBLE), CAST(max(n) AS DOUBLE), CAST(sum(n) AS DOUBLE) FROM (SELECT count(*) AS n FROM ${SAMPLE} WHERE ${y} IS NOT NULL GROUP BY ${y})`,
  );
  const [right = 0, byGuess = 0, all = 0] = row.map(Number);
  return all === byGuess ? undefined : Math.max(0, (right - byGuess) / (all - byGuess));
}

async function correlation(
  connection: DuckDBConnection,
  feature: ColumnFacts,
  label: ColumnFacts,
): Promise<number | undefined> {
  const y = measured(label);
  if (isNumeric(feature)) {
    const [row = []] = await rowsOf(
      connection,
      `SELECT CAST(corr(${measured(feature)}, ${y}) AS VARCHAR) FROM ${SAMPLE}`,
    );
    const r = row[0] === null || row[0] === undefined ? NaN : Number(row[0]);
    return Number.isFinite(r) ? Math.min(1, Math.abs(r)) : undefined;
  }
  const groups = `SELECT count(y) AS n, avg(y) AS mean, var_pop(y) AS spread FROM (${await pooled(connection, feature, label)}) WHERE y IS NOT NULL GROUP BY v ORDER BY v`;
  const numbers = (await rowsOf(connection, groups)).map((group) => group.map(Number));
  const all = numbers.reduce((sum, [n = 0]) => sum + n, 0);
  const mean = numbers.reduce((sum, [n = 0, own = 0]) => sum + (n * own) / all, 0);
  const between = numbers.reduce((sum, [n = 0, own = 0]) => sum + n * (own - mean) ** 2, 0);
  const within = numbers.reduce((sum, [n = 0, , spread = 0]) => sum + n * spread, 0);
  return between + within > 0 ? Math.sqrt(between / (between + within)) : undefined;
}

/** SQL with the columns v, the feature's value or bin with rare ones together, and y, the label. */
async function pooled(
  connection: DuckDBConnection,
  feature: ColumnFacts,
  label: ColumnFacts,
): Promise<string> {
  const name = sqlIdentifier(feature.name);
  const y = isNumeric(label) ? measured(label) : sqlIdentifier(label.name);
  let key = `CAST(${name} AS VARCHAR)`;
  if (isNumeric(feature)) {
    const [row = []] = await rowsOf(connection, `SELECT count(*) FROM ${SAMPLE}`);
    const bins = Math.max(2, Math.min(MOST_BINS, Math.floor(Number(row[0]) / (2 * ROWS_OF_VALUE))));
    key = `CAST(floor(${bins} * percent_rank() OVER (ORDER BY ${name})) AS VARCHAR)`;
  }
  return `SELECT CASE WHEN count(*) OVER (PARTITION BY v) >= ${ROWS_OF_VALUE} THEN v END AS v, y FROM (SELECT ${key} AS v, ${y} AS y FROM ${SAMPLE} WHERE ${name} IS NOT NULL)`;
}
