import {
  rowsOf,
  type ClassLabel,
  type EvaluationWarning,
  type FloatArray,
  type Sample,
} from '@nx-mlops/core';
import { formatCount, plural } from '../reporting/format';
import { automaticSliceColumns, keptSlices, type SliceColumn } from './slice-columns';

/** With fewer rows every interval is wide. */
const fewRows = 100;
/** Predictions that reach as many times beyond the targets are no rounding. */
const farBeyond = 10;

/** What a reader must know of how far the figures can be trusted. */
export function warningsOf(
  {
    sample,
    classes = [],
    slices,
    automaticLeftOut,
    where,
  }: {
    readonly sample: Sample;
    readonly classes?: readonly ClassLabel[];
    readonly slices: readonly SliceColumn[];
    readonly automaticLeftOut: readonly string[];
    readonly where: string;
  },
  confusion: readonly (readonly number[])[] | undefined,
): EvaluationWarning[] {
  const rows = rowsOf(sample);
  const warnings: EvaluationWarning[] = [];
  const warn = (code: string, message: string) => warnings.push({ code, message });
  if (rows < fewRows) {
    warn(
      'few-rows',
      `${where} has ${plural(rows, 'row')}: with fewer than ${fewRows} the intervals are wide.`,
    );
  }
  for (const { code, message } of [
    ...targetWarnings(sample, classes, where),
    ...scoreWarnings(sample, where),
    ...predictedWarnings(sample, classes, confusion),
    ...slices.flatMap((slice) => sliceWarnings(slice, where)),
  ]) {
    warn(code, message);
  }
  if (automaticLeftOut.length > 0) {
    warn(
      'slices-left-out',
      `More than ${automaticSliceColumns} features have few values, so these were not sliced automatically: ${automaticLeftOut.join(', ')}. List those that matter in evaluation.slices.`,
    );
  }
  return warnings;
}

function targetWarnings(sample: Sample, classes: readonly ClassLabel[], where: string): EvaluationWarning[] {
  switch (sample.task) {
    case 'binary-classification':
    case 'multiclass-classification': {
      const found = classesIn(sample.labels);
      const absent = classes.filter((_, index) => !found.has(index));
      const [only] = found;
      if (found.size === 1 && only !== undefined) {
        return [
          {
            code: 'one-class',
            message: `All rows of ${where} are of the class ${quoted([classes[only] ?? only])}, so metrics that tell classes apart are not defined.`,
          },
        ];
      }
      if (absent.length === 0) return [];
      return [
        {
          code: 'absent-class',
          message: `No row of ${where} is of ${absent.length === 1 ? 'the class' : 'the classes'} ${quoted(absent)}, so nothing is said of ${absent.length === 1 ? 'it' : 'them'}.`,
        },
      ];
    }
    case 'regression':
      return isConstant(sample.targets)
        ? [
            {
              code: 'constant-target',
              message: `The target has the value ${sample.targets[0]} in all rows of ${where}, so R² is not defined and a constant would be right.`,
            },
          ]
        : [];
    case 'ranking':
      return isConstant(sample.relevance)
        ? [
            {
              code: 'constant-target',
              message: `All rows of ${where} have the relevance ${sample.relevance[0]}, so every order is as good.`,
            },
          ]
        : [];
  }
}

function scoreWarnings(sample: Sample, where: string): EvaluationWarning[] {
  const warnings: EvaluationWarning[] = [];
  const perRow = sample.task === 'multiclass-classification' ? sample.classCount : 1;
  if (rowsOf(sample) > 1 && isConstant(sample.scores, perRow)) {
    warnings.push({
      code: 'equal-scores',
      message: `The model gives every row of ${where} the same ${perRow === 1 ? `score, ${sample.scores[0]}` : 'scores'}: it ignores its features.`,
    });
  }
  if (sample.task === 'regression') {
    const [lowest, highest] = rangeOf(sample.targets);
    const [least, most] = rangeOf(sample.scores);
    const reach = farBeyond * (highest - lowest);
    if (highest > lowest && (most > highest + reach || least < lowest - reach)) {
      warnings.push({
        code: 'score-range',
        message: `Predictions reach from ${least} to ${most}, the targets from ${lowest} to ${highest}: perhaps the model gives another unit.`,
      });
    }
  } else if (sample.task !== 'ranking' && !areProbabilities(sample.scores)) {
    const [least, most] = rangeOf(sample.scores);
    warnings.push({
      code: 'score-range',
      message: `Scores reach from ${least} to ${most}, so they are no probabilities: the threshold may not mean what it says, and calibration is not measured.`,
    });
  }
  return warnings;
}

function predictedWarnings(
  sample: Sample,
  classes: readonly ClassLabel[],
  confusion: readonly (readonly number[])[] | undefined,
): EvaluationWarning[] {
  if (confusion === undefined) return [];
  const never = classes.filter((_, index) => confusion.every((row) => row[index] === 0));
  if (never.length === 0) return [];
  const at = sample.task === 'binary-classification' ? ` at the threshold ${sample.threshold}` : '';
  return [{ code: 'never-predicted', message: `The model never predicts ${quoted(never)}${at}.` }];
}

function sliceWarnings({ name, kind, values, leftOut }: SliceColumn, where: string): EvaluationWarning[] {
  const warnings: EvaluationWarning[] = [];
  if (leftOut > 0) {
    warnings.push({
      code: 'slices-left-out',
      message: `"${name}" has ${formatCount(keptSlices + leftOut)} values; the ${keptSlices} with the most rows are kept.`,
    });
  }
  if (kind !== 'automatic' && values.length === 1) {
    const [only] = values;
    warnings.push(
      only === null
        ? {
            code: 'empty-slice',
            message: `"${name}" is missing in every row of ${where}, so it divides nothing.`,
          }
        : {
            code: 'empty-slice',
            message: `"${name}" has the value ${JSON.stringify(only)} in every row of ${where}, so it divides nothing.`,
          },
    );
  }
  return warnings;
}

const shownLabels = 10;

function quoted(labels: readonly ClassLabel[]): string {
  const shown = labels.slice(0, shownLabels).map((label) => JSON.stringify(label));
  return `${shown.join(', ')}${labels.length > shown.length ? ` and ${labels.length - shown.length} more` : ''}`;
}

/** As a set, but a set would be asked millions of times. */
function classesIn(labels: Uint8Array | Uint16Array): Set<number> {
  const occurs = new Uint8Array(2 ** (8 * labels.BYTES_PER_ELEMENT));
  for (let row = 0; row < labels.length; row++) occurs[labels[row] as number] = 1;
  const found = new Set<number>();
  occurs.forEach((each, label) => {
    if (each === 1) found.add(label);
  });
  return found;
}

/** Whether every row holds what the first one does. */
function isConstant(values: FloatArray, perRow = 1): boolean {
  for (let index = perRow; index < values.length; index++) {
    if (values[index] !== values[index - perRow]) return false;
  }
  return true;
}

/** But for rounding. */
function areProbabilities(scores: FloatArray): boolean {
  const [lowest, highest] = rangeOf(scores);
  return lowest >= -1e-6 && highest <= 1 + 1e-6;
}

function rangeOf(values: FloatArray): [lowest: number, highest: number] {
  let lowest = Infinity;
  let highest = -Infinity;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  return [lowest, highest];
}
