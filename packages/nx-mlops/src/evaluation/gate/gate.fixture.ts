import {
  gateConfigSchema,
  measureSample,
  metricIntervals,
  takeRows,
  type BinarySample,
  type Evaluation,
  type GateConfig,
  type MetricName,
  type SliceResult,
  type SliceValue,
} from '@nx-mlops/core';
import type { z } from 'zod';
import type { StoredPredictions } from '../read-predictions';
import type { Champion, JudgedBaseline, JudgedModel } from './judged-model';

export const digest = 'e'.repeat(64);

/** A gate as the config gives it, with its defaults. */
export function gate(config: z.input<typeof gateConfigSchema>): GateConfig {
  return gateConfigSchema.parse(config);
}

/** A slice with its metrics; of the rows of `value`. */
export function slice(
  value: SliceValue,
  rows: number,
  metrics: SliceResult['metrics'],
  intervals: SliceResult['intervals'] = {},
): SliceResult {
  return { column: 'origin', kind: 'declared', value, rows, metrics, intervals };
}

export function evaluation(changes: Partial<Evaluation> = {}): Evaluation {
  return {
    version: 2,
    model: 'flight_delay',
    task: 'binary-classification',
    modelSha256: 'm'.repeat(64),
    modelSize: 2_000_000,
    test: { dataset: 'flights', split: 'test', sha256: 't'.repeat(64), rows: 1000 },
    confidence: 0.95,
    metrics: { 'roc-auc': 0.65, 'log-loss': 0.5, f1: null },
    intervals: {
      'roc-auc': { low: 0.62, high: 0.68, method: 'delong' },
      'log-loss': { low: 0.47, high: 0.53, method: 'jackknife' },
    },
    directions: { 'roc-auc': 'higher', 'log-loss': 'lower', f1: 'higher' },
    baseline: { strategy: 'class-prior', metrics: {} },
    threshold: 0.5,
    slices: [],
    fairness: [],
    warnings: [],
    ...changes,
  };
}

/** Repeatable noise in [0, 1). */
export function randomSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Labels, and scores that tell them apart the better the more `skill` they have. */
export function sample(rows: number, skill: number, seed = 1): BinarySample {
  const random = randomSource(seed);
  const labels = Uint8Array.from({ length: rows }, () => (random() < 0.4 ? 1 : 0));
  const scores = Float64Array.from(
    labels,
    (label) => (1 - skill) * random() + skill * (0.25 + 0.5 * label) * (0.5 + random()),
  ).map((score) => Math.min(1, score));
  return { task: 'binary-classification', labels, scores, threshold: 0.5 };
}

/** Another model on the same rows: its scores are those of the sample with noise, so the two are paired. */
export function noisier(of: BinarySample, noise: number, seed = 2): BinarySample {
  const random = randomSource(seed);
  const scores = Float64Array.from(of.scores, (score) => (1 - noise) * score + noise * random());
  return { ...of, scores };
}

/** A model measured on a sample, with the slices of `codes`. */
export function measured(
  of: BinarySample,
  metrics: readonly MetricName[],
  slices: { readonly values: readonly SliceValue[]; readonly codes: Uint8Array } = {
    values: [],
    codes: new Uint8Array(of.labels.length),
  },
): JudgedModel {
  const confidence = 0.95;
  const stored: StoredPredictions = {
    sample: of,
    slices: new Map(slices.values.length === 0 ? [] : [['origin', slices]]),
    rowMetrics: new Map(),
  };
  return {
    evaluation: evaluation({
      test: { dataset: 'flights', split: 'test', sha256: 't'.repeat(64), rows: of.labels.length },
      metrics: measureSample(of, metrics),
      intervals: metricIntervals(of, metrics, { confidence }),
      slices: slices.values.map((value, code) => {
        const rows = Uint32Array.from(slices.codes.keys()).filter((row) => slices.codes[row] === code);
        const part = takeRows(of, rows);
        return slice(
          value,
          rows.length,
          measureSample(part, metrics),
          metricIntervals(part, metrics, { confidence }),
        );
      }),
    }),
    predictions: stored,
  };
}

export function baseline(champion?: Partial<Champion>, name = 'production'): JudgedBaseline {
  return {
    record: {
      name,
      because: champion === undefined ? `${name} serves no version of this model yet.` : 'It is.',
    },
    ...(champion === undefined
      ? {}
      : { champion: { modelVersion: 3, isSame: false, modelSize: 1_000_000, ...champion } }),
  };
}
