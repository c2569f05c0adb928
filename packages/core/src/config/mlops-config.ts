import { z } from 'zod';
import { safeName } from './names';

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
  .describe('What the models of a workspace share: the registry and the environments.');

export type MlopsConfig = z.infer<typeof mlopsConfigSchema>;
