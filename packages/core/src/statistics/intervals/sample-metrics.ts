import { parseMetric, type MetricBase, type MetricName } from '../../config/metrics';
import { MlopsError } from '../../errors/mlops-error';
import { once } from '../measure';
import { rankScores, type RankedScores } from '../ranked-scores';
import { brierTerm, logLossTerm, rankedMean, rankedSquares, type RowTerm } from '../ranked-sums';
import { logLossOf } from '../log-loss';
import { classesByHighestScore, classesByThreshold } from '../predicted-classes';
import { confusionOf } from '../sample-confusion';
import { averagePrecisionAt, hitAt, ndcg, recallAt, reciprocalRank } from '../query-metrics';
import { rankedQueries, type RankedQuery } from '../ranked-queries';
import type { BinarySample, MulticlassSample, RankingSample, RegressionSample, Sample } from '../sample';
import { averagePrecisionByWeight } from './average-precision-by-weight';
import { calibrationErrorByWeight } from './calibration-error-by-weight';
import { confusedRows, confusionByWeight } from './confusion-by-weight';
import { medianByWeight } from './median-by-weight';
import { rankRows } from './ranked-rows';
import { rocAucByWeight } from './roc-auc-by-weight';
import { meanMetric, shareMetric, sumMetric } from './sum-metric';
import type { Entries, WeightedMetric } from './weighted-metric';

/** The metrics of a sample as functions of the weights of its entries. What they share is computed once. */
export interface SampleMetrics {
  readonly entries: Entries;
  /**
   * @returns undefined for the largest error, for which there is neither interval nor test
   * @throws MlopsError MLOPS_METRIC_UNFIT for a metric that the task does not have
   */
  metric(name: MetricName): WeightedMetric | undefined;
}

/** @param ranked of a binary sample without weights, where it is there already */
export function sampleMetrics(sample: Sample, ranked?: RankedScores): SampleMetrics {
  const { entries, compute } = byTask(sample, ranked);
  return {
    entries,
    metric: (name) => {
      const parsed = parseMetric(name);
      if (!parsed?.definition.tasks.includes(sample.task)) {
        throw new MlopsError('MLOPS_METRIC_UNFIT', `"${name}" is no metric of ${sample.task}.`);
      }
      return compute(parsed.base, parsed.cutoff ?? 0);
    },
  };
}

interface TaskMetrics {
  readonly entries: Entries;
  readonly compute: (base: MetricBase, cutoff: number) => WeightedMetric | undefined;
}

function byTask(sample: Sample, ranked: RankedScores | undefined): TaskMetrics {
  switch (sample.task) {
    case 'binary-classification':
      return binaryMetricsByWeight(sample, ranked);
    case 'multiclass-classification':
      return multiclassMetricsByWeight(sample);
    case 'regression':
      return regressionMetricsByWeight(sample);
    case 'ranking':
      return rankingMetricsByWeight(sample);
  }
}

const share = [0, 1] as const;
const unbounded = [0, Infinity] as const;

function entriesOf(sample: Sample, count: number): Entries {
  const { weights, groups } = sample;
  return {
    count,
    ...(weights === undefined ? {} : { weights }),
    ...(groups === undefined ? {} : { groups }),
  };
}

function binaryMetricsByWeight(sample: BinarySample, ranked: RankedScores | undefined): TaskMetrics {
  const { scores, labels, threshold } = sample;
  const rankedRows = once(() => rankRows(scores));
  const rankedScores = once(() => ranked ?? rankScores({ scores, labels }));
  const confused = once(() =>
    confusedRows(
      labels,
      () => classesByThreshold(scores, threshold),
      2,
      ranked === undefined ? undefined : () => confusionOf(sample, ranked),
    ),
  );
  const mean = (term: RowTerm, range: readonly [number, number]) => {
    const column = () =>
      columnOf(labels.length, (row) =>
        labels[row] === 1 ? term.ofPositive(scores[row] as number) : term.ofNegative(scores[row] as number),
      );
    return ranked === undefined ? meanMetric(column(), range) : rankedMeanMetric(ranked, term, column, range);
  };
  return {
    entries: entriesOf(sample, labels.length),
    compute: (base) => {
      switch (base) {
        case 'roc-auc':
          return rocAucByWeight(labels, rankedRows, rankedScores);
        case 'pr-auc':
          return averagePrecisionByWeight(labels, rankedRows, rankedScores);
        case 'log-loss':
          return mean(logLossTerm(scores), unbounded);
        case 'brier':
          return mean(brierTerm, share);
        case 'ece':
          return calibrationErrorByWeight(rankedRows(), scores, labels);
        default:
          return confusionByWeight(base, confused());
      }
    },
  };
}

