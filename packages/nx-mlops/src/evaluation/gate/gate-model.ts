import { join, posix } from 'node:path';
import {
  MlopsError,
  canonicalJson,
  evaluationSchema,
  layout,
  modelManifestSchema,
  readManifest,
  sha256OfFile,
  writeAtomically,
  type GateReport,
  type ModelConfig,
} from '@nx-mlops/core';
import { explainFailure } from '../data/explain-failure';
import { replaceFolder } from '../data/replace-folder';
import type { ProjectFolder } from '../training/project-folder';
import { judgeGates } from './gate';
import { gateReportMarkdown, gateTable, verdictLine } from './gate-report-text';

export interface GateRequest {
  readonly project: ProjectFolder;
  readonly config: ModelConfig;
  readonly print: (line: string) => void;
}

/**
 * Judges the evaluation that lies there and writes the verdicts: `gate.json` and `report.md`. They are written for a
 * failed gate too.
 *
 * @returns the report; its `passed` says whether the task may go on
 * @throws MlopsError MLOPS_MANIFEST_MISSING when nothing was evaluated, MLOPS_EVALUATION_OUTDATED when the evaluation is
 *   of another model than the one that lies there
 */
export async function gateModel({ project, config, print }: GateRequest): Promise<GateReport> {
  const evaluationFile = join(project.folder, layout.evaluation, layout.evaluationFile);
  const evaluation = await readManifest(evaluationFile, evaluationSchema, `nx run ${project.name}:evaluate`);
  const manifest = await readManifest(
    join(project.folder, layout.model, layout.modelManifest),
    modelManifestSchema,
    `nx run ${project.name}:train`,
  );
  if (evaluation.modelSha256 !== manifest.file.sha256) {
    throw new MlopsError(
      'MLOPS_EVALUATION_OUTDATED',
      `is of another model than the one that was trained last. Run nx run ${project.name}:evaluate first.`,
      { file: `${project.root}/${layout.evaluation}/${layout.evaluationFile}` },
    );
  }
  const report = judgeGates(evaluation, config.evaluation.gates, await sha256OfFile(evaluationFile));
  const charts = posix.relative(layout.gate, layout.evaluation);
  try {
    await replaceFolder(join(project.folder, layout.gate), async (folder) => {
      await writeAtomically(join(folder, layout.gateFile), canonicalJson(report));
      await writeAtomically(join(folder, layout.gateReport), gateReportMarkdown(report, evaluation, charts));
    });
  } catch (error) {
    throw explainFailure(error);
  }
  announce(report, project, print);
  return report;
}

function announce(report: GateReport, project: ProjectFolder, print: (line: string) => void): void {
  for (const line of gateTable(report)) print(line);
  if (report.gates.length === 0) {
    print(
      `${project.name} has no gates, so every model passes. Add evaluation.gates to ${project.root}/${layout.modelConfig}, such as { "metric": …, "min": … }.`,
    );
  } else {
    print('');
    print(verdictLine(report));
  }
  for (const { name, because, severity, verdict } of report.gates) {
    if (verdict === 'fail') print(`${severity === 'block' ? 'Failed' : 'Warning'}: ${name}. ${because}`);
  }
  print(`Report: ${project.root}/${layout.gate}/${layout.gateReport}`);
}
