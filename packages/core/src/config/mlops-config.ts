import { z } from 'zod';
import { suggestion } from '../errors/nearest';
import { ciConfigSchema } from './ci-config';
import { environmentConfigSchema } from './environment-config';

/** Of an `s3://` address. */
const s3Options = {
  endpoint: z
    .url()
    .optional()
    .describe(
      'Of a store that speaks S3 and is not AWS, such as "https://minio.example.org". AWS_ENDPOINT_URL_S3 when left out.',
    ),
  region: z
    .string()
    .min(1)
    .optional()
    .describe('What AWS_REGION or the AWS profile says when left out, else us-east-1.'),
  forcePathStyle: z
    .boolean()
    .optional()
    .describe(
      'The bucket in the path instead of the host name; true when left out and an endpoint is given.',
    ),
};

const registryUrl = z
  .string()
  .regex(
    /^(file:.+|s3:\/\/[^/]+(\/.*)?|mlflow:https?:\/\/.+)$/,
    'a registry such as "file:.mlops/registry", "s3://bucket/prefix" or "mlflow:https://mlflow.example.org"',
  )
  .describe(
    'file:<folder>, relative to the workspace or absolute; s3://<bucket>/<prefix>; or mlflow:<address of a tracking server>.',
  );

const registry = z
  .union([registryUrl, z.strictObject({ url: registryUrl, ...s3Options })])
  .describe('Where versions and deployments are recorded. "file:.mlops/registry" when left out.');

const remoteUrl = z
  .string()
  .regex(
    /^(file:.+|s3:\/\/[^/]+(\/.*)?)$/,
    'an address such as "s3://bucket/prefix" or "file:/mnt/share/data"',
  )
  .describe('file:<folder>, relative to the workspace or absolute, or s3://<bucket>/<prefix>.');

const remote = z
  .union([
    remoteUrl,
    z.strictObject({
      url: remoteUrl,
      ...s3Options,
      autoPush: z.boolean().default(false).describe('Whether prepare pushes its splits when it is done.'),
    }),
  ])
  .describe('Where data is shared between machines. Left out, each machine prepares its own.');

export const mlopsConfigSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Gives an editor completion and checks.'),
    registry: registry.prefault('file:.mlops/registry'),
    remote: remote.optional(),
    signing: z
      .strictObject({
        publicKeys: z
          .array(z.string().min(1))
          .min(1)
          .describe('PEM files, relative to the workspace; a signature by any of them counts.'),
      })
      .optional()
      .describe('Whose signatures of versions count (OpenSSF Model Signing, by key).'),
    ci: ciConfigSchema.optional(),
    environments: z
      .array(environmentConfigSchema)
      .min(1)
      .refine(
        (environments) => new Set(environments.map(({ name }) => name)).size === environments.length,
        'each environment has a name of its own',
      )
      .superRefine((environments, context) => {
        environments.forEach(({ requires }, index) => {
          const earlier = environments.slice(0, index).map(({ name }) => name);
          requires.forEach((name, at) => {
            if (earlier.includes(name)) return;
            context.addIssue({
              code: 'custom',
              path: [index, 'requires', at],
              message: `"${name}" is no environment before this one.${suggestion(name, earlier)}`,
            });
          });
        });
      })
      .describe('In order of promotion: the first takes new versions, the last is what users see.'),
  })
  .describe(
    'What the models of a workspace share: the registry, the remote store of data and the environments.',
  );

export type MlopsConfig = z.infer<typeof mlopsConfigSchema>;

/** The registry as `mlops.json` names it. */
export interface RegistryConfig {
  readonly url: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly forcePathStyle?: boolean;
}

export function registryOf({ registry }: Pick<MlopsConfig, 'registry'>): RegistryConfig {
  return typeof registry === 'string' ? { url: registry } : registry;
}

/** The remote store as `mlops.json` names it. */
export interface RemoteConfig {
  readonly url: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly forcePathStyle?: boolean;
  readonly autoPush: boolean;
}

/** Undefined where `mlops.json` names no remote. */
export function remoteOf({ remote }: Pick<MlopsConfig, 'remote'>): RemoteConfig | undefined {
  return typeof remote === 'string' ? { url: remote, autoPush: false } : remote;
}