function multiclassMetricsByWeight(sample: MulticlassSample): TaskMetrics {
  const { scores, labels, classCount } = sample;
  const rows = labels.length;
  const score = (row: number, label: number) => scores[row * classCount + label] as number;
  const predicted = once(() => classesByHighestScore(scores, classCount));
  const confused = once(() => confusedRows(labels, predicted, classCount));
  return {
    entries: entriesOf(sample, rows),
    compute: (base, cutoff) => {
      switch (base) {
        case 'log-loss': {
          const loss = logLossOf(scores);
          return meanMetric(
            columnOf(rows, (row) => loss(score(row, labels[row] as number))),
            unbounded,
          );
        }
        case 'brier':
          return meanMetric(
            columnOf(rows, (row) => {
              let sum = 0;
              for (let label = 0; label < classCount; label++) {
                sum += (score(row, label) - (labels[row] === label ? 1 : 0)) ** 2;
              }
              return classCount < 3 ? sum / 2 : sum;
            }),
            [0, classCount < 3 ? 1 : 2],
          );
        case 'ece': {
          const confidences = columnOf(rows, (row) => score(row, predicted()[row] as number));
          const hits = columnOf(rows, (row) => (predicted()[row] === labels[row] ? 1 : 0));
          return calibrationErrorByWeight(rankRows(confidences), confidences, hits);
        }
        case 'top-k-accuracy':
          // Of equal scores the later class counts as higher, as in scikit-learn.
          return shareMetric(
            columnOf(rows, (row) => {
              const own = score(row, labels[row] as number);
              let ahead = 0;
              for (let label = 0; label < classCount; label++) {
                const other = score(row, label);
                if (other > own || (other === own && label > (labels[row] as number))) ahead++;
              }
              return ahead < cutoff ? 1 : 0;
            }),
          );
        default:
          return confusionByWeight(base, confused());
      }
    },
  };
}

function regressionMetricsByWeight(sample: RegressionSample): TaskMetrics {
  const { scores, targets } = sample;
  const rows = targets.length;
  const error = (row: number) => (scores[row] as number) - (targets[row] as number);
  const absolute = once(() => columnOf(rows, (row) => Math.abs(error(row))));
  return {
    entries: entriesOf(sample, rows),
    compute: (base) => {
      switch (base) {
        case 'mae':
          return meanMetric(absolute(), unbounded);
        case 'rmse':
          return rootMeanSquare(columnOf(rows, (row) => error(row) ** 2));
        case 'r2':
          return determination(
            columnOf(rows, (row) => error(row) ** 2),
            targets,
          );
        case 'mean-error':
          return meanMetric(columnOf(rows, error), [-Infinity, Infinity]);
        case 'mape': {
          // A target of 0 is divided by the machine epsilon, as scikit-learn does.
          const share = (row: number) =>
            Math.abs(error(row)) / Math.max(Math.abs(targets[row] as number), Number.EPSILON);
          return meanMetric(columnOf(rows, share), unbounded);
        }
        case 'wape':
          return ratioOfSums(
            absolute(),
            columnOf(rows, (row) => Math.abs(targets[row] as number)),
          );
        case 'median-absolute-error':
          return medianByWeight(absolute());
        default:
          return undefined;
      }
    },
  };
}

/** An entry is a query, since its rows are ranked against each other. */
function rankingMetricsByWeight(sample: RankingSample): TaskMetrics {
  const queries = rankedQueries(sample);
  const columnOfQueries = (figure: (query: RankedQuery) => number) =>
    columnOf(queries.length, (at) => figure(queries[at] as RankedQuery));
  return {
    entries: {
      count: queries.length,
      ...(sample.weights === undefined ? {} : { weights: columnOfQueries(({ weight }) => weight) }),
      ...(sample.groups === undefined ? {} : { groups: groupsOfQueries(sample.queries, sample.groups) }),
    },
    compute: (base, cutoff) => {
      switch (base) {
        case 'ndcg':
          return meanMetric(
            columnOfQueries((query) => ndcg(query, cutoff)),
            share,
          );
        case 'map':
          return meanMetric(
            columnOfQueries((query) => averagePrecisionAt(query, cutoff)),
            share,
          );
        case 'mrr':
          return meanMetric(columnOfQueries(reciprocalRank), share);
        case 'recall-at-k':
          return meanMetric(
            columnOfQueries((query) => recallAt(query, cutoff)),
            share,
          );
        case 'hit-rate':
          // Where ties decide it a query is a hit in part. Wilson's interval is then a little wider than it need be.
          return shareMetric(columnOfQueries((query) => hitAt(query, cutoff)));
        default:
          return undefined;
      }
    },
  };
}

