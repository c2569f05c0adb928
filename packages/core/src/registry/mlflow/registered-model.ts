import { z } from 'zod';
import { MlopsError } from '../../errors/mlops-error';

const schema = z.object({
  registered_model: z.object({
    name: z.string(),
    tags: z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]),
    aliases: z.array(z.object({ alias: z.string(), version: z.coerce.number() })).default([]),
    latest_versions: z.array(z.object({ version: z.coerce.number() })).default([]),
  }),
});

/** A registered model of MLflow as far as we use it. */
export interface RegisteredModel {
  readonly name: string;
  readonly tags: ReadonlyMap<string, string>;
  /** By alias, the number of the model version. */
  readonly aliases: ReadonlyMap<string, number>;
  /** The highest number of its model versions; 0 without one. */
  readonly lastVersion: number;
}

/** @throws MlopsError MLOPS_MLFLOW_UNFIT when it is of another form */
export function parseRegisteredModel(value: unknown, server: string): RegisteredModel {
  const result = schema.safeParse(value);
  if (!result.success) {
    throw new MlopsError(
      'MLOPS_MLFLOW_UNFIT',
      'what it says of a registered model is of an unknown form. Check that "registry" in mlops.json names a tracking server of MLflow 2.3 or newer.',
      { file: server },
      { cause: result.error },
    );
  }
  const { name, tags, aliases, latest_versions: latest } = result.data.registered_model;
  return {
    name,
    tags: new Map(tags.map(({ key, value: text }) => [key, text])),
    aliases: new Map(aliases.map(({ alias, version }) => [alias, version])),
    lastVersion: Math.max(0, ...latest.map(({ version }) => version)),
  };
}
