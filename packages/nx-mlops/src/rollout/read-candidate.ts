import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  MlopsError,
  evaluationSchema,
  gateReportSchema,
  layout,
  modelManifestSchema,
  readManifest,
  runRecordSchema,
  sha256OfFile,
  type Evaluation,
  type GateReport,
  type ModelManifest,
  type Provenance,
} from '@nx-mlops/core';
import { predictionFileName } from '../evaluation/prediction-file-name';
import { gitState } from '../training/git-state';
import type { ProjectFolder } from '../training/project-folder';

/** A model that passed its gates, with all that a version keeps of it. */
export interface Candidate {
  readonly manifest: ModelManifest;
  readonly evaluation: Evaluation;
  readonly gates: GateReport;
  /** By name in the version, the path of the local file. */
  readonly files: Readonly<Record<string, string>>;
  readonly provenance: Provenance;
}

/**
 * Reads what train, evaluate and gate left, and checks that they speak of one and the same model.
 *
 * @throws MlopsError MLOPS_MANIFEST_MISSING; MLOPS_MODEL_CORRUPT when model.onnx is not the file of its manifest;
 *   MLOPS_EVALUATION_OUTDATED, MLOPS_GATE_OUTDATED when one is of another model; MLOPS_GATE_NOT_PASSED
 */
export async function readCandidate(project: ProjectFolder): Promise<Candidate> {
  const run = (target: string) => `nx run ${project.name}:${target}`;
  const file = (folder: string, name: string) => join(project.folder, folder, name);
  const manifest = await readManifest(
    file(layout.model, layout.modelManifest),
    modelManifestSchema,
    run('train'),
  );
  const modelFile = file(layout.model, layout.modelFile);
  await refuseCorrupt(project, manifest, modelFile);

  const evaluationFile = file(layout.evaluation, layout.evaluationFile);
  const evaluation = await readManifest(evaluationFile, evaluationSchema, run('evaluate'));
  if (evaluation.modelSha256 !== manifest.file.sha256) {
    throw outdated(
      'MLOPS_EVALUATION_OUTDATED',
      project,
      layout.evaluation,
      layout.evaluationFile,
      run('evaluate'),
    );
  }
  const gateFile = file(layout.gate, layout.gateFile);
  const gates = await readManifest(gateFile, gateReportSchema, run('gate'));
  if (
    gates.modelSha256 !== manifest.file.sha256 ||
    gates.evaluationSha256 !== (await sha256OfFile(evaluationFile))
  ) {
    throw outdated('MLOPS_GATE_OUTDATED', project, layout.gate, layout.gateFile, run('gate'));
  }
  if (!gates.passed) throw notPassed(project, gates);

  return {
    manifest,
    evaluation,
    gates,
    files: await existing({
      [layout.modelFile]: modelFile,
      [layout.modelManifest]: file(layout.model, layout.modelManifest),
      [layout.runFile]: file(layout.model, layout.runFile),
      [layout.trainingCurve]: file(layout.model, layout.trainingCurve),
      [layout.evaluationFile]: evaluationFile,
      [layout.goldenFile]: file(layout.evaluation, layout.goldenFile),
      [layout.performanceFile]: file(layout.evaluation, layout.performanceFile),
      ...predictionFiles(evaluation, join(project.folder, layout.evaluation)),
      [layout.gateFile]: gateFile,
      [layout.gateReport]: file(layout.gate, layout.gateReport),
      [layout.gatePage]: file(layout.gate, layout.gatePage),
      [layout.gateJunit]: file(layout.gate, layout.gateJunit),
      [layout.modelCard]: file(layout.gate, layout.modelCard),
    }),
    provenance: await provenanceOf(project),
  };
}

async function refuseCorrupt(project: ProjectFolder, { file }: ModelManifest, path: string): Promise<void> {
  const digest = await sha256OfFile(path).catch(() => undefined);
  if (digest === file.sha256) return;
  const size = await stat(path).then(
    (found) => `${found.size} bytes`,
    () => 'missing',
  );
  throw new MlopsError(
    'MLOPS_MODEL_CORRUPT',
    `is not the file that its manifest tells of (${size}, the manifest says ${file.size} bytes). A cache entry may have been restored by half: run nx run ${project.name}:train --skip-nx-cache.`,
    { file: `${project.root}/${layout.model}/${layout.modelFile}` },
  );
}

/** By name in the version: what the comparison of a later model with this one reads. */
function predictionFiles({ predictions }: Evaluation, folder: string): Record<string, string> {
  if (predictions === undefined) return {};
  const { scores, truth, weights, groups, queries, slices, rowMetrics = {} } = predictions;
  const entries = [
    scores,
    truth,
    weights,
    groups,
    queries,
    ...Object.values(slices),
    ...Object.values(rowMetrics),
  ];
  return Object.fromEntries(
    entries.flatMap((entry) =>
      entry === undefined ? [] : [[predictionFileName(entry.file), join(folder, entry.file)]],
    ),
  );
}

/**
 * From the run record, whose commit is the one trained at; without one, from where the work tree stands. Where the work
 * tree stands now is the commit that the version is registered at.
 */
async function provenanceOf(project: ProjectFolder): Promise<Provenance> {
  const state = await gitState(project.folder);
  const registered = state.commit === undefined ? {} : { registeredCommit: state.commit };
  const run = await readManifest(
    join(project.folder, layout.model, layout.runFile),
    runRecordSchema,
    `nx run ${project.name}:train`,
  ).catch(() => undefined);
  if (run === undefined) return { ...state, ...registered };
  const { commit, dirty, nxTaskHash, finishedAt, params, seed, node, environmentLock, nxMlops } = run;
  return {
    ...(commit === undefined ? {} : { commit }),
    ...registered,
    ...(dirty === undefined ? {} : { dirty }),
    ...(nxTaskHash === undefined ? {} : { nxTaskHash }),
    trainedAt: finishedAt,
    params,
    seed,
    ...(environmentLock === undefined ? {} : { environmentLock }),
    toolVersions: { node, ...(nxMlops === undefined ? {} : { 'nx-mlops': nxMlops }) },
  };
}

/** The files that are there: a script need not log metrics, so there may be no curve. */
async function existing(files: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, path] of Object.entries(files)) {
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      found[name] = path;
  }
  return found;
}

function outdated(
  code: `MLOPS_${string}`,
  project: ProjectFolder,
  folder: string,
  file: string,
  command: string,
): MlopsError {
  return new MlopsError(code, `is not of the model that was trained last. Run ${command} first.`, {
    file: `${project.root}/${folder}/${file}`,
  });
}

function notPassed(project: ProjectFolder, { gates }: GateReport): MlopsError {
  const blocking = gates.filter(({ effect }) => effect === 'block');
  return new MlopsError(
    'MLOPS_GATE_NOT_PASSED',
    `"${project.name}" did not pass its gates, so it is not deployed: ${blocking.map(({ name }) => name).join('; ')}. See ${project.root}/${layout.gate}/${layout.gateReport}.`,
  );
}
