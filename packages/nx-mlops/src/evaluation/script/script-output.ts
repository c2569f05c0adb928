import { access, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  MlopsError,
  formatPath,
  layout,
  messageOf,
  scriptMetricsSchema,
  suggestion,
  type ClassLabel,
  type FloatArray,
  type Intervals,
  type MetricValues,
  type ModelManifest,
} from '@nx-mlops/core';
import { defaultBatchRows } from '@nx-mlops/runtime';
import { brief } from '../../data/brief';
import { sqlString, withDuckDb } from '../../data/duckdb';
import { readColumnBatches } from '../../data/read-column-batches';

/** What an evaluation script says of a model. */
export interface ScriptOutput {
  /** `[rows]` or row-major `[rows, classes]`, in the order of the split; absent when it wrote none. */
  readonly scores?: FloatArray;
  /** Custom metrics that it wrote for each row, none of them NaN: their mean is the metric. */
  readonly rowMetrics: ReadonlyMap<string, Float64Array>;
  /** Custom metrics that it wrote as one number. */
  readonly metrics: MetricValues;
  readonly intervals: Intervals;
}

export interface ScriptOutputRequest {
  /** The output folder, absolute. */
  readonly folder: string;
  /** Named in errors: the config, relative to the workspace. */
  readonly configFile: string;
  readonly manifest: Pick<ModelManifest, 'task' | 'classes'>;
  /** Rows of the test split. */
  readonly rows: number;
  /** Names of `evaluation.customMetrics`. */
  readonly customMetrics: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Reads `predictions.parquet` and `metrics.json` that an evaluation script left. Every custom metric of the config must be
 * in one of them, and nothing that the config does not name.
 *
 * @throws MlopsError MLOPS_EVALUATION_NO_OUTPUT when neither is there; MLOPS_EVALUATION_OUTPUT when a file cannot be read,
 *   has other rows than the split, lacks a column, or has missing values; MLOPS_EVALUATION_METRIC for a metric that is
 *   missing or not of the config
 */
export async function readScriptOutput(request: ScriptOutputRequest): Promise<ScriptOutput> {
  const { folder, customMetrics } = request;
  const [hasPredictions, hasMetrics] = await Promise.all(
    [layout.scriptPredictions, layout.scriptMetrics].map((name) => isThere(join(folder, name))),
  );
  if (!hasPredictions && !hasMetrics) throw await noOutput(request);
  const { metrics, intervals } = hasMetrics ? await readMetrics(request) : { metrics: {}, intervals: {} };
  const { scores, rowMetrics } = hasPredictions
    ? await readPredictions(request)
    : { scores: undefined, rowMetrics: new Map<string, Float64Array>() };
  for (const name of customMetrics) {
    const isBoth = Object.hasOwn(metrics, name) && rowMetrics.has(name);
    if (isBoth) {
      throw wrongMetric(
        request,
        `"${name}" stands both in ${layout.scriptMetrics} and in ${layout.scriptPredictions}. Write it to one of them.`,
      );
    }
    if (!Object.hasOwn(metrics, name) && !rowMetrics.has(name)) {
      throw wrongMetric(
        request,
        `the script did not write "${name}", which evaluation.customMetrics names. Write it to ${layout.scriptMetrics}, or as a column of ${layout.scriptPredictions} with a value for each row.`,
      );
    }
  }
  return { ...(scores === undefined ? {} : { scores }), rowMetrics, metrics, intervals };
}

async function readMetrics(
  request: ScriptOutputRequest,
): Promise<Pick<ScriptOutput, 'metrics' | 'intervals'>> {
  const { folder, customMetrics } = request;
  const name = layout.scriptMetrics;
  let value: unknown;
  try {
    value = JSON.parse(await readFile(join(folder, name), 'utf8'));
  } catch (error) {
    throw wrongOutput(
      request,
      `${name} is no JSON (${messageOf(error)}); NaN and Infinity are none. Write null for a metric that has no value.`,
    );
  }
  const parsed = scriptMetricsSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw wrongOutput(
      request,
      `${name}: ${formatPath(issue?.path ?? [])}: ${issue?.message}. It looks like {"bleu": 31.2, "wer": {"value": 0.11, "low": 0.1, "high": 0.12}}.`,
    );
  }
  const metrics: Record<string, number | null> = {};
  const intervals: Intervals = {};
  for (const [metric, written] of Object.entries(parsed.data)) {
    if (!customMetrics.includes(metric)) {
      throw wrongMetric(
        request,
        `${name} has "${metric}", which evaluation.customMetrics does not name.${suggestion(metric, customMetrics)} Name it there with its direction.`,
      );
    }
    const {
      value: number,
      low,
      high,
    } = typeof written === 'object' && written !== null ? written : { value: written };
    metrics[metric] = number;
    if (low !== undefined && high !== undefined) intervals[metric] = { low, high, method: 'script' };
  }
  return { metrics, intervals };
}

