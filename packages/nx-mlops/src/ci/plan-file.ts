import { z } from 'zod';

const count = z.number().nonnegative();

/** A part of a check that one job runs. */
const shardSchema = z.object({
  /** `1`, `2` … of the default class, `<class>-1` … of another. */
  name: z.string().min(1),
  class: z.string().min(1),
  /** Names of the projects whose requested tasks it runs; none for a job with nothing to do. */
  projects: z.array(z.string()),
  /** How long its tasks are expected to take one after another, s. */
  seconds: count,
});

/** What `nx-mlops ci plan` leaves for the jobs of a check. */
export const planSchema = z.object({
  version: z.literal(1),
  /** Commits that the affected tasks lie between. */
  base: z.string().min(1),
  head: z.string().min(1),
  targets: z.array(z.string().min(1)),
  /** That everything counts as affected. */
  all: z.boolean().optional(),
  shards: z.array(shardSchema),
  /** When the last shard is expected to be done, s after the start. */
  makespan: count,
  /** No spreading over these agents can be done sooner, s. */
  lowerBound: count,
});

export type Plan = z.infer<typeof planSchema>;
export type Shard = z.infer<typeof shardSchema>;
