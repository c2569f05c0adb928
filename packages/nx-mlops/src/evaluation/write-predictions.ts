import { createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { layout, rowsOf, type FileDigest, type Predictions, type Sample } from '@nx-mlops/core';
import type { CodedColumn } from './coded-column';
import { npyBody, npyHeader, type NpyArray, type NpyData } from './npy';

/** What is kept of a measured model: its answers beside the truth, and the slices that gates may name. */
export type KeptPredictions = (KeptSample | KeptRows) & {
  /** Those of the config, each once. */
  readonly slices: readonly CodedColumn[];
  /** Of an evaluation script, by metric: one value a row. */
  readonly rowMetrics?: Readonly<Record<string, Float64Array>>;
};

interface KeptSample {
  readonly sample: Sample;
}

/** Of a script that wrote no scores. */
interface KeptRows {
  readonly sample?: undefined;
  readonly rows: number;
  readonly weights?: Float64Array;
  readonly groups?: Uint32Array;
}

/**
 * Writes the predictions as NumPy files into the folder `predictions` of an evaluation that is being written.
 *
 * @param folder of the evaluation, absolute
 * @returns what evaluation.json says of them
 */
export async function writePredictions(folder: string, kept: KeptPredictions): Promise<Predictions> {
  const { sample, slices, rowMetrics = {} } = kept;
  await mkdir(join(folder, layout.predictions), { recursive: true });
  const write = async (name: string, data: NpyData, shape: readonly number[] = [data.length]) => {
    const file = `${layout.predictions}/${name}.npy`;
    return { file, ...(await writeNpy(join(folder, file), { data, shape })) };
  };
  const { weights, groups } = kept.sample ?? kept;
  const predictions: Predictions = {
    rows: kept.sample === undefined ? kept.rows : rowsOf(kept.sample),
    ...(sample === undefined
      ? {}
      : {
          scores: await write('scores', sample.scores, scoresShape(sample)),
          truth: await write('truth', truthOf(sample)),
        }),
    ...(weights === undefined ? {} : { weights: await write('weights', weights) }),
    ...(groups === undefined ? {} : { groups: await write('groups', groups) }),
    ...(sample?.task === 'ranking' ? { queries: await write('queries', sample.queries) } : {}),
    slices: {},
  };
  // Numbered, since a column's name need not be a file's.
  for (const [index, { name, values, codes }] of slices.entries()) {
    predictions.slices[name] = { ...(await write(`slice-${index}`, codes)), values: [...values] };
  }
  const metrics = Object.entries(rowMetrics);
  if (metrics.length === 0) return predictions;
  const written: Predictions['rowMetrics'] = {};
  for (const [name, values] of metrics) written[name] = await write(`metric-${name}`, values);
  return { ...predictions, rowMetrics: written };
}

function scoresShape(sample: Sample): readonly number[] {
  return sample.task === 'multiclass-classification'
    ? [rowsOf(sample), sample.classCount]
    : [sample.scores.length];
}

function truthOf(sample: Sample): NpyData {
  switch (sample.task) {
    case 'binary-classification':
    case 'multiclass-classification':
      return sample.labels;
    case 'regression':
      return sample.targets;
    case 'ranking':
      return sample.relevance;
  }
}

/** Into a folder that is moved into place when all is written, so the file itself need not be written atomically. */
async function writeNpy(file: string, array: NpyArray): Promise<FileDigest> {
  const hash = createHash('sha256');
  const parts = [npyHeader(array), npyBody(array.data)];
  const handle = await open(file, 'wx');
  try {
    for (const part of parts) {
      hash.update(part);
      await handle.writeFile(part);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { sha256: hash.digest('hex'), size: parts.reduce((sum, { byteLength }) => sum + byteLength, 0) };
}
