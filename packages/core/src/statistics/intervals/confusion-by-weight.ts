import type { MetricBase } from '../../config/metrics';
import { once } from '../measure';
import type { Proportion, WeightedMetric } from './weighted-metric';

/** Weights of the rows by actual and by predicted class. */
interface Confusion {
  readonly classes: number;
  /** Row-major, actual by predicted. */
  readonly cells: Float64Array;
  readonly actual: Float64Array;
  readonly predicted: Float64Array;
  readonly total: number;
}

/** A metric of the confusion matrix: its value, and its derivative by the weight in each cell. */
interface ConfusionMetric {
  readonly value: (confusion: Confusion) => number | null;
  readonly gradient: (confusion: Confusion, value: number) => (actual: number, predicted: number) => number;
  readonly range?: readonly [number, number];
  readonly proportion?: (confusion: Confusion) => Proportion;
}

/** Rows by actual and predicted class. */
export interface ConfusedRows {
  readonly classes: number;
  /** `actual * classes + predicted` of each row. */
  readonly cells: () => Uint32Array;
  /** How they are confused where all rows count alike. */
  readonly unweighted: () => Confusion;
}

/** @param matrix rows by actual and predicted class, where it is there already */
export function confusedRows(
  actual: Uint8Array | Uint16Array,
  predicted: () => Uint8Array | Uint16Array,
  classes: number,
  matrix?: () => readonly (readonly number[])[],
): ConfusedRows {
  const cells = once(() => {
    const columns = predicted();
    const cellOf = new Uint32Array(actual.length);
    for (let row = 0; row < cellOf.length; row++) {
      cellOf[row] = (actual[row] as number) * classes + (columns[row] as number);
    }
    return cellOf;
  });
  return {
    classes,
    cells,
    unweighted: once(() =>
      matrix === undefined ? count(cells(), classes) : totalled(Float64Array.from(matrix().flat()), classes),
    ),
  };
}

/** @returns undefined for a metric that is none of the confusion matrix */
export function confusionByWeight(base: MetricBase, rows: ConfusedRows): WeightedMetric | undefined {
  const metric = confusionMetrics[base];
  if (metric === undefined) return undefined;
  const { classes, cells, unweighted } = rows;
  const { value, proportion } = metric;
  return {
    valueAt: (weights) => value(count(cells(), classes, weights)),
    derivativesAt: (weights) => {
      const slopes = slopesOf(metric, count(cells(), classes, weights));
      const cellOf = cells();
      const derivatives = new Float64Array(cellOf.length);
      for (let row = 0; row < cellOf.length; row++) {
        derivatives[row] = slopes[cellOf[row] as number] as number;
      }
      return derivatives;
    },
    unweighted: () => ({
      value: value(unweighted()),
      squaresByClass: () => squaresByClass(slopesOf(metric, unweighted()), unweighted()),
    }),
    range: metric.range ?? [0, 1],
    ...(proportion === undefined ? {} : { proportion: () => proportion(unweighted()) }),
  };
}

/** The derivative by the weight in each cell. */
function slopesOf({ value, gradient }: ConfusionMetric, confusion: Confusion): Float64Array {
  const { cells, classes } = confusion;
  const slope = gradient(confusion, value(confusion) as number);
  return Float64Array.from(cells, (_, cell) => slope(Math.floor(cell / classes), cell % classes));
}

function squaresByClass(slopes: Float64Array, { cells, classes }: Confusion): number[] {
  const squares = new Array<number>(classes).fill(0);
  slopes.forEach((slope, cell) => {
    const actual = Math.floor(cell / classes);
    squares[actual] = (squares[actual] as number) + (cells[cell] as number) * slope ** 2;
  });
  return squares;
}

/** @param weights one a row; all count alike when left out */
function count(rows: Uint32Array, classes: number, weights?: Float64Array): Confusion {
  const cells = new Float64Array(classes * classes);
  for (let row = 0; row < rows.length; row++) {
    const cell = rows[row] as number;
    cells[cell] = (cells[cell] as number) + (weights === undefined ? 1 : (weights[row] as number));
  }
  return totalled(cells, classes);
}

