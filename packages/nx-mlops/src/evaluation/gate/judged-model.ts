import type { BaselineResult, Evaluation, MetricValues, Performance, Sample } from '@nx-mlops/core';
import type { StoredPredictions } from '../read-predictions';

/** The model under judgement, with all that a gate may look at. */
export interface JudgedModel {
  readonly evaluation: Evaluation;
  /** Absent where it was not measured. */
  readonly performance?: Performance;
  /** Its answers to the rows of the test split; absent where an evaluation script wrote metrics alone. */
  readonly predictions?: StoredPredictions;
}

/** A registered version that the model is compared with. */
export interface Champion {
  readonly modelVersion: number;
  /** The very same model file and threshold: there is no difference to measure. */
  readonly isSame: boolean;
  /** Bytes of its model file. */
  readonly modelSize: number;
  readonly performance?: Performance;
  /** Its answers to the same rows in the same order, beside the same truth; with its own threshold. */
  readonly sample?: Sample;
  /** Of its evaluation script, on the same rows. */
  readonly rowMetrics?: StoredPredictions['rowMetrics'];
  /** On the present test split. */
  readonly metrics?: MetricValues;
  /** Why there is no `sample`, in a sentence that says how to mend it. */
  readonly notScored?: string;
}

/** What a gate with `versus` names, resolved. */
export interface JudgedBaseline {
  /** For the report. Its `because` says why there is no champion where there is none. */
  readonly record: BaselineResult;
  /** Absent while nothing is registered that the name means. */
  readonly champion?: Champion;
}
