import type {
  Evaluation,
  GateReport,
  ModelConfig,
  ModelManifest,
  Performance,
  Profile,
  RunRecord,
} from '@nx-mlops/core';

/** All that the reports on a gated model are made from. */
export interface GateFilesInput {
  readonly evaluation: Evaluation;
  /** What depends on the machine; absent where it was not measured. */
  readonly performance?: Performance;
  readonly report: GateReport;
  readonly config: ModelConfig;
  readonly manifest: ModelManifest;
  /** How the model was trained; absent where the record is gone. */
  readonly run?: RunRecord;
  /**
   * Evaluations of the baselines by the name that gates give them, such as `production`: their curves are drawn where
   * they are of the same test split.
   */
  readonly baselines: ReadonlyMap<string, Evaluation>;
  /** Of the split that the model learned from. */
  readonly profile?: Profile;
}
