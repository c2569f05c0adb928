import { normalQuantile } from '../distributions/normal';
import { randomSource, type RandomSource } from '../distributions/random-source';
import type { BinarySample, RegressionSample, Sample } from '../sample';

// Once: under Jest each look-up of a global is slow.
const { cos, exp, log, sqrt, PI } = Math;

/** Two models that err alike, of which the challenger is worse by a given amount. */
export interface SimulatedPair<Kind extends Sample = Sample> {
  readonly challenger: Kind;
  readonly champion: Kind;
}

/** How much of a model's noise the other one has too. */
const CORRELATION = 0.7;

export function normals(random: RandomSource): () => number {
  return () => sqrt(-2 * log(1 - random.unit())) * cos(2 * PI * random.unit());
}

function correlated(normal: () => number): [number, number] {
  const shared = sqrt(CORRELATION) * normal();
  const own = sqrt(1 - CORRELATION);
  return [shared + own * normal(), shared + own * normal()];
}

function binaryPair(
  rows: number,
  seed: number,
  margins: readonly [challenger: number, champion: number],
  score: (margin: number, noise: number, label: number) => number,
): SimulatedPair<BinarySample> {
  const random = randomSource(seed);
  const normal = normals(random);
  const labels = Uint8Array.from({ length: rows }, () => (random.unit() < 0.4 ? 1 : 0));
  const scores = [new Float64Array(rows), new Float64Array(rows)] as const;
  for (let row = 0; row < rows; row++) {
    correlated(normal).forEach((noise, model) => {
      const logit = score(margins[model] as number, noise, labels[row] as number);
      (scores[model] as Float64Array)[row] = 1 / (1 + exp(-logit));
    });
  }
  const sampleOf = (of: Float64Array): BinarySample => ({
    task: 'binary-classification',
    scores: of,
    labels,
    threshold: 0.5,
  });
  return { challenger: sampleOf(scores[0]), champion: sampleOf(scores[1]) };
}

/** Scores are normal, a distance apart by class: the area is Φ(distance / √2), 0.85 of the champion. */
export function pairByRocAuc(rows: number, seed: number, drop: number): SimulatedPair<BinarySample> {
  const distance = (area: number) => Math.SQRT2 * normalQuantile(area);
  return binaryPair(
    rows,
    seed,
    [distance(0.85 - drop), distance(0.85)],
    (margin, noise, label) => margin * (label - 0.5) + noise,
  );
}

/** A row is right when its margin and the noise are above 0: 0.8 of the champion's. */
export function pairByAccuracy(rows: number, seed: number, drop: number): SimulatedPair<BinarySample> {
  return binaryPair(
    rows,
    seed,
    [normalQuantile(0.8 - drop), normalQuantile(0.8)],
    (margin, noise, label) => (label === 1 ? 1 : -1) * (margin + noise),
  );
}

/** Errors are normal: the mean absolute one is their deviation times √(2/π), 1 of the champion. */
export function pairByMae(rows: number, seed: number, drop: number): SimulatedPair<RegressionSample> {
  const normal = normals(randomSource(seed));
  const targets = new Float64Array(rows);
  const scores = [new Float64Array(rows), new Float64Array(rows)] as const;
  const deviation = sqrt(PI / 2);
  for (let row = 0; row < rows; row++) {
    const [challenger, champion] = correlated(normal);
    targets[row] = 10 * normal();
    scores[0][row] = (targets[row] as number) + challenger * deviation * (1 + drop);
    scores[1][row] = (targets[row] as number) + champion * deviation;
  }
  return {
    challenger: { task: 'regression', scores: scores[0], targets },
    champion: { task: 'regression', scores: scores[1], targets },
  };
}

/** Rows of a group lean the same way, so that they are worth fewer than they are. */
export function groupedSample(
  rows: number,
  seed: number,
  groupSize: number,
): BinarySample & { groups: Uint32Array } {
  const random = randomSource(seed);
  const normal = normals(random);
  const labels = new Uint8Array(rows);
  const scores = new Float64Array(rows);
  const groups = new Uint32Array(rows);
  let lean = 0;
  for (let row = 0; row < rows; row++) {
    if (row % groupSize === 0 && groupSize > 1) lean = 0.5 * normal();
    groups[row] = Math.floor(row / groupSize);
    labels[row] = random.unit() < 0.3 ? 1 : 0;
    const sign = labels[row] === 1 ? 1 : -1;
    const evidence = normal() + lean * sign + (labels[row] === 1 ? 1.5 : 0);
    scores[row] = 1 / (1 + exp(-1.5 * (evidence - 1.3)));
  }
  return { task: 'binary-classification', scores, labels, groups, threshold: 0.5 };
}
