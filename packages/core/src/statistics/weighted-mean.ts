import { compensatedSum } from './compensated-sum';
import { ratio } from './numbers';

/**
 * @param term of each row, finite, row in [0, rows)
 * @param weights one a row; all rows count alike when left out
 * @returns null when there are no rows, or none with a weight above 0
 */
export function weightedMean(
  rows: number,
  term: (row: number) => number,
  weights?: Float64Array,
): number | null {
  return ratio(weightedSum(rows, term, weights), totalWeight(rows, weights));
}

/** The sum of weight times term; of the terms alone without weights. */
export function weightedSum(rows: number, term: (row: number) => number, weights?: Float64Array): number {
  return weights === undefined
    ? compensatedSum(rows, term)
    : compensatedSum(rows, (row) => (weights[row] as number) * term(row));
}

/** The sum of the weights; the number of rows without them. */
export function totalWeight(rows: number, weights?: Float64Array): number {
  return weights === undefined ? rows : compensatedSum(rows, (row) => weights[row] as number);
}
