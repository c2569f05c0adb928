import type { ClassResult } from '../manifest/evaluation';
import { checkSameLength } from './check-input';
import { classTotals, f1OfClass, precisionOfClass, recallOfClass } from './confusion-matrix';
import type { RankedScores } from './ranked-scores';
import { confusionOf } from './sample-confusion';
import type { BinarySample, MulticlassSample } from './sample';

/**
 * Precision, recall and F1 of each class against all others, as scikit-learn's `precision_recall_fscore_support`; null
 * where it divides by 0. By weights where there are some; `rows` are rows.
 *
 * @param classes labels in the order of the scores; of a binary sample negative, positive
 * @param ranked of a binary sample, where it is there already
 * @throws MlopsError as `measureSample`
 */
export function classResults(
  sample: BinarySample | MulticlassSample,
  classes: readonly ClassResult['label'][],
  ranked?: RankedScores,
): ClassResult[] {
  const totals = classTotals(confusionOf(sample, ranked));
  checkSameLength('class labels', classes.length, 'classes', totals.length);
  const rows = new Array<number>(totals.length).fill(0);
  for (let row = 0; row < sample.labels.length; row++) {
    const label = sample.labels[row] as number;
    rows[label] = (rows[label] as number) + 1;
  }
  return totals.map((each, index) => ({
    label: classes[index] as ClassResult['label'],
    rows: rows[index] as number,
    precision: precisionOfClass(each),
    recall: recallOfClass(each),
    f1: f1OfClass(each),
  }));
}
