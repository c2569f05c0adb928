import type { CheckResult, ColumnProfile, Profile, Validation } from '@nx-mlops/core';

export function check(overrides: Partial<CheckResult> = {}): CheckResult {
  return { check: 'missing', split: 'train', verdict: 'pass', because: 'holds', ...overrides };
}

export function validationOf(...checks: CheckResult[]): Validation {
  return {
    version: 1,
    dataset: 'flights',
    passed: checks.every(({ verdict }) => verdict !== 'fail'),
    checks,
  };
}

export function numberColumn(
  name: string,
  counts: number[],
  overrides: Partial<ColumnProfile> = {},
): ColumnProfile {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  return {
    name,
    type: 'number',
    rows,
    missing: 0,
    distinct: rows,
    minimum: 0,
    maximum: counts.length,
    mean: 1.5,
    standardDeviation: 0.5,
    histogram: { edges: Array.from({ length: counts.length + 1 }, (_, index) => index), counts },
    ...overrides,
  };
}

export function textColumn(name: string, top: [string, number][], other = 0): ColumnProfile {
  const rows = top.reduce((sum, [, count]) => sum + count, other);
  return { name, type: 'string', rows, missing: 0, distinct: top.length, top, otherCount: other };
}

export function profileOf(split: string, ...columns: ColumnProfile[]): Profile {
  return {
    version: 1,
    dataset: 'flights',
    split,
    sha256: '0123456789abcdef'.repeat(4),
    rows: columns[0]?.rows ?? 0,
    columns,
  };
}

/** Text that breaks out of what it stands in, wherever it is not escaped. */
export const hostile = `<script>alert("1")</script>'&amp;|\`]]>\u0000\u202e\ud800@all`;