/** The group of the first row of each query, in the order in which the queries first occur. */
function groupsOfQueries(queries: Uint32Array, groups: Uint32Array): Uint32Array {
  const seen = new Map<number, number>();
  queries.forEach((query, row) => {
    if (!seen.has(query)) seen.set(query, groups[row] as number);
  });
  return Uint32Array.from(seen.values());
}

function rootMeanSquare(squares: Float64Array): WeightedMetric {
  const valueOf = ([weight, sum]: readonly number[]) =>
    weight === 0 ? null : Math.sqrt((sum as number) / (weight as number));
  return sumMetric({
    columns: [squares],
    value: valueOf,
    gradient: (sums) => {
      const value = valueOf(sums) as number;
      const weight = sums[0] as number;
      // All errors 0: the root has no slope there, and no row moves it.
      return value === 0 ? [0, 0] : [-value / (2 * weight), 1 / (2 * value * weight)];
    },
    range: unbounded,
  });
}

function ratioOfSums(numerators: Float64Array, denominators: Float64Array): WeightedMetric {
  return sumMetric({
    columns: [numerators, denominators],
    value: ([, above, below]) => (below === 0 ? null : (above as number) / (below as number)),
    gradient: ([, above, below]) => [0, 1 / (below as number), -(above as number) / (below as number) ** 2],
    range: unbounded,
  });
}

/** Of deviations whose squares sum to less than this share of what cancelled, all digits are rounding. */
const ROUNDING = 1e-12;

function determination(squares: Float64Array, targets: Float64Array): WeightedMetric {
  const rows = targets.length;
  // Any constant may be subtracted; one amid the targets keeps the digits.
  let centre = 0;
  for (let row = 0; row < rows; row++) centre += (targets[row] as number) / rows;
  const deviations = columnOf(rows, (row) => (targets[row] as number) - centre);
  const deviationSquares = columnOf(rows, (row) => (deviations[row] as number) ** 2);
  const spreadOf = (weight: number, sum: number, sumOfSquares: number) => {
    const spread = sumOfSquares - sum ** 2 / weight;
    return spread <= ROUNDING * sumOfSquares ? 0 : spread;
  };
  return sumMetric({
    columns: [squares, deviations, deviationSquares],
    value: ([weight = 0, unexplained = 0, sum = 0, sumOfSquares = 0]) => {
      const spread = weight === 0 ? 0 : spreadOf(weight, sum, sumOfSquares);
      return spread === 0 ? null : 1 - unexplained / spread;
    },
    gradient: ([weight = 0, unexplained = 0, sum = 0, sumOfSquares = 0]) => {
      const spread = spreadOf(weight, sum, sumOfSquares);
      const bySpread = unexplained / spread ** 2;
      return [bySpread * (sum / weight) ** 2, -1 / spread, (-2 * bySpread * sum) / weight, bySpread];
    },
    range: [-Infinity, 1],
  });
}

/** The mean of a term; of rows that count alike by their ranking, without a number a row. */
function rankedMeanMetric(
  ranked: RankedScores,
  term: RowTerm,
  column: () => Float64Array,
  range: readonly [number, number],
): WeightedMetric {
  const byWeight = once(() => meanMetric(column(), range));
  const rows = ranked.negatives + ranked.positives;
  return {
    valueAt: (weights) => byWeight().valueAt(weights),
    derivativesAt: (weights) => byWeight().derivativesAt(weights),
    unweighted: once(() => {
      const value = rankedMean(ranked, term);
      return {
        value,
        squaresByClass: () => rankedSquares(ranked, term, value as number).map((each) => each / rows ** 2),
      };
    }),
    range,
  };
}

function columnOf(count: number, value: (entry: number) => number): Float64Array {
  const column = new Float64Array(count);
  for (let entry = 0; entry < count; entry++) column[entry] = value(entry);
  return column;
}
