import { addHistograms, type Histogram } from './histogram';
import {
  trafficCountersSchema,
  type OutcomeSums,
  type TrafficCounters,
  type TrafficRecord,
  type TrafficRole,
} from './traffic-record';

/** Of one version, by what its answers were for. */
export type VersionTraffic = { readonly [Role in TrafficRole]?: TrafficCounters };

/** The traffic of a model in an environment between two moments. */
export interface TrafficWindow {
  readonly model: string;
  readonly environment: string;
  /** ISO 8601, UTC. Intervals that do not lie wholly between the two are left out. */
  readonly since: string;
  readonly until: string;
  /** By version number. A version without a line has no entry. */
  readonly versions: ReadonlyMap<number, VersionTraffic>;
}

export function emptyWindow(of: Omit<TrafficWindow, 'versions'>): TrafficWindow {
  const { model, environment, since, until } = of;
  return { model, environment, since, until, versions: new Map() };
}

/** Whether a record is of this model, environment and time. */
export function isInWindow(
  window: Pick<TrafficWindow, 'model' | 'environment' | 'since' | 'until'>,
  { model, environment, from, to }: Pick<TrafficRecord, 'model' | 'environment' | 'from' | 'to'>,
): boolean {
  return (
    model === window.model &&
    environment === window.environment &&
    Date.parse(from) >= Date.parse(window.since) &&
    Date.parse(to) <= Date.parse(window.until)
  );
}

/** The window with one more record, which lies in it. */
export function addRecord(window: TrafficWindow, record: TrafficRecord): TrafficWindow {
  const { version, role } = record;
  return mergeWindows(window, { ...window, versions: new Map([[version, { [role]: countersOf(record) }]]) });
}

function countersOf(record: TrafficRecord): TrafficCounters {
  const entries = Object.entries(record).filter(([key]) => Object.hasOwn(trafficCountersSchema.shape, key));
  return Object.fromEntries(entries) as TrafficCounters;
}

/**
 * Adds up two windows of the same model, environment and time, such as those of two servers. The order in which several
 * are merged does not matter.
 */
export function mergeWindows(a: TrafficWindow, b: TrafficWindow): TrafficWindow {
  const versions = new Map(a.versions);
  for (const [version, traffic] of b.versions) {
    const before = versions.get(version);
    versions.set(version, {
      ...both('live', before?.live, traffic.live, addCounters),
      ...both('shadow', before?.shadow, traffic.shadow, addCounters),
    });
  }
  return { ...a, versions };
}

export function addCounters(a: TrafficCounters, b: TrafficCounters): TrafficCounters {
  return {
    requests: a.requests + b.requests,
    errors: a.errors + b.errors,
    latency: addHistograms(a.latency, b.latency),
    ...both('subjects', a.subjects, b.subjects, add),
    ...both('scores', a.scores, b.scores, addHistograms),
    ...both('classes', a.classes, b.classes, (x, y) => addByKey(x, y, add)),
    ...both('outcomes', a.outcomes, b.outcomes, (x, y) => addByKey(x, y, addOutcomes)),
    ...both('shadow', a.shadow, b.shadow, addShadow),
  };
}

function addOutcomes(a: OutcomeSums, b: OutcomeSums): OutcomeSums {
  return { n: a.n + b.n, sum: a.sum + b.sum, sumOfSquares: a.sumOfSquares + b.sumOfSquares };
}

type Shadow = NonNullable<TrafficCounters['shadow']>;

function addShadow(a: Shadow, b: Shadow): Shadow {
  return {
    compared: a.compared + b.compared,
    ...both('agreeing', a.agreeing, b.agreeing, add),
    ...both<'scoreDifferences', Histogram>(
      'scoreDifferences',
      a.scoreDifferences,
      b.scoreDifferences,
      addHistograms,
    ),
    ...both('dropped', a.dropped, b.dropped, add),
  };
}

function add(a: number, b: number): number {
  return a + b;
}

function addByKey<Value>(
  a: Readonly<Record<string, Value>>,
  b: Readonly<Record<string, Value>>,
  sum: (a: Value, b: Value) => Value,
): Record<string, Value> {
  const result = new Map(Object.entries(a));
  for (const [key, value] of Object.entries(b)) {
    const before = result.get(key);
    result.set(key, before === undefined ? value : sum(before, value));
  }
  return Object.fromEntries(result);
}

/** The sum under its name, what only one of them has, or nothing. */
function both<Name extends string, Value>(
  name: Name,
  a: Value | undefined,
  b: Value | undefined,
  sum: (a: Value, b: Value) => Value,
): { [Key in Name]?: Value } {
  const value = a === undefined ? b : b === undefined ? a : sum(a, b);
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: Value };
}
