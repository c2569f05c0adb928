import { z } from 'zod';
import { safeName } from './names';
import { strategyConfigSchema } from './strategy-config';

/** Whether a version must be signed before it serves. */
export const signaturePolicies = ['off', 'warn', 'require'] as const;
export type SignaturePolicy = (typeof signaturePolicies)[number];

const environmentGate = z
  .strictObject({
    metric: z.string().min(1).describe("One of the version's recorded metrics."),
    min: z.number().optional().describe('Smallest value that is let in.'),
    max: z.number().optional().describe('Largest value that is let in.'),
    models: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('Projects it is for; every model when left out.'),
  })
  .refine(({ min, max }) => min !== undefined || max !== undefined, 'needs "min" or "max"');

export const environmentConfigSchema = z.strictObject({
  name: safeName.describe('Such as "staging"; a configuration of every model\'s deploy target.'),
  description: z.string().optional().describe('For readers; no task depends on it.'),
  requires: z
    .array(z.string().min(1))
    .default([])
    .describe('Environments that a version must have served in, soundly, before it is let in here.'),
  approvals: z
    .union([
      z.int().min(0),
      z.strictObject({
        count: z.int().min(1).default(1),
        by: z.array(z.string().min(1)).min(1).optional().describe('Who may approve; anybody when left out.'),
        others: z.boolean().default(true).describe('Whether who started the rollout may not approve it.'),
      }),
    ])
    .default(0)
    .describe('How many people must approve before traffic moves.'),
  strategy: strategyConfigSchema
    .prefault({ type: 'direct' })
    .describe('How a version takes over the traffic. All at once when left out.'),
  gates: z
    .array(environmentGate)
    .default([])
    .describe(
      'Limits on the recorded metrics of a version, beyond the gates that it passed to be registered.',
    ),
  signature: z
    .enum(signaturePolicies)
    .default('off')
    .describe('What an absent or wrong signature of a version does: nothing, a warning, or a refusal.'),
  keep: z
    .int()
    .min(1)
    .default(10)
    .describe('Versions that served here last and whose bytes gc keeps, so that a rollback finds them.'),
  target: z
    .union([
      z.literal('local'),
      z.strictObject({
        type: z.literal('local'),
        url: z
          .url()
          .optional()
          .describe('Of the server; asked what it has loaded before traffic moves to it.'),
      }),
    ])
    .default('local')
    .describe('What serves. "local" is nx-mlops-server, which follows the registry.'),
  traffic: z
    .string()
    .regex(/^file:.+/, 'a feed such as "file:traffic.jsonl"')
    .optional()
    .describe(
      'Where the counters of live traffic are read: file:<path>, relative to the workspace or absolute.',
    ),
});
export type EnvironmentConfig = z.infer<typeof environmentConfigSchema>;

/** Approvals in their full form. */
export interface ApprovalPolicy {
  /** 0 for none. */
  readonly count: number;
  readonly by?: readonly string[];
  readonly others: boolean;
}

export function approvalPolicyOf({ approvals }: Pick<EnvironmentConfig, 'approvals'>): ApprovalPolicy {
  return typeof approvals === 'number' ? { count: approvals, others: true } : approvals;
}