function totalled(cells: Float64Array, classes: number): Confusion {
  const actual = new Float64Array(classes);
  const predicted = new Float64Array(classes);
  let total = 0;
  for (let cell = 0; cell < cells.length; cell++) {
    const weight = cells[cell] as number;
    const row = Math.floor(cell / classes);
    actual[row] = (actual[row] as number) + weight;
    predicted[cell % classes] = (predicted[cell % classes] as number) + weight;
    total += weight;
  }
  return { classes, cells, actual, predicted, total };
}

const one = (condition: boolean) => (condition ? 1 : 0);
const right = ({ cells, classes }: Confusion, label: number) => cells[label * classes + label] as number;

/** Of the cells that count as trials, the share that count as successes. */
function shareOfCells(
  isTrial: (actual: number, predicted: number) => boolean,
  isSuccess: (actual: number, predicted: number) => boolean,
): ConfusionMetric {
  const proportion = ({ cells, classes }: Confusion) => {
    let successes = 0;
    let trials = 0;
    cells.forEach((weight, cell) => {
      const [actual, predicted] = [Math.floor(cell / classes), cell % classes];
      if (!isTrial(actual, predicted)) return;
      trials += weight;
      if (isSuccess(actual, predicted)) successes += weight;
    });
    return { successes, trials };
  };
  return {
    value: (confusion) => {
      const { successes, trials } = proportion(confusion);
      return trials === 0 ? null : successes / trials;
    },
    gradient: (confusion, value) => {
      const { trials } = proportion(confusion);
      return (actual, predicted) =>
        isTrial(actual, predicted) ? (one(isSuccess(actual, predicted)) - value) / trials : 0;
    },
    proportion,
  };
}

/**
 * The unweighted mean over classes of a share `n right / (a actual + p predicted)`: recall, precision and F1 are all of
 * this form.
 *
 * @param counts whether the mean is over this class too
 * @param fewest not defined with fewer classes
 */
function meanOverClasses(
  numerator: number,
  ofActual: number,
  ofPredicted: number,
  counts: (confusion: Confusion, label: number) => boolean,
  fewest = 1,
): ConfusionMetric {
  const denominator = ({ actual, predicted }: Confusion, label: number) =>
    ofActual * (actual[label] as number) + ofPredicted * (predicted[label] as number);
  const share = (confusion: Confusion, label: number) => {
    const whole = denominator(confusion, label);
    return whole === 0 ? 0 : (numerator * right(confusion, label)) / whole;
  };
  const classesOf = (confusion: Confusion) =>
    Array.from({ length: confusion.classes }, (_, label) => label).filter((label) =>
      counts(confusion, label),
    );
  return {
    value: (confusion) => {
      const labels = classesOf(confusion);
      if (labels.length < fewest) return null;
      return labels.reduce((sum, label) => sum + share(confusion, label), 0) / labels.length;
    },
    gradient: (confusion) => {
      const labels = classesOf(confusion);
      const slope = new Float64Array(confusion.classes);
      const shares = new Float64Array(confusion.classes);
      for (const label of labels) {
        const whole = denominator(confusion, label);
        slope[label] = whole === 0 ? 0 : 1 / whole / labels.length;
        shares[label] = share(confusion, label);
      }
      return (actual, predicted) =>
        numerator * one(actual === predicted) * (slope[actual] as number) -
        ofActual * (shares[actual] as number) * (slope[actual] as number) -
        ofPredicted * (shares[predicted] as number) * (slope[predicted] as number);
    },
  };
}

const occurs = ({ actual }: Confusion, label: number) => (actual[label] as number) > 0;
const occursOrIsPredicted = ({ actual, predicted }: Confusion, label: number) =>
  (actual[label] as number) + (predicted[label] as number) > 0;

