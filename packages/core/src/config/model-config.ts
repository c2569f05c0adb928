import { z } from 'zod';
import { evaluationConfigSchema } from './evaluation-config';
import { judgeEvaluation } from './judge-evaluation';
import { tasks } from './metrics';
import { safeName } from './names';

const datasetReference = z
  .string()
  .regex(/^[^:]+:[^:]+$/, 'a dataset and its split, such as "flights:train"')
  .describe('Project and split, such as "flights:train".');

/** Values that a training script gets unchanged; only JSON, so that they can be part of the cache key. */
const params = z.record(z.string(), z.json());

export const modelConfigSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Gives an editor completion and checks.'),
    name: z
      .string()
      .min(1)
      .optional()
      .describe('Name of the Nx project. The name of the folder when left out.'),
    description: z.string().optional().describe('For readers; no task depends on it.'),
    task: z.enum(tasks).describe('What kind of value the target is; it decides which metrics there are.'),
    datasets: z
      .strictObject({
        train: datasetReference,
        validation: datasetReference
          .optional()
          .describe('Rows for early stopping; the training script may read them.'),
        test: datasetReference.describe('Rows for evaluation; the training script never sees them.'),
      })
      .describe('Which splits this model learns from and is measured on.'),
    features: z.array(z.string().min(1)).min(1).describe('Columns that the model takes, in this order.'),
    target: z.string().min(1).describe('The column that the model predicts.'),
    positiveClass: z
      .union([z.string(), z.number(), z.boolean()])
      .optional()
      .describe(
        'Binary classification: the value counted as positive. The second in sort order when left out.',
      ),
    query: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Ranking: the column whose rows are ranked against each other, such as a search or a session.',
      ),
    training: z.strictObject({
      entry: z
        .string()
        .min(1)
        .optional()
        .describe('The training script (.ts, .js, .mjs, .cjs or .py), relative to this config.'),
      command: z
        .array(z.string().min(1))
        .min(1)
        .optional()
        .describe(
          'Instead of entry: program and arguments, run without a shell in the folder of this config.',
        ),
      params: params.default({}).describe('Handed to the script as they are; part of the cache key.'),
      seed: z.int().min(0).default(0).describe('Seed of every random choice; part of the cache key.'),
      timeoutMinutes: z.number().gt(0).optional().describe('A longer training is stopped and fails.'),
      gpu: z.boolean().optional().describe('Trainings that need the GPU run one at a time on a machine.'),
      resourceClass: safeName
        .optional()
        .describe(
          'Which machines of the CI train it: one of ci.classes in mlops.json. "gpu" when left out and gpu is true.',
        ),
    }),
    evaluation: evaluationConfigSchema.prefault({}),
  })
  .describe('A model: data, features, target, training and gates.')
  .superRefine((config, context) => {
    if ((config.training.entry === undefined) === (config.training.command === undefined)) {
      context.addIssue({ code: 'custom', path: ['training'], message: 'give either "entry" or "command"' });
    }
    const repeated = config.features.find((name, index) => config.features.indexOf(name) !== index);
    if (repeated !== undefined) {
      context.addIssue({ code: 'custom', path: ['features'], message: `"${repeated}" is listed twice` });
    }
    if (config.features.includes(config.target)) {
      context.addIssue({
        code: 'custom',
        path: ['features'],
        message: `"${config.target}" is the target, so it cannot be a feature`,
      });
    }
    for (const { path, message } of judgeEvaluation(config)) {
      context.addIssue({ code: 'custom', path, message });
    }
  });

export type ModelConfig = z.infer<typeof modelConfigSchema>;

/** `flights:train` as its two parts. */
export function parseDatasetReference(reference: string): { dataset: string; split: string } {
  const [dataset, split] = reference.split(':') as [string, string];
  return { dataset, split };
}
