import {
  layout,
  modelConfigSchema,
  parseConfig,
  parseDatasetReference,
  readManifest,
  runRecordSchema,
  type Registry,
} from '@nx-mlops/core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { schemaDelta, splitDeltas } from './data-delta';
import type { ModelReport, ReportedProject } from './model-report';
import { modelTime } from './model-time';
import { readChampion } from './read-champion';
import { readDatasetReport } from './read-dataset-report';
import { readJudgement } from './read-judgement';
import type { RunInformation } from './run-information';

export interface ModelReportRequest {
  readonly workspaceRoot: string;
  /** All projects of the workspace by name. */
  readonly projects: ReadonlyMap<string, ReportedProject>;
  readonly registry: Registry;
  /** Of mlops.json, in order. */
  readonly environments: readonly string[];
  readonly run: RunInformation | undefined;
}

/** All that the report says of one model. Whatever is missing or broken is told in it; nothing is thrown for that. */
export async function readModelReport(
  project: ReportedProject,
  request: ModelReportRequest,
): Promise<ModelReport> {
  const { workspaceRoot, projects, registry, environments, run } = request;
  const references = await splitReferences(workspaceRoot, project);
  const datasets = [...new Set(references.map(({ dataset }) => dataset))];
  const { judgement, manifest, evaluation } = await readJudgement(workspaceRoot, project, projects, run);
  const found = await readChampion(
    registry,
    environments,
    project.name,
    judgement.kind === 'judged' ? judgement.gates : undefined,
  );
  // A comment is read by everybody: paths of the machine do not belong into it.
  const champion =
    found.kind === 'none' ? { ...found, because: found.because.replaceAll(`${workspaceRoot}/`, '') } : found;
  const former = champion.kind === 'found' ? champion : undefined;
  const record = await readManifest(
    join(workspaceRoot, project.root, layout.model, layout.runFile),
    runRecordSchema,
    'train',
  ).catch(() => undefined);
  return {
    project,
    judgement,
    ...(manifest === undefined ? {} : { manifest }),
    ...(evaluation === undefined ? {} : { evaluation }),
    champion,
    splits:
      manifest === undefined
        ? []
        : splitDeltas({ manifest, ...(evaluation === undefined ? {} : { evaluation }) }, former),
    schema:
      manifest === undefined
        ? { added: [], removed: [], retyped: [] }
        : schemaDelta(manifest, former?.manifest),
    datasets: await Promise.all(
      datasets.flatMap((name) => {
        const dataset = projects.get(name);
        const splits = references.filter((each) => each.dataset === name).map(({ split }) => split);
        return dataset === undefined ? [] : [readDatasetReport(workspaceRoot, dataset, [...new Set(splits)])];
      }),
    ),
    time: modelTime(project, datasets, run, record),
  };
}

/** From the config, for a model that could not be trained has nothing else. */
async function splitReferences(workspaceRoot: string, { root }: ReportedProject) {
  const file = `${root}/${layout.modelConfig}`;
  try {
    const config = parseConfig(await readFile(join(workspaceRoot, file), 'utf8'), modelConfigSchema, file);
    return Object.values(config.datasets)
      .filter((reference) => reference !== undefined)
      .map(parseDatasetReference);
  } catch {
    return [];
  }
}
