export { readColumns, type Columns, type ReadOptions } from './data/read-columns';
export { EncodedSplit, type Batch, type BatchDataset, type BatchOptions } from './encoding/encoded-split';
export { Encoder, type EncodedBlock, type FeatureColumn } from './encoding/encoder';
export type {
  CategoryEncoding,
  EncodingName,
  FeatureEncoding,
  NumberEncoding,
  TargetScaling,
} from './encoding/encoding';
export type { EncoderOptions, FeatureOptions } from './encoding/fit-encoder';
export type { EvaluationScriptRun } from './evaluate/evaluation-script-run';
export { loadEvaluationRun } from './evaluate/load-evaluation-run';
export { runEvaluation } from './evaluate/run-evaluation';
export type { FitOptions, FitResult } from './fit/fit-model';
export { onnxOf, type ExportOptions, type ExportedModel } from './onnx/export-onnx';
export { loadPrepareRun } from './prepare/load-prepare-run';
export type { PreparationRun } from './prepare/preparation-run';
export { runPrepare } from './prepare/run-prepare';
export { seedGlobalRandom } from './random/global-random';
export { seededRandom, type Random } from './random/random';
export type { Checkpoint } from './run/checkpoint';
export { openRun, type OpenRunOptions } from './run/open-run';
export type { Params } from './run/params';
export { runTraining } from './run/run-training';
export type { TrainingRun } from './run/training-run';
