import { z } from 'zod';

/** What a failed or an undecided gate does to the build. */
export const gateSeverities = ['block', 'warn', 'info'] as const;
export type GateSeverity = (typeof gateSeverities)[number];

/** How two models are compared; `auto` takes the one that fits the metric. */
export const comparisonTests = ['auto', 'delong', 'mcnemar', 'bootstrap'] as const;
export type ComparisonTestChoice = (typeof comparisonTests)[number];

/** Baselines that are no environment of mlops.json. */
export const specialBaselines = ['merge-base', 'last-release'] as const;

/** Differences between groups that `evaluation.fairness` measures and a gate with `fairness` may name. */
export const fairnessMetrics = {
  'selection-rate-difference': {
    direction: 'lower',
    description: 'Largest minus smallest share of rows predicted positive, over the groups',
  },
  'selection-rate-ratio': {
    direction: 'higher',
    description: 'Smallest over largest share of rows predicted positive; the four-fifths rule asks for 0.8',
  },
  'tpr-difference': {
    direction: 'lower',
    description: 'Largest minus smallest true positive rate: equal opportunity',
  },
  'fpr-difference': { direction: 'lower', description: 'Largest minus smallest false positive rate' },
  'ece-difference': {
    direction: 'lower',
    description: 'Largest minus smallest expected calibration error',
  },
} as const;
export type FairnessMetric = keyof typeof fairnessMetrics;

const margin = z
  .union([
    z.number().min(0).describe('In units of the metric.'),
    z.string().regex(/^\d+(\.\d+)?%$/, 'a share such as "1%"'),
  ])
  .describe(
    'How much worse than the baseline is still as good: a number in units of the metric, or "1%" of the baseline\'s value. 0.005 where higher is better and "1%" where lower is, when left out.',
  );

export const gateConfigSchema = z
  .strictObject({
    metric: z
      .string()
      .min(1)
      .describe('A metric of evaluation.metrics, of customMetrics, or of performance.'),
    min: z.number().optional().describe('Smallest value that passes.'),
    max: z.number().optional().describe('Largest value that passes.'),
    versus: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Compare on the same rows with what this environment serves, or with "merge-base" or "last-release".',
      ),
    margin: margin.optional(),
    require: z
      .enum(['non-inferior', 'better'])
      .optional()
      .describe('With "versus": what must be shown. "non-inferior" when left out.'),
    test: z
      .enum(comparisonTests)
      .optional()
      .describe('With "versus": the test. "auto" when left out: DeLong for ROC AUC, else the bootstrap.'),
    alpha: z
      .number()
      .gt(0)
      .lt(0.5)
      .optional()
      .describe('Share of false alarms that is accepted, one-sided. 0.05 when left out.'),
    slice: z
      .string()
      .min(1)
      .optional()
      .describe('One of evaluation.slices: every value of it is judged. "origin=JFK" judges that one.'),
    minRows: z.int().min(1).optional().describe('Slices with fewer rows are not judged. 50 when left out.'),
    maxGap: z
      .number()
      .gt(0)
      .optional()
      .describe('With "slice": how much worse than over all rows a slice may be, in units of the metric.'),
    fairness: z
      .string()
      .min(1)
      .optional()
      .describe('One of evaluation.fairness; the metric is then a difference between its groups.'),
    severity: z
      .enum(gateSeverities)
      .default('block')
      .describe('What a failed gate does: fail the build, warn, or only say so.'),
    inconclusive: z
      .enum(gateSeverities)
      .default('warn')
      .describe(
        'What a gate does on which the rows do not suffice to decide: fail the build, warn, or only say so.',
      ),
  })
  .superRefine((gate, context) => {
    const complain = (message: string, path: string[] = []) =>
      context.addIssue({ code: 'custom', path, message });
    const limits = gate.min !== undefined || gate.max !== undefined;
    if (gate.versus === undefined && gate.maxGap === undefined && !limits) {
      complain('a gate needs "min", "max", "maxGap" or "versus"');
    }
    if (gate.versus !== undefined && (limits || gate.maxGap !== undefined)) {
      complain('"versus" and a limit are two gates: write one of each', ['versus']);
    }
    if (gate.maxGap !== undefined && limits)
      complain('"maxGap" and a limit are two gates: write one of each');
    if (gate.min !== undefined && gate.max !== undefined && gate.min > gate.max) {
      complain('"min" is above "max"', ['min']);
    }
    for (const key of ['margin', 'require', 'test'] as const) {
      if (gate[key] !== undefined && gate.versus === undefined) complain(`"${key}" needs "versus"`, [key]);
    }
    if (gate.maxGap !== undefined && gate.slice === undefined) complain('"maxGap" needs "slice"', ['maxGap']);
    const overGroups = gate.slice !== undefined || gate.fairness !== undefined;
    if (gate.minRows !== undefined && !overGroups) {
      complain('"minRows" needs "slice" or "fairness"', ['minRows']);
    }
    if (gate.alpha !== undefined && !overGroups && gate.versus === undefined) {
      complain('"alpha" needs "versus", "slice" or "fairness"', ['alpha']);
    }
    if (gate.fairness !== undefined && (gate.slice !== undefined || gate.versus !== undefined)) {
      complain('"fairness" goes with "min" or "max" alone', ['fairness']);
    }
    if (gate.test === 'delong' && gate.metric !== 'roc-auc')
      complain('"delong" is a test of roc-auc', ['test']);
    if (gate.test === 'mcnemar' && gate.metric !== 'accuracy') {
      complain('"mcnemar" is a test of accuracy', ['test']);
    }
  });
export type GateConfig = z.infer<typeof gateConfigSchema>;