async function readPredictions(
  request: ScriptOutputRequest,
): Promise<Pick<ScriptOutput, 'scores' | 'rowMetrics'>> {
  const { folder, customMetrics, rows, signal } = request;
  const file = join(folder, layout.scriptPredictions);
  const present = await columnsOf(request, file);
  const scoreColumns = scoreColumnsOf(request, present);
  const metricColumns = customMetrics.filter((name) => present.includes(name));
  const names = [...scoreColumns, ...metricColumns];
  if (names.length === 0) {
    throw wrongOutput(
      request,
      `${layout.scriptPredictions} has none of the columns ${[...wantedScores(request), ...customMetrics].join(', ')}. It has: ${present.join(', ')}.`,
    );
  }
  const scores = new Float64Array(rows * scoreColumns.length);
  const rowMetrics = new Map(metricColumns.map((name) => [name, new Float64Array(rows)]));
  let done = 0;
  const columns = names.map((name) => ({ name, type: 'number' as const }));
  try {
    for await (const batch of readColumnBatches(file, columns, { batchRows: defaultBatchRows, signal })) {
      if (done + batch.rows > rows) throw otherRows(request, `more than ${rows}`);
      for (const name of names) refuseMissing(request, name, batch.columns[name] as Float64Array, done);
      scoreColumns.forEach((name, index) => {
        const values = batch.columns[name] as Float64Array;
        for (let row = 0; row < batch.rows; row++) {
          scores[(done + row) * scoreColumns.length + index] = values[row] as number;
        }
      });
      for (const [name, all] of rowMetrics) all.set(batch.columns[name] as Float64Array, done);
      done += batch.rows;
    }
  } catch (error) {
    if (!(error instanceof MlopsError) || error.code !== 'MLOPS_SPLIT_UNREADABLE') throw error;
    throw wrongOutput(
      request,
      `${layout.scriptPredictions} cannot be read as numbers: ${brief(messageOf(error.cause))}`,
    );
  }
  if (done !== rows) throw otherRows(request, String(done));
  return { ...(scoreColumns.length === 0 ? {} : { scores }), rowMetrics };
}

async function columnsOf(request: ScriptOutputRequest, file: string): Promise<string[]> {
  const { signal } = request;
  try {
    return await withDuckDb({ signal }, async (connection) => {
      const described = await connection.runAndReadAll(
        `DESCRIBE SELECT * FROM read_parquet(${sqlString(file)}, hive_partitioning = false)`,
      );
      return described.getRows().map(([name]) => String(name));
    });
  } catch (error) {
    if (signal.aborted || error instanceof MlopsError) throw error;
    throw wrongOutput(
      request,
      `${layout.scriptPredictions} cannot be read as Parquet: ${brief(messageOf(error))}. Close the file before the script ends.`,
    );
  }
}

/** The columns of scores that are there: all that the task needs, or none. */
function scoreColumnsOf(request: ScriptOutputRequest, present: readonly string[]): string[] {
  const wanted = wantedScores(request);
  const missing = wanted.filter((name) => !present.includes(name));
  if (missing.length === wanted.length) return [];
  if (missing.length === 0) return wanted;
  throw wrongOutput(
    request,
    `${layout.scriptPredictions} lacks the column${missing.length === 1 ? '' : 's'} ${missing.join(', ')}: each class has a column of its probability, named after the class.`,
  );
}

/** `score`, or of several classes `score_<class>`; none for a custom task. */
function wantedScores({ manifest: { task, classes = [] } }: ScriptOutputRequest): string[] {
  switch (task) {
    case 'binary-classification':
    case 'regression':
    case 'ranking':
      return ['score'];
    case 'multiclass-classification':
      return classes.map((label: ClassLabel) => `score_${label}`);
    case 'custom':
      return [];
  }
}

function refuseMissing(
  request: ScriptOutputRequest,
  name: string,
  values: Float64Array,
  offset: number,
): void {
  const row = values.findIndex((value) => !Number.isFinite(value));
  if (row === -1) return;
  throw wrongOutput(
    request,
    `${layout.scriptPredictions} has no finite value of "${name}" in row ${offset + row} (counted from 0). Every row of the test split needs one.`,
  );
}

function otherRows(request: ScriptOutputRequest, found: string): MlopsError {
  return wrongOutput(
    request,
    `${layout.scriptPredictions} has ${found} rows, and the test split has ${request.rows}. Write one row for each row of the split, in its order.`,
  );
}

async function noOutput(request: ScriptOutputRequest): Promise<MlopsError> {
  const left = (await readdir(request.folder)).sort();
  const instead = left.length === 0 ? 'It left nothing there.' : `It left ${left.slice(0, 5).join(', ')}.`;
  return new MlopsError(
    'MLOPS_EVALUATION_NO_OUTPUT',
    `the script ended well but left neither ${layout.scriptPredictions} nor ${layout.scriptMetrics} in its output folder. ${instead} The folder is outputDir of the run context that MLOPS_RUN names.`,
    { file: request.configFile, path: 'evaluation' },
  );
}

function wrongOutput({ configFile }: ScriptOutputRequest, message: string): MlopsError {
  return new MlopsError('MLOPS_EVALUATION_OUTPUT', message, { file: configFile, path: 'evaluation' });
}

function wrongMetric({ configFile }: ScriptOutputRequest, message: string): MlopsError {
  return new MlopsError('MLOPS_EVALUATION_METRIC', message, {
    file: configFile,
    path: 'evaluation.customMetrics',
  });
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
