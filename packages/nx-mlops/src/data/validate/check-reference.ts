import type { DuckDBConnection } from '@duckdb/node-api';
import {
  jensenShannonDistance,
  jensenShannonNoise99,
  populationStabilityIndex,
  type ColumnProfile,
  type Profile,
} from '@nx-mlops/core';
import { formatNumber } from '../../reporting/format';
import { shownValue } from './check-expectations';
import { percent, sharesOf } from './check-rows';
import { countsOf } from './profile-split';
import { isNumeric, type ColumnFacts, type SplitFacts, type Value } from './scan-split';
import { exampleRows, type SplitTable } from './split-table';
import { sqlIdentifier, sqlLiteral } from '../sql-text';
import type { Finding, ValidationPlan } from './validation-plan';

const STANDARD_ERRORS = 3;
/** A label of whole numbers with more values is a quantity, not a class. */
const MOST_CLASSES = 20;
/** Chance that rows of an equal population lie as far beyond one end of the range. */
const RANGE_CHANCE = 0.005;
const VALUES_SHOWN = 3;

export interface ProfiledSplit {
  readonly table: SplitTable;
  readonly facts: SplitFacts;
  readonly profile: Profile;
}

/** Two splits as one column of them is compared. */
interface Pair {
  readonly connection: DuckDBConnection;
  readonly plan: ValidationPlan;
  readonly table: SplitTable;
  readonly rows: number;
  readonly referenceRows: number;
  readonly column: ColumnFacts;
  readonly before: ColumnFacts;
  readonly profile: ColumnProfile;
  readonly profileBefore: ColumnProfile;
}

/** Holds a split against the reference: missing values, ranges, new values, distributions. */
export async function checkAgainstReference(
  connection: DuckDBConnection,
  split: ProfiledSplit,
  reference: ProfiledSplit,
  plan: ValidationPlan,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [index, column] of split.facts.columns.entries()) {
    const at = reference.facts.columns.findIndex(
      ({ name, type }) => name === column.name && type === column.type,
    );
    const role = plan.roleOf(column.name);
    if (at === -1 || role === 'ignore') continue;
    const pair: Pair = {
      connection,
      plan,
      table: split.table,
      rows: split.facts.rows,
      referenceRows: reference.facts.rows,
      column,
      before: reference.facts.columns[at] as ColumnFacts,
      profile: split.profile.columns[index] as ColumnProfile,
      profileBefore: reference.profile.columns[at] as ColumnProfile,
    };
    if (plan.isOn('missing', column.name)) findings.push(await missingFinding(pair));
    if (role === 'feature' || role === 'label') findings.push(...(await compareValuesOf(pair, role)));
  }
  return findings;
}

async function compareValuesOf(pair: Pair, role: 'feature' | 'label'): Promise<Finding[]> {
  const { plan, column, table } = pair;
  const found: Finding[] = [];
  const isLabelOfClasses = role === 'label' && hasClasses(pair.before);
  const checks = [
    { check: 'range', judge: rangeFinding, applies: isNumeric(column) && !isLabelOfClasses },
    { check: 'newLabel', judge: newValuesFinding, applies: isLabelOfClasses },
    {
      check: 'newCategory',
      judge: newValuesFinding,
      applies: role === 'feature' && (column.type === 'string' || column.type === 'boolean'),
    },
    { check: 'skew', judge: skewFinding, applies: column.type !== 'date' && column.type !== 'datetime' },
  ] as const;
  for (const { check, judge, applies } of checks) {
    if (!applies || !plan.isOn(check, column.name)) continue;
    if (plan.divides(column.name)) {
      const because = 'the splits are made by its values, so it differs on purpose';
      found.push({ check, split: table.split, column: column.name, outcome: 'skip', because });
      continue;
    }
    found.push(...(await judge(pair)));
  }
  return found;
}

