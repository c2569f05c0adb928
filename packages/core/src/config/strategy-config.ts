import { z } from 'zod';
import { durationSchema } from './duration';

const percent = z.number().gt(0).max(100);

const enough = {
  requests: z
    .int()
    .min(0)
    .optional()
    .describe('Requests that the candidate must have answered before the step is judged. 300 when left out.'),
  duration: durationSchema
    .optional()
    .describe('How long the step lasts at least; the later of the two counts. "0s" when left out.'),
};

const approvalStep = z
  .strictObject({
    approval: z.literal(true).describe('The rollout waits here until somebody runs the approve target.'),
  })
  .describe('A pause for a person.');

const weightStep = z
  .strictObject({
    weight: percent.describe('Percent of the requests that the candidate answers.'),
    ...enough,
  })
  .describe('A share of live traffic, judged at its end.');

const shadowStep = z
  .strictObject({
    shadow: percent.describe('Percent of the requests that the candidate answers too, its answers unused.'),
    ...enough,
  })
  .describe('A share of traffic that is copied to the candidate.');

/** What live traffic must show before a rollout goes on. */
export const analysisConfigSchema = z
  .strictObject({
    errorRateIncrease: z
      .number()
      .min(0)
      .max(1)
      .default(0.01)
      .describe("How much higher the candidate's share of failed requests may be."),
    p99: z
      .strictObject({
        maxMilliseconds: z.number().gt(0).optional().describe('Allowed whatever the champion needs.'),
        factor: z.number().min(1).default(1.25).describe("Times the champion's own."),
      })
      .prefault({})
      .describe('The latency that 99 % of the requests stay under.'),
    drift: z
      .strictObject({
        warn: z.number().gt(0).default(0.1),
        fail: z.number().gt(0).default(0.2),
      })
      .prefault({})
      .describe(
        "Distance between the candidate's predictions and the champion's in the same time, less what chance alone gives.",
      ),
    metric: z
      .strictObject({
        name: z.string().min(1).describe('Of the labelled outcomes in the traffic feed.'),
        margin: z.number().min(0).describe('How much worse than the champion is still as good.'),
        direction: z.enum(['higher', 'lower']).default('higher').describe('Which is better.'),
      })
      .optional()
      .describe('A metric of labelled requests, tested so that looking often does no harm.'),
    onInconclusive: z
      .enum(['hold', 'abort'])
      .default('hold')
      .describe('What too little evidence does: wait until the deadline, or abort.'),
  })
  .describe('What live traffic must show before a rollout goes on.');
export type AnalysisConfig = z.infer<typeof analysisConfigSchema>;

const common = {
  deadline: durationSchema
    .default('24h')
    .describe('From its start; a rollout that is not done by then is aborted.'),
  soak: durationSchema
    .default('0s')
    .describe('How long the former version stays loaded after the last step, the candidate still watched.'),
};

export const strategyConfigSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('direct'), soak: common.soak, deadline: common.deadline }),
    z.strictObject({
      type: z.literal('blue-green'),
      approval: z.boolean().default(false).describe('Wait for a person before the switch.'),
      analysis: analysisConfigSchema.prefault({}),
      ...common,
    }),
    z.strictObject({
      type: z.literal('canary'),
      steps: z
        .array(z.union([weightStep, shadowStep, approvalStep]))
        .min(1)
        .optional()
        .describe('In order. Shadow 100 % of 500 requests, then 5, 25 and 50 % when left out.'),
      analysis: analysisConfigSchema.prefault({}),
      ...common,
    }),
    z.strictObject({
      type: z.literal('a-b'),
      weight: percent.default(50).describe("The candidate's percent of the subjects."),
      metric: z.string().min(1).describe('Of the labelled outcomes in the traffic feed.'),
      direction: z.enum(['higher', 'lower']).default('higher').describe('Which is better.'),
      minimumEffect: z
        .number()
        .gt(0)
        .describe('The smallest difference that matters, in units of the metric.'),
      baseline: z
        .strictObject({
          mean: z.number().describe('Of the metric today.'),
          standardDeviation: z
            .number()
            .gt(0)
            .optional()
            .describe('Of a single outcome. √(mean·(1−mean)) when left out, as of a yes or no.'),
        })
        .describe('From which the sample is planned.'),
      alpha: z.number().gt(0).lt(0.5).default(0.05).describe('Share of false alarms that is accepted.'),
      power: z.number().gt(0.5).lt(1).default(0.8).describe('Chance to see the minimum effect.'),
      analysis: analysisConfigSchema.prefault({}),
      soak: common.soak,
      deadline: durationSchema
        .default('30d')
        .describe('From its start; an experiment not done by then ends undecided.'),
    }),
    z.strictObject({
      type: z.literal('shadow'),
      share: percent.default(100).describe('Percent of the requests that are copied to the candidate.'),
      ...enough,
      then: z
        .enum(['stop', 'promote'])
        .default('promote')
        .describe('What a good result does: send all traffic to the candidate, or only record it.'),
      analysis: analysisConfigSchema.prefault({}),
      ...common,
    }),
  ])
  .describe('How a version takes over the traffic of an environment.');
export type StrategyConfig = z.infer<typeof strategyConfigSchema>;
