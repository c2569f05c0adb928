import { readFile } from 'node:fs/promises';
import {
  MlopsError,
  evaluationSchema,
  layout,
  performanceSchema,
  type Evaluation,
  type Performance,
  type Registry,
  type VersionRecord,
} from '@nx-mlops/core';
import { z } from 'zod';

/** What a version says of its own measurement. */
export interface VersionEvaluation {
  /** Absent where the version was registered without one of today's form, as by an older nx-mlops. */
  readonly evaluation?: Evaluation;
  readonly performance?: Performance;
  /** Binary classification: what it counts as positive. */
  readonly threshold?: number;
}

/** All that is read of an evaluation of a former form. */
const formerEvaluation = z.object({ threshold: z.number().optional() });

/**
 * @throws MlopsError of the registry, when a file is missing there or is not what was registered;
 *   MLOPS_REGISTRY_TAMPERED when a file is no JSON
 */
export async function readVersionEvaluation(
  registry: Registry,
  version: VersionRecord,
): Promise<VersionEvaluation> {
  const written = await readJson(registry, version, layout.evaluationFile);
  const evaluation = evaluationSchema.safeParse(written).data;
  const performance = performanceSchema.safeParse(
    await readJson(registry, version, layout.performanceFile),
  ).data;
  const threshold = version.threshold ?? formerEvaluation.safeParse(written).data?.threshold;
  return {
    ...(evaluation === undefined ? {} : { evaluation }),
    ...(performance === undefined ? {} : { performance }),
    ...(threshold === undefined ? {} : { threshold }),
  };
}

/** Undefined where the version has no such file. */
async function readJson(registry: Registry, version: VersionRecord, name: string): Promise<unknown> {
  if (!Object.hasOwn(version.files, name)) return undefined;
  const text = await readFile(await registry.fetchFile(version, name), 'utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new MlopsError(
      'MLOPS_REGISTRY_TAMPERED',
      `${name} of version ${version.version} of "${version.model}" is no JSON. Restore it from a backup of the registry.`,
      { file: registry.description },
      { cause: error },
    );
  }
}