async function missingFinding(pair: Pair): Promise<Finding> {
  const { connection, plan, table, rows, referenceRows, column, before } = pair;
  const measured = shareOf(column.missing, rows);
  const expected = shareOf(before.missing, referenceRows);
  const pooled = shareOf(column.missing + before.missing, rows + referenceRows);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / rows + 1 / referenceRows));
  const limit = expected + Math.max(STANDARD_ERRORS * error, plan.parameterOf('missing', 'margin'));
  const holds = measured <= limit;
  const words = `${percent(measured)} missing, in ${plan.reference} ${percent(expected)}`;
  const condition = `${sqlIdentifier(column.name)} IS NULL`;
  return {
    check: 'missing',
    split: table.split,
    column: column.name,
    measured,
    limit,
    ...(holds
      ? { outcome: 'holds', because: words }
      : {
          outcome: 'broken',
          because: `${words}, which allows ${percent(limit)}`,
          failingRows: column.missing,
          examples: await exampleRows(connection, table, [column.name], condition),
        }),
  };
}

/**
 * Of an equal population the newcomers go beyond an end of the range too: k of m new rows beyond the end of n old ones
 * happen with a chance of about (m / (n + m))^k. What is less likely than one in a hundred, both ends together, breaks
 * the check, and so does a single value further out than the range is wide.
 */
async function rangeFinding(pair: Pair): Promise<Finding[]> {
  const { connection, plan, table, rows, referenceRows, column, before, profile } = pair;
  const { histogram } = profile;
  if (histogram === undefined || before.minimum === undefined || before.maximum === undefined) return [];
  const [least, most] = [Number(before.minimum), Number(before.maximum)];
  const { under = 0, over = 0 } = histogram;
  const beyond = under + over;
  const words = `the range of ${plan.reference}, ${formatNumber(least)} to ${formatNumber(most)}`;
  const base = { check: 'range', split: table.split, column: column.name } as const;
  if (beyond === 0) return [{ ...base, outcome: 'holds', because: `stays in ${words}`, measured: 0 }];
  const chance = Math.min(...[under, over].map((count) => (rows / (rows + referenceRows)) ** count));
  const far =
    Number(column.minimum) < least - (most - least) || Number(column.maximum) > most + (most - least);
  const failing = { ...base, failingRows: beyond, measured: shareOf(beyond, rows) };
  if (chance >= RANGE_CHANCE && !far) {
    return [
      {
        ...failing,
        outcome: 'holds',
        because: `${sharesOf(beyond, rows)} lie a little beyond ${words}, as chance has it`,
      },
    ];
  }
  const name = sqlIdentifier(column.name);
  const condition = `${name} < ${sqlLiteral(least)} OR ${name} > ${sqlLiteral(most)}`;
  return [
    {
      ...failing,
      outcome: 'broken',
      because: `${sharesOf(beyond, rows)} lie beyond ${words}: it goes from ${formatNumber(Number(column.minimum))} to ${formatNumber(Number(column.maximum))}`,
      examples: await exampleRows(connection, table, [column.name], condition),
    },
  ];
}

/**
 * Values that occur once in the reference tell how many more there are that it does not have: their share of the rows is
 * about the share of new rows with a new value (Good and Turing). So a closed list of categories allows none, and free
 * text any number. A label allows none at all.
 */
