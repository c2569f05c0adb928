import { classesByHighestScore, classesByThreshold, type ModelManifest } from '@nx-mlops/core';
import { readScores, type Tensor } from '@nx-mlops/runtime';

/** What a version answered to a request. */
export interface VersionAnswer {
  readonly manifest: ModelManifest;
  /** Binary classification: a score at or above it counts as positive. */
  readonly threshold: number;
  readonly rows: number;
  /** The outputs that the request asked for. */
  readonly tensors: Readonly<Record<string, Tensor>>;
}

/** How far two answers to the same rows differ. */
export interface Comparison {
  readonly rows: number;
  /** Rows that get the same label; undefined where the task has none. */
  readonly agreeing?: number;
  /** |Δscore| a row, of several classes the largest; empty when the versions have other classes. */
  readonly scoreDifferences: readonly number[];
}

/**
 * Compares two answers row by row: the labels, each version's by its own threshold and classes, and the scores.
 *
 * @returns undefined when there is nothing to compare: a custom task, another task or number of rows, or a request that
 *   did not ask for the scores
 * @throws MlopsError MLOPS_MODEL_OUTPUT when the scores have not the shape of their task
 */
export function compareAnswers(live: VersionAnswer, shadow: VersionAnswer): Comparison | undefined {
  const { rows } = live;
  if (live.manifest.task !== shadow.manifest.task || rows !== shadow.rows) return undefined;
  const [one, other] = [scoresOf(live), scoresOf(shadow)];
  if (one === undefined || other === undefined) return undefined;
  const labels = labelsOf(live, one);
  const others = labelsOf(shadow, other);
  return {
    rows,
    ...(labels === undefined || others === undefined
      ? {}
      : { agreeing: labels.filter((label, row) => label === others[row]).length }),
    scoreDifferences: haveSameClasses(live, shadow) ? differencesByRow(one, other, rows) : [],
  };
}

type Scores = Float32Array | Float64Array;

function scoresOf({ manifest, rows, tensors }: VersionAnswer): Scores | undefined {
  const { scoreOutput, task } = manifest;
  if (task === 'custom' || scoreOutput === undefined || !Object.hasOwn(tensors, scoreOutput))
    return undefined;
  return readScores(manifest, tensors[scoreOutput], rows);
}

function labelsOf({ manifest, threshold }: VersionAnswer, scores: Scores): readonly unknown[] | undefined {
  const { task, classes } = manifest;
  if (classes === undefined) return undefined;
  if (task === 'binary-classification') {
    return Array.from(classesByThreshold(scores, threshold), (index) => classes[index]);
  }
  if (task === 'multiclass-classification') {
    return Array.from(classesByHighestScore(scores, classes.length), (index) => classes[index]);
  }
  return undefined;
}

function haveSameClasses(one: VersionAnswer, other: VersionAnswer): boolean {
  const [a = [], b = []] = [one.manifest.classes, other.manifest.classes];
  return a.length === b.length && a.every((label, index) => label === b[index]);
}

function differencesByRow(one: Scores, other: Scores, rows: number): readonly number[] {
  const width = rows === 0 ? 0 : one.length / rows;
  return Array.from({ length: rows }, (_, row) => {
    let largest = 0;
    for (let index = row * width; index < (row + 1) * width; index += 1) {
      // Two NaN are the same answer; one is not.
      if (Object.is(one[index], other[index])) continue;
      largest = Math.max(largest, Math.abs((one[index] as number) - (other[index] as number)));
    }
    return largest;
  });
}