/** Σ over the classes of the share of actual times the share of predicted rows, and the like. */
function marginals({ actual, predicted, total }: Confusion) {
  let both = 0;
  let actualSquares = 0;
  let predictedSquares = 0;
  for (let label = 0; label < actual.length; label++) {
    const a = (actual[label] as number) / total;
    const p = (predicted[label] as number) / total;
    both += a * p;
    actualSquares += a * a;
    predictedSquares += p * p;
  }
  return { both, actualSpread: 1 - actualSquares, predictedSpread: 1 - predictedSquares };
}

function accuracyOf(confusion: Confusion): number {
  let sum = 0;
  for (let label = 0; label < confusion.classes; label++) sum += right(confusion, label);
  return sum / confusion.total;
}

const countOfClasses = ({ actual }: Confusion) => actual.filter((weight) => weight > 0).length;
const countOfPredicted = ({ predicted }: Confusion) => predicted.filter((weight) => weight > 0).length;

/** Of several classes: J. Gorodkin, Computational Biology and Chemistry 28, 2004. */
const mcc: ConfusionMetric = {
  value: (confusion) => {
    if (countOfClasses(confusion) < 2) return null;
    if (countOfPredicted(confusion) < 2) return 0;
    const { both, actualSpread, predictedSpread } = marginals(confusion);
    return (accuracyOf(confusion) - both) / Math.sqrt(actualSpread * predictedSpread);
  },
  gradient: (confusion, value) => {
    if (countOfPredicted(confusion) < 2) return () => 0;
    const { both, actualSpread, predictedSpread } = marginals(confusion);
    const { actual, predicted, total } = confusion;
    const root = Math.sqrt(actualSpread * predictedSpread);
    const accuracy = accuracyOf(confusion);
    return (row, column) => {
      const a = (actual[row] as number) / total;
      const p = (predicted[column] as number) / total;
      const aOther = (actual[column] as number) / total;
      const pOther = (predicted[row] as number) / total;
      const byAccuracy = one(row === column) - accuracy;
      const byBoth = aOther + pOther - 2 * both;
      const byActual = -2 * (a - (1 - actualSpread));
      const byPredicted = -2 * (p - (1 - predictedSpread));
      return (
        ((byAccuracy - byBoth) / root -
          (value / 2) * (byActual / actualSpread + byPredicted / predictedSpread)) /
        total
      );
    };
  },
  range: [-1, 1],
};

/** J. Cohen, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20, 1960. */
const kappa: ConfusionMetric = {
  value: (confusion) => {
    if (countOfClasses(confusion) < 2) return null;
    const { both } = marginals(confusion);
    return (accuracyOf(confusion) - both) / (1 - both);
  },
  gradient: (confusion, value) => {
    const { both } = marginals(confusion);
    const { actual, predicted, total } = confusion;
    const accuracy = accuracyOf(confusion);
    return (row, column) => {
      const byAccuracy = one(row === column) - accuracy;
      const byBoth = ((actual[column] as number) + (predicted[row] as number)) / total - 2 * both;
      return (byAccuracy - byBoth * (1 - value)) / (1 - both) / total;
    };
  },
  range: [-1, 1],
};

/** Of two classes, class 1 is the positive one. */
const confusionMetrics: Partial<Record<MetricBase, ConfusionMetric>> = {
  accuracy: shareOfCells(
    () => true,
    (actual, predicted) => actual === predicted,
  ),
  precision: shareOfCells(
    (_, predicted) => predicted === 1,
    (actual) => actual === 1,
  ),
  recall: shareOfCells(
    (actual) => actual === 1,
    (_, predicted) => predicted === 1,
  ),
  specificity: shareOfCells(
    (actual) => actual === 0,
    (_, predicted) => predicted === 0,
  ),
  f1: meanOverClasses(2, 1, 1, (confusion, label) => label === 1 && occursOrIsPredicted(confusion, label)),
  'balanced-accuracy': meanOverClasses(1, 1, 0, occurs, 2),
  'macro-f1': meanOverClasses(2, 1, 1, occursOrIsPredicted),
  'macro-precision': meanOverClasses(1, 0, 1, occursOrIsPredicted),
  'macro-recall': meanOverClasses(1, 1, 0, occursOrIsPredicted),
  mcc,
  kappa,
};
