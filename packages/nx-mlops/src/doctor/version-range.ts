/**
 * Whether a version is in a range such as `>=23.3.0 <25` or `^3.700.0`: comparators `>=`, `<` and `^` (of a major from 1),
 * all of which must hold. What follows the numbers, such as `-beta.1`, is left out of account.
 *
 * @throws RangeError for a range of another form
 */
export function isInRange(version: string, range: string): boolean {
  return range
    .trim()
    .split(/\s+/)
    .every((comparator) => {
      const [, operator, bound] = /^(>=|<|\^)(\d[\d.]*)$/.exec(comparator) ?? [];
      if (operator === undefined || bound === undefined) {
        throw new RangeError(`"${comparator}" is no comparator that is known`);
      }
      const order = compare(version, bound);
      if (operator === '<') return order < 0;
      return order >= 0 && (operator === '>=' || numbersOf(version)[0] === numbersOf(bound)[0]);
    });
}

function compare(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  for (const part of [0, 1, 2]) {
    const difference = (left[part] ?? 0) - (right[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Major, minor, patch. */
function numbersOf(version: string): number[] {
  return (/^v?(\d+(?:\.\d+){0,2})/.exec(version)?.[1] ?? '').split('.').map(Number);
}
