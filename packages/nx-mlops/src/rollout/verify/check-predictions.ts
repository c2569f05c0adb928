import { readFile } from 'node:fs/promises';
import {
  MlopsError,
  fromJsonNumber,
  goldenSchema,
  layout,
  type Golden,
  type VersionRecord,
} from '@nx-mlops/core';
import { loadModel, type LoadedModel } from '@nx-mlops/runtime';
import { goldenScores } from '../../evaluation/golden-scores';
import { plural } from '../../reporting/format';
import { fail, inconclusive, pass, type Finding } from './finding';

/** How far a score may be from the one kept: of its size, and of 1 for smaller ones. Other processors round otherwise. */
const TOLERANCE = 1e-5;

/**
 * Loads a model and predicts its golden rows, whose scores must come out as they were evaluated. Without golden rows, a
 * row of zeros and missing text, if only to see that it predicts; nothing for a custom task.
 *
 * @param modelFile its bytes are those of the version
 * @param goldenFile undefined where the version has none
 * @throws MlopsError of `loadModel` and `predict`
 */
export async function checkPredictions(
  { manifest }: VersionRecord,
  modelFile: string,
  goldenFile: string | undefined,
): Promise<Finding> {
  const model = await loadModel({ file: modelFile, manifest });
  try {
    if (goldenFile !== undefined) return await compareGolden(model, await readFile(goldenFile, 'utf8'));
    if (manifest.scoreOutput === undefined) return pass('it loads; a custom task has no golden rows');
    return await predictZeros(model);
  } finally {
    await model.release();
  }
}

/** Whether a model, wherever it is loaded, answers its golden rows as when it was evaluated. @param text of golden.json */
export async function compareGolden(
  model: Pick<LoadedModel, 'manifest' | 'predict'>,
  text: string,
): Promise<Finding> {
  const golden = parseGolden(text);
  if (golden === undefined) {
    return inconclusive(
      `its ${layout.goldenFile} is of a form that is not known here, so its predictions are not checked. Update nx-mlops`,
    );
  }
  if (golden.modelSha256 !== model.manifest.file.sha256) {
    return fail(`its ${layout.goldenFile} is of another model. Evaluate, gate and register it anew`);
  }
  const scores = await goldenScores(model, golden);
  let largest = 0;
  for (const [index, { row, scores: kept }] of golden.rows.entries()) {
    const given = scores[index] as number[];
    const differences = kept.map((score, at) => relativeDifference(fromJsonNumber(score), given[at]));
    const difference = Math.max(0, ...differences);
    if (kept.length !== given.length || difference > TOLERANCE) {
      const at = Math.max(0, differences.indexOf(difference));
      return fail(
        `golden row ${row} comes out as ${given[at]} instead of ${fromJsonNumber(kept[at] ?? null)}. This ONNX Runtime computes the model otherwise than the one that it was evaluated with: use that version, or train and register it anew`,
      );
    }
    largest = Math.max(largest, difference);
  }
  const agreement = largest === 0 ? 'exactly' : `to ${largest.toExponential(0)}`;
  return pass(`${plural(golden.rows.length, 'golden row')} agree ${agreement}`);
}

function parseGolden(text: string): Golden | undefined {
  try {
    return goldenSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Of the expected size, and of 1 for smaller ones; 0 for NaN beside NaN, Infinity where only one of them is a number. */
function relativeDifference(expected: number, given: number | undefined): number {
  if (given === undefined) return Infinity;
  if (Object.is(expected, given) || expected === given) return 0;
  const difference = Math.abs(given - expected) / Math.max(1, Math.abs(expected));
  return Number.isNaN(difference) ? Infinity : difference;
}

async function predictZeros(model: LoadedModel): Promise<Finding> {
  const { features } = model.manifest;
  const values = features.map(({ type }) =>
    type === 'integer' || type === 'number' ? 0 : type === 'boolean' ? false : null,
  );
  try {
    await goldenScores(model, { features, rows: [{ row: 0, values, scores: [] }] });
  } catch (error) {
    if (!(error instanceof MlopsError)) throw error;
    // Zeros may be nothing that this model knows, so it is not to blame.
    return inconclusive(
      `it has no golden rows, and a row of zeros cannot be predicted (${error.message}). Evaluate, gate and register it anew`,
    );
  }
  return pass('no golden rows, but it predicts a row of zeros');
}
