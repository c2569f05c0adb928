import { z } from 'zod';
import { safeName } from '../config/names';
import { MlopsError } from '../errors/mlops-error';
import { histogramSchema } from './histogram';

const count = z.int().min(0);

/** Labelled outcomes of one metric, each the value of one subject: a request, or a person's requests summed up. */
export const outcomeSumsSchema = z.strictObject({
  /** Subjects. */
  n: count,
  sum: z.number(),
  sumOfSquares: z.number().min(0),
});
export type OutcomeSums = z.infer<typeof outcomeSumsSchema>;

/** How the answers of a candidate in the shadow compare with those that were given. */
export const shadowCountersSchema = z.strictObject({
  /** Requests that both answered. */
  compared: count,
  /** Of these, those with the same label; left out where there are no labels. */
  agreeing: count.optional(),
  /** |score of the candidate − score that was given|. */
  scoreDifferences: histogramSchema.optional(),
  /** Requests that were not copied because the shadow could not keep up. */
  dropped: count.optional(),
});

/** What is counted of a version. Counters of two intervals or two servers add up. */
export const trafficCountersSchema = z.strictObject({
  requests: count,
  /** Requests that it could not answer. Not those that were the caller's mistake. */
  errors: count,
  /** Seconds until the answer, of the requests that were answered. */
  latency: histogramSchema,
  /**
   * Subjects (the keys by which traffic is shared) seen for the first time. Where subjects send many requests the
   * shares of traffic are checked by these.
   */
  subjects: count.optional(),
  /** Scores, or regression values, by bins that are the same for all versions. */
  scores: histogramSchema.optional(),
  /** Predicted classes by name. */
  classes: z.record(z.string(), count).optional(),
  /** By metric. Of subjects whose label arrived, in the line of the interval in which it did. */
  outcomes: z.record(z.string(), outcomeSumsSchema).optional(),
  shadow: shadowCountersSchema.optional(),
});
export type TrafficCounters = z.infer<typeof trafficCountersSchema>;

/** `live` answers count; those of `shadow` are compared and thrown away. */
export const trafficRoles = ['live', 'shadow'] as const;
export type TrafficRole = (typeof trafficRoles)[number];

const moment = z.iso.datetime();

/**
 * One line of a traffic feed: what one server counted of one version in one interval. A server appends one a version and
 * interval, ends an interval when its routing changes, so that no line mixes two shares, and never writes a line again.
 */
export const trafficRecordSchema = z
  .strictObject({
    schemaVersion: z.literal(1),
    /** As the registry names it. */
    model: safeName,
    environment: safeName,
    version: z.int().min(1),
    role: z.enum(trafficRoles),
    /** ISO 8601, UTC; the interval is from ≤ t < to. */
    from: moment,
    to: moment,
    ...trafficCountersSchema.shape,
  })
  .refine(({ requests, errors }) => errors <= requests, {
    error: 'cannot be more than the requests',
    path: ['errors'],
  })
  .refine(({ from, to }) => Date.parse(from) <= Date.parse(to), {
    error: 'cannot be before "from"',
    path: ['to'],
  });
export type TrafficRecord = z.infer<typeof trafficRecordSchema>;

/** The line of a record, with its newline. */
export function formatTrafficRecord(record: TrafficRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/**
 * @param location of the line, for the error
 * @throws MlopsError MLOPS_TRAFFIC_BROKEN naming what is wrong
 */
export function parseTrafficRecord(
  line: string,
  location: { readonly file: string; readonly line: number },
): TrafficRecord {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw broken('is no JSON', location, error);
  }
  const result = trafficRecordSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = (issue?.path ?? []).join('.');
  const what = `${path === '' ? '' : `"${path}" `}${issue?.message ?? 'has an unknown form'}`;
  throw broken(`is no traffic record: ${what}`, location, result.error);
}

function broken(what: string, { file, line }: { file: string; line: number }, cause: unknown): MlopsError {
  return new MlopsError(
    'MLOPS_TRAFFIC_BROKEN',
    `line ${line} ${what}. Nothing is judged by a feed that cannot be read whole; mend or remove the line. docs/rollout-analysis.md has the format.`,
    { file },
    { cause },
  );
}
