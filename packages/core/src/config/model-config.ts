import { z } from 'zod';
import { suggestion } from '../errors/nearest';
import { defaultMetrics, metricDefinitions, metricNames, metricsOfTask, tasks, type Task } from './metrics';

const datasetReference = z
  .string()
  .regex(/^[^:]+:[^:]+$/, 'a dataset and its split, such as "flights:train"')
  .describe('Project and split, such as "flights:train".');

/** Values that a training script gets unchanged; only JSON, so that they can be part of the cache key. */
const params = z.record(z.string(), z.json());

const metric = z.enum(metricNames as [string, ...string[]]).describe('A metric of the task.');

const gate = z
  .strictObject({
    metric,
    min: z.number().optional().describe('Smallest value that passes.'),
    max: z.number().optional().describe('Largest value that passes.'),
    slice: z.string().optional().describe('One of evaluation.slices: every value of it must pass.'),
    minRows: z.int().min(1).optional().describe('Slices with fewer rows are not judged. Default 50.'),
    severity: z.enum(['block', 'warn']).default('block').describe('Whether a failed gate fails the build.'),
  })
  .refine((value) => value.min !== undefined || value.max !== undefined, 'a gate needs "min" or "max"')
  .refine((value) => value.minRows === undefined || value.slice !== undefined, '"minRows" needs "slice"');
export type GateConfig = z.infer<typeof gate>;

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
    }),
    evaluation: z
      .strictObject({
        metrics: z.array(metric).min(1).optional().describe('Defaults of the task when left out.'),
        threshold: z
          .number()
          .min(0)
          .max(1)
          .default(0.5)
          .describe('Binary classification: a score at or above it is positive.'),
        slices: z
          .array(z.string().min(1))
          .default([])
          .describe('Columns of the test split; metrics are also given per value.'),
        gates: z.array(gate).default([]).describe('What must hold before a version may be deployed.'),
      })
      .prefault({}),
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
    const unfit = (name: string) =>
      !(metricDefinitions[name as keyof typeof metricDefinitions].tasks as readonly Task[]).includes(
        config.task,
      );
    config.evaluation.metrics?.forEach((name, index) => {
      if (unfit(name)) {
        context.addIssue({
          code: 'custom',
          path: ['evaluation', 'metrics', index],
          message: noMetricOf(config.task, name),
        });
      }
    });
    const measured: readonly string[] = config.evaluation.metrics ?? defaultMetrics(config.task);
    config.evaluation.gates.forEach((item, index) => {
      const path = ['evaluation', 'gates', index];
      if (unfit(item.metric)) {
        context.addIssue({
          code: 'custom',
          path: [...path, 'metric'],
          message: noMetricOf(config.task, item.metric),
        });
      } else if (!measured.includes(item.metric)) {
        context.addIssue({
          code: 'custom',
          path: [...path, 'metric'],
          message: `"${item.metric}" is not measured; list it in evaluation.metrics (measured now: ${measured.join(', ')})`,
        });
      }
      if (item.slice !== undefined && !config.evaluation.slices.includes(item.slice)) {
        context.addIssue({
          code: 'custom',
          path: [...path, 'slice'],
          message: `"${item.slice}" is not among evaluation.slices`,
        });
      }
    });
  });

function noMetricOf(task: Task, name: string): string {
  return `"${name}" is no metric of ${task}.${suggestion(name, metricsOfTask(task))}`.replace(/\.$/, '');
}

export type ModelConfig = z.infer<typeof modelConfigSchema>;

/** `flights:train` as its two parts. */
export function parseDatasetReference(reference: string): { dataset: string; split: string } {
  const [dataset, split] = reference.split(':') as [string, string];
  return { dataset, split };
}
