import { cpus } from 'node:os';
import type { MetricValues, ModelManifest, Performance, PerformanceMetricName } from '@nx-mlops/core';
import { onnxRuntimeVersion, type ColumnBatch, type ColumnValues, type LoadedModel } from '@nx-mlops/runtime';

/** Predictions of one row that are not counted: the first ones allocate, and compile the JavaScript. */
const warmUp = 30;
const mostPredictions = 500;
/** So that evaluate stays quick whatever the model. Milliseconds. */
const mostMilliseconds = { ofOneRow: 200, ofBatches: 100 };
const leastPredictions = 5;

/**
 * How quick the model is on this machine, through the runtime that serves it, on one thread. Takes 0.3 s at most, a
 * few predictions more of a model that is slower than that.
 *
 * @param rows some rows as the model takes them, at least 1
 * @param now milliseconds
 */
export async function measurePerformance(
  model: LoadedModel,
  rows: ColumnBatch,
  now: () => number = () => performance.now(),
): Promise<Performance> {
  const latencies = await timesOfOneRow(model, rows, now);
  return performanceOf(model.manifest, {
    'latency-p50': quantile(latencies, 0.5),
    'latency-p95': quantile(latencies, 0.95),
    'latency-p99': quantile(latencies, 0.99),
    throughput: await throughput(model, rows, now),
  });
}

/** Of a custom task, whose tensors only its own code can make: its size alone. */
export async function performanceOf(
  { file }: Pick<ModelManifest, 'file'>,
  measured: Omit<Record<PerformanceMetricName, number>, 'model-size'> | undefined,
): Promise<Performance> {
  const metrics: MetricValues = { 'model-size': file.size, ...measured };
  return { version: 1, modelSha256: file.sha256, metrics, measuredOn: await machine() };
}

async function timesOfOneRow(model: LoadedModel, rows: ColumnBatch, now: () => number): Promise<number[]> {
  const times: number[] = [];
  const begin = now();
  for (let turn = 0; turn < warmUp + mostPredictions; turn++) {
    const row = rowOf(rows, turn % rows.rows);
    const start = now();
    await model.predict(row);
    const end = now();
    if (turn >= warmUp || end - begin > mostMilliseconds.ofOneRow) times.push(end - start);
    if (end - begin > mostMilliseconds.ofOneRow && times.length >= leastPredictions) break;
  }
  return times.sort((a, b) => a - b);
}

/** Rows a second. */
async function throughput(model: LoadedModel, rows: ColumnBatch, now: () => number): Promise<number> {
  await model.predict(rows);
  const start = now();
  let done = 0;
  let end = start;
  for (
    let turn = 0;
    turn < mostPredictions && (end - start < mostMilliseconds.ofBatches || turn === 0);
    turn++
  ) {
    await model.predict(rows);
    done += rows.rows;
    end = now();
  }
  return (done * 1000) / Math.max(end - start, 1e-3);
}

function rowOf({ columns }: ColumnBatch, row: number): ColumnBatch {
  return {
    rows: 1,
    columns: Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [name, values.slice(row, row + 1) as ColumnValues]),
    ),
  };
}

/** Nearest rank. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

async function machine(): Promise<string> {
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${processor}, ${process.platform} ${process.arch}, Node ${process.versions.node}, ONNX Runtime ${await onnxRuntimeVersion()}`;
}
