import { join } from 'node:path';
import {
  MlopsError,
  canonicalJson,
  evaluationSchema,
  layout,
  modelManifestSchema,
  performanceSchema,
  readManifest,
  runRecordSchema,
  sha256OfFile,
  writeAtomically,
  type Evaluation,
  type GateReport,
  type MlopsConfig,
  type ModelConfig,
  type ModelManifest,
  type Performance,
  type Profile,
  type Registry,
} from '@nx-mlops/core';
import { explainFailure } from '../../data/explain-failure';
import { replaceFolder } from '../../data/replace-folder';
import { gateFiles } from '../../reporting/evaluation/gate-files';
import type { LocalSplit, ProjectFolder } from '../../training/project-folder';
import { readPredictions } from '../read-predictions';
import { baseRevision } from './baselines/base-revision';
import { gitIn } from './baselines/git';
import { baselineNames, lookUpBaselines, type LookedUpBaselines } from './baselines/look-up-baselines';
import { gateLines } from './gate-lines';
import { judgeGates } from './judge-gates';
import type { JudgedModel } from './judged-model';

export interface GateRequest {
  readonly project: ProjectFolder;
  readonly config: ModelConfig;
  /** What the merge base is looked for with, where no variable says so. */
  readonly base?: string;
  /** Of nx.json. */
  readonly defaultBase: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Opened only when a gate compares with a version. */
  readonly openRegistry: () => Promise<{ readonly mlops: MlopsConfig; readonly registry: Registry }>;
  /** The test split, opened only when a version must be scored on it. */
  readonly openTest: () => Promise<LocalSplit>;
  /** Profile of the split that the model learned from; undefined where there is none. */
  readonly readProfile: () => Promise<Profile | undefined>;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Judges the evaluation that lies there, against limits and against registered versions, and writes the verdicts
 * (`gate.json`) and the reports. They are written for a failed gate too.
 *
 * @returns the report; its `passed` says whether the task may go on
 * @throws MlopsError MLOPS_MANIFEST_MISSING when nothing was evaluated; MLOPS_EVALUATION_OUTDATED when the evaluation is
 *   of another model than the one that lies there; MLOPS_PREDICTIONS_CORRUPT; MLOPS_UNKNOWN_BASELINE; of the registry
 */
export async function gateModel(request: GateRequest): Promise<GateReport> {
  const { project, config, print } = request;
  const { model, manifest, evaluationSha256 } = await readJudgedModel(request);
  const { gates } = config.evaluation;
  const { baselines, evaluations } = await findBaselines(request, model, manifest);
  const report = judgeGates({ ...model, gates, baselines, evaluationSha256 });

  const run = await optional(join(project.folder, layout.model, layout.runFile), runRecordSchema);
  const profile = await request.readProfile();
  const files = await gateFiles({
    evaluation: model.evaluation,
    ...(model.performance === undefined ? {} : { performance: model.performance }),
    report,
    config,
    manifest,
    ...(run === undefined ? {} : { run }),
    baselines: evaluations,
    ...(profile === undefined ? {} : { profile }),
  });
  try {
    await replaceFolder(join(project.folder, layout.gate), async (folder) => {
      await writeAtomically(join(folder, layout.gateFile), canonicalJson(report));
      for (const [name, text] of files) await writeAtomically(join(folder, name), text);
    });
  } catch (error) {
    throw explainFailure(error);
  }
  for (const line of gateLines(report, model.evaluation, project.root)) print(line);
  return report;
}

async function readJudgedModel({ project, config }: GateRequest): Promise<{
  readonly model: JudgedModel;
  readonly manifest: ModelManifest;
  readonly evaluationSha256: string;
}> {
  const folder = join(project.folder, layout.evaluation);
  const evaluationFile = join(folder, layout.evaluationFile);
  const evaluate = `nx run ${project.name}:evaluate`;
  const evaluation = await readManifest(evaluationFile, evaluationSchema, evaluate);
  const manifest = await readManifest(
    join(project.folder, layout.model, layout.modelManifest),
    modelManifestSchema,
    `nx run ${project.name}:train`,
  );
  if (evaluation.modelSha256 !== manifest.file.sha256) throw outdated(project, evaluate);
  const performance = await optional(join(folder, layout.performanceFile), performanceSchema);
  // What rests on single rows is needed by comparisons alone, and may be large.
  const predictions =
    baselineNames(config.evaluation.gates).length === 0
      ? undefined
      : await readPredictions(folder, evaluation);
  return {
    model: {
      evaluation,
      ...(isOf(performance, evaluation) ? { performance } : {}),
      ...(predictions === undefined ? {} : { predictions }),
    },
    manifest,
    evaluationSha256: await sha256OfFile(evaluationFile),
  };
}

function isOf(performance: Performance | undefined, { modelSha256 }: Evaluation): performance is Performance {
  return performance?.modelSha256 === modelSha256;
}

async function findBaselines(
  request: GateRequest,
  model: JudgedModel,
  manifest: ModelManifest,
): Promise<LookedUpBaselines> {
  const { project, config, base, env, defaultBase, openTest, print, signal } = request;
  const names = baselineNames(config.evaluation.gates);
  if (names.length === 0) return { baselines: [], evaluations: new Map() };
  const { mlops, registry } = await request.openRegistry();
  return lookUpBaselines(names, {
    project,
    config,
    model,
    manifest,
    registry,
    mlops,
    git: gitIn(project.folder),
    base: baseRevision(base, env, defaultBase),
    openTest,
    print,
    signal,
  });
}

/** Undefined where the file is not there, or is of another form. */
async function optional<Schema extends Parameters<typeof readManifest>[1]>(file: string, schema: Schema) {
  return readManifest(file, schema, '').catch(() => undefined);
}

function outdated(project: ProjectFolder, evaluate: string): MlopsError {
  return new MlopsError(
    'MLOPS_EVALUATION_OUTDATED',
    `is of another model than the one that was trained last. Run ${evaluate} first.`,
    { file: `${project.root}/${layout.evaluation}/${layout.evaluationFile}` },
  );
}
