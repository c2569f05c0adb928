import {
  MlopsError,
  parameterOf,
  severityOf,
  suggestion,
  type CheckName,
  type CheckResult,
  type CheckSeverity,
  type Column,
  type DatasetConfig,
  type FieldRole,
} from '@nx-mlops/core';

/** What a check found, before its severity makes a verdict of it. */
export interface Finding extends Omit<CheckResult, 'verdict'> {
  readonly check: CheckName;
  /** `skip`: it could not be judged. */
  readonly outcome: 'holds' | 'broken' | 'skip';
  /** Severity of this finding where the config says nothing, instead of the check's. */
  readonly preset?: CheckSeverity;
}

/** What the config says about how splits are checked, every default filled in. */
export interface ValidationPlan {
  readonly splits: readonly string[];
  /** The split that the others are held against; undefined where there is nothing to compare. */
  readonly reference: string | undefined;
  readonly label: string | undefined;
  /** Columns whose equal values must be in one split only. */
  readonly groupKey: readonly string[] | undefined;
  readonly timeColumn: string | undefined;
  /** The check is not off for every column. */
  isOn(check: CheckName, column?: string): boolean;
  /** @param preset where the config says nothing; the check's own when left out */
  severityOf(check: CheckName, column?: string, preset?: CheckSeverity): CheckSeverity;
  parameterOf(check: CheckName, parameter: string): number;
  roleOf(column: string): FieldRole;
  /** Conditions of splits look at the column, so it differs between them on purpose. */
  divides(column: string): boolean;
  isByFraction(split: string): boolean;
}

/**
 * @param columns of the prepared splits
 * @param file the config, named in errors
 * @throws MlopsError MLOPS_CONFIG_INVALID when `validation` names a split or a column that is not there
 */
export function planValidation(
  config: DatasetConfig,
  columns: readonly Column[],
  file: string,
): ValidationPlan {
  const { validation, schema, splitBy } = config;
  const splits = Object.keys(config.splits);
  const names = columns.map(({ name }) => name);
  const known = (name: string, valid: readonly string[], what: string, path: string): string => {
    if (valid.includes(name)) return name;
    throw new MlopsError('MLOPS_CONFIG_INVALID', `there is no ${what} "${name}".${suggestion(name, valid)}`, {
      file,
      path: `validation.${path}`,
    });
  };
  const column = (name: string | undefined, path: string) =>
    name === undefined ? undefined : known(name, names, 'column', path);
  const withRole = (role: FieldRole) =>
    (schema?.fields ?? [])
      .filter(({ name, ml }) => ml?.role === role && names.includes(name))
      .map(({ name }) => name);

  const given = validation?.reference;
  const reference =
    given === undefined
      ? splits.includes('train')
        ? 'train'
        : undefined
      : known(given, splits, 'split', 'reference');
  const label = column(validation?.label, 'label') ?? withRole('label')[0];
  const timeColumn = column(validation?.timeColumn, 'timeColumn') ?? withRole('time')[0];
  validation?.groupKey?.forEach((name, index) => known(name, names, 'column', `groupKey[${index}]`));
  const groups = withRole('group');
  const groupKey = [
    validation?.groupKey,
    groups.length === 0 ? undefined : groups,
    splitBy?.key,
    schema?.primaryKey,
  ].find((key) => key?.every((name) => names.includes(name)) === true);

  const fields = new Map(schema?.fields.map((field) => [field.name, field]));
  const keys = new Set([...(schema?.primaryKey ?? []), ...(groupKey ?? [])]);
  const dividing = new Set(names.filter((name) => isNamedIn(conditionsOf(config), name)));
  const severity: ValidationPlan['severityOf'] = (check, column, preset) =>
    (column === undefined ? undefined : fields.get(column)?.ml?.severity) ??
    severityOf(validation?.checks, check, preset);
  return {
    splits,
    reference: splits.length > 1 ? reference : undefined,
    label,
    groupKey,
    timeColumn,
    isOn: (check, column) => severity(check, column) !== 'off',
    severityOf: severity,
    parameterOf: (check, parameter) => parameterOf(validation?.checks, check, parameter),
    roleOf: (name) => {
      if (name === label) return 'label';
      if (name === timeColumn) return 'time';
      return fields.get(name)?.ml?.role ?? (keys.has(name) ? 'key' : 'feature');
    },
    divides: (name) => dividing.has(name),
    isByFraction: (split) => 'fraction' in (config.splits[split] ?? {}),
  };
}

function conditionsOf({ splits }: DatasetConfig): string {
  return Object.values(splits)
    .map((split) => ('where' in split ? split.where.replace(/'(?:[^']|'')*'/g, ' ') : ''))
    .join('\n');
}

function isNamedIn(sql: string, name: string): boolean {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\w$])${escaped}(?![\\w$])`, 'i').test(sql);
}

/** The verdict that a finding has at its severity. Undefined where the check is off. */
export function judge(
  plan: ValidationPlan,
  { outcome, preset, ...finding }: Finding,
): CheckResult | undefined {
  const severity = plan.severityOf(finding.check, finding.column, preset);
  if (severity === 'off') return undefined;
  const verdict = outcome === 'holds' ? 'pass' : outcome === 'skip' ? 'skip' : severity;
  return { ...finding, verdict };
}
