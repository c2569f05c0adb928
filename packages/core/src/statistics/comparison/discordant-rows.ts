import { MlopsError } from '../../errors/mlops-error';
import { classesByHighestScore, classesByThreshold } from '../predicted-classes';
import type { Sample } from '../sample';
import type { DiscordantRows } from './mcnemar';

/**
 * How many rows one classifier gets right and the other wrong.
 *
 * @throws MlopsError MLOPS_METRIC_UNFIT when one of them is no classifier
 */
export function discordantRows(challenger: Sample, champion: Sample): DiscordantRows {
  const [ours, truth] = classesOf(challenger);
  const [theirs] = classesOf(champion);
  let gained = 0;
  let lost = 0;
  for (let row = 0; row < truth.length; row++) {
    const right = ours[row] === truth[row];
    if (right === (theirs[row] === truth[row])) continue;
    if (right) gained++;
    else lost++;
  }
  return { gained, lost, rows: truth.length };
}

type Classes = Uint8Array | Uint16Array;

/** Predicted and true class of each row. */
function classesOf(sample: Sample): [predicted: Classes, actual: Classes] {
  switch (sample.task) {
    case 'binary-classification':
      return [classesByThreshold(sample.scores, sample.threshold), sample.labels];
    case 'multiclass-classification':
      return [classesByHighestScore(sample.scores, sample.classCount), sample.labels];
    default:
      throw new MlopsError('MLOPS_METRIC_UNFIT', `there are no classes in ${sample.task}.`);
  }
}
