import {
  evaluationSchema,
  fileNameOfProject,
  layout,
  messageOf,
  type GateReport,
  type Registry,
  type VersionRecord,
} from '@nx-mlops/core';
import { readFile } from 'node:fs/promises';
import type { Champion } from './model-report';

/**
 * The version to compare with: the first that the gates found, else what the last environment serves that serves anything.
 *
 * A registry that cannot be read leaves the report without a comparison, and that is said in it.
 *
 * @param environments in order of promotion
 */
export async function readChampion(
  registry: Registry,
  environments: readonly string[],
  project: string,
  gates: GateReport | undefined,
): Promise<Champion> {
  try {
    const model = fileNameOfProject(project);
    const judged = gates?.baselines.find(({ modelVersion }) => modelVersion !== undefined);
    const chosen =
      judged?.modelVersion === undefined
        ? await serving(registry, environments, model)
        : { name: judged.name, modelVersion: judged.modelVersion };
    if (chosen === undefined) {
      return {
        kind: 'none',
        because: 'No environment serves this model yet, so there is nothing to compare with.',
      };
    }
    const version = await registry.readVersion(model, chosen.modelVersion);
    const evaluation = await evaluationOf(registry, version);
    return {
      kind: 'found',
      ...chosen,
      manifest: version.manifest,
      ...(evaluation === undefined ? {} : { evaluation }),
    };
  } catch (error) {
    return { kind: 'none', because: `The registry could not be read: ${messageOf(error)}` };
  }
}

async function serving(registry: Registry, environments: readonly string[], model: string) {
  const { deployments } = await registry.state(model);
  const name = environments.findLast((environment) => deployments.has(environment));
  const version = name === undefined ? undefined : deployments.get(name)?.version;
  return name === undefined || version === undefined ? undefined : { name, modelVersion: version };
}

/** Undefined for one of an older form: its rows are then not known, which is all that is lost. */
async function evaluationOf(registry: Registry, version: VersionRecord) {
  if (!Object.hasOwn(version.files, layout.evaluationFile)) return undefined;
  const text = await readFile(await registry.fetchFile(version, layout.evaluationFile), 'utf8');
  return evaluationSchema.safeParse(JSON.parse(text)).data;
}