async function newValuesFinding(pair: Pair): Promise<Finding[]> {
  const { connection, plan, table, rows, referenceRows, column, before } = pair;
  const check = column.name === plan.label ? 'newLabel' : 'newCategory';
  const base = { check, split: table.split, column: column.name } as const;
  if (before.values === undefined) {
    const because = `${plan.reference} has too many different values for a list of them to mean much`;
    return [{ ...base, outcome: 'skip', because }];
  }
  const known = before.values.map(({ value }) => value);
  if (known.length === 0) return [{ ...base, outcome: 'skip', because: `has no value in ${plan.reference}` }];
  const counts = await countsOf(connection, table, column, known);
  const present = rows - column.missing;
  const failingRows = present - counts.reduce((sum, [, count]) => sum + count, 0);
  const measured = shareOf(failingRows, present);
  const present0 = referenceRows - before.missing;
  const rare = shareOf(before.values.filter((value) => value.rows === 1).length, present0);
  const error = Math.sqrt(rare * (1 - rare) * (1 / Math.max(1, present) + 1 / Math.max(1, present0)));
  const limit = check === 'newLabel' ? 0 : rare + STANDARD_ERRORS * error;
  if (failingRows === 0) {
    return [
      { ...base, outcome: 'holds', because: `has no value that ${plan.reference} lacks`, measured, limit },
    ];
  }
  const list = known.map(sqlLiteral).join(', ');
  const name = sqlIdentifier(column.name);
  const holds = measured <= limit;
  const words = `${sharesOf(failingRows, present)} hold a value that ${plan.reference} does not have`;
  return [
    {
      ...base,
      outcome: holds ? 'holds' : 'broken',
      because: holds
        ? `${words}, as its rare values let expect`
        : `${words}${newValues(column, new Set(known))}`,
      measured,
      limit,
      failingRows,
      ...(holds
        ? {}
        : { examples: await exampleRows(connection, table, [column.name], `${name} NOT IN (${list})`) }),
    },
  ];
}

function newValues({ values }: ColumnFacts, known: ReadonlySet<Value>): string {
  const shown = (values ?? []).filter(({ value }) => !known.has(value)).slice(0, VALUES_SHOWN);
  if (shown.length === 0) return '';
  return `, such as ${shown.map(({ value }) => shownValue(value)).join(', ')}`;
}

/** The distributions differ by more than a set distance and by more than samples of one population do. */
function skewFinding(pair: Pair): Finding[] {
  const { plan, table, column, profile, profileBefore } = pair;
  const base = { check: 'skew', split: table.split, column: column.name } as const;
  const [before, now] = [countsOfProfile(profileBefore), countsOfProfile(profile)];
  if (before === undefined || now === undefined) return [];
  const [n, m] = [total(before), total(now)];
  const minRows = plan.parameterOf('skew', 'minRows');
  if (Math.min(n, m) < minRows) {
    const because = `${Math.min(n, m)} values are too few to compare distributions, at least ${minRows} are needed`;
    return [{ ...base, outcome: 'skip', because }];
  }
  const measured = jensenShannonDistance(before, now);
  const bins = before.filter((count, bin) => count > 0 || (now[bin] as number) > 0).length;
  const threshold = plan.parameterOf('skew', 'threshold');
  const limit = Math.max(threshold, jensenShannonNoise99(n, m, bins));
  const holds = measured < limit;
  const psi = formatNumber(populationStabilityIndex(before, now));
  return [
    {
      ...base,
      outcome: holds ? 'holds' : 'broken',
      because: `${holds ? 'is distributed as' : 'is distributed otherwise than'} in ${plan.reference}: Jensen-Shannon distance ${formatNumber(measured)} (limit ${formatNumber(limit)}), PSI ${psi}`,
      measured,
      limit,
    },
  ];
}

/** By value where the values are counted, else by bin; what lies outside is a bin of its own. */
function countsOfProfile({ top, otherCount = 0, histogram }: ColumnProfile): number[] | undefined {
  if (top !== undefined) return [...top.map(([, count]) => count), otherCount];
  if (histogram === undefined) return undefined;
  return [histogram.under ?? 0, ...histogram.counts, histogram.over ?? 0];
}

/** Whether a label names classes rather than a quantity. */
export function hasClasses({ type, values }: Pick<ColumnFacts, 'type' | 'values'>): boolean {
  if (type === 'string' || type === 'boolean') return true;
  return (
    isNumeric({ type }) &&
    values !== undefined &&
    values.length <= MOST_CLASSES &&
    values.every(({ rows }) => rows > 1)
  );
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function shareOf(part: number, rows: number): number {
  return rows === 0 ? 0 : part / rows;
}
