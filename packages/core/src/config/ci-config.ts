import { z } from 'zod';
import { safeName } from './names';

/** Systems for which there is a pipeline. */
export const ciProviders = ['github', 'gitlab', 'jenkins'] as const;
export type CiProvider = (typeof ciProviders)[number];

/** The class of what asks for nothing special. */
export const DEFAULT_RESOURCE_CLASS = 'default';

const agents = z.int().min(1).max(256).default(1);

const runner = z
  .array(z.string().min(1))
  .min(1)
  .describe('Labels of the machines: runs-on of GitHub, tags of GitLab, labels of Jenkins.');

const cron = z
  .string()
  .regex(/^\S+(\s+\S+){4}$/, 'five fields of cron, such as "17 4 * * *"')
  .describe("In cron's five fields, UTC on GitHub.");

export const ciConfigSchema = z
  .strictObject({
    providers: z
      .array(z.enum(ciProviders))
      .min(1)
      .refine((names) => new Set(names).size === names.length, 'each provider once')
      .describe('Whose pipelines nx g nx-mlops:ci and nx sync keep.'),
    targets: z
      .array(z.string().min(1))
      .min(1)
      .default(['lint', 'test', 'build', 'validate', 'test-model', 'gate'])
      .describe('What a check runs of every affected project that has it.'),
    agents: agents.describe('Jobs that a check is spread over.'),
    runner: runner.optional(),
    classes: z
      .record(safeName, z.strictObject({ agents, runner }))
      .default({})
      .refine(
        (classes) => !Object.hasOwn(classes, DEFAULT_RESOURCE_CLASS),
        `"${DEFAULT_RESOURCE_CLASS}" is what "agents" and "runner" beside "classes" describe`,
      )
      .describe('Resource classes, such as "gpu", and the machines that have them.'),
    schedule: z
      .union([cron, z.literal(false)])
      .default('17 4 * * *')
      .describe('When fresh data is checked and models are monitored; false for never.'),
    results: z
      .array(z.string().min(1))
      .default([])
      .describe('Further files of a job that are kept, such as "dist/reports/**/junit.xml".'),
    node: z.string().min(1).default('22').describe('Version of Node.js on the machines.'),
  })
  .describe('The pipeline of the workspace.');

export type CiConfig = z.infer<typeof ciConfigSchema>;
