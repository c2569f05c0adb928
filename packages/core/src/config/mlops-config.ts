import { z } from 'zod';
import { safeName } from './names';

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
      autoPush: z.boolean().default(false).describe('Whether prepare pushes its splits when it is done.'),
    }),
  ])
  .describe('Where data is shared between machines. Left out, each machine prepares its own.');

export const mlopsConfigSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Gives an editor completion and checks.'),
    registry: z
      .string()
      .regex(/^file:.+/, 'a registry such as "file:.mlops/registry"')
      .default('file:.mlops/registry')
      .describe(
        'Where versions and deployments are recorded: file:<folder>, relative to the workspace or absolute.',
      ),
    remote: remote.optional(),
    environments: z
      .array(
        z.strictObject({
          name: safeName.describe('Such as "staging"; a configuration of every model\'s deploy target.'),
          description: z.string().optional().describe('For readers; no task depends on it.'),
        }),
      )
      .min(1)
      .refine(
        (environments) => new Set(environments.map(({ name }) => name)).size === environments.length,
        'each environment has a name of its own',
      )
      .describe('In order of promotion: the first takes new versions, the last is what users see.'),
  })
  .describe(
    'What the models of a workspace share: the registry, the remote store of data and the environments.',
  );

export type MlopsConfig = z.infer<typeof mlopsConfigSchema>;

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
