import { z } from 'zod';

const splitByCondition = z.strictObject({
  where: z.string().min(1).describe('A SQL condition over the prepared columns; its rows are the split.'),
});
const splitByFraction = z.strictObject({
  fraction: z.number().gt(0).max(1).describe('Share of the rows, chosen by a seeded hash of `splitBy.key`.'),
});

/** Part of a path that leads out of the folder, or is none. */
const leadsAstray = /^([/\\]|[A-Za-z]:)|\\|(^|\/)\.{0,2}(\/|$)/;

const splitByFile = z.strictObject({
  file: z
    .string()
    .regex(/\.parquet$/i, 'a Parquet file, such as "train.parquet"')
    .refine((path) => !leadsAstray.test(path), 'a path inside the output folder, with forward slashes')
    .describe(
      'The Parquet file that the prepare script leaves in its output folder, such as "train.parquet".',
    ),
});

/** How a dataset offers one of its splits. */
export const splitConfigSchema = z.union([splitByCondition, splitByFraction, splitByFile]);
export type SplitConfig = z.infer<typeof splitConfigSchema>;
