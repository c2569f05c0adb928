import { binomialCdf, exactSignTest } from '../distributions/binomial';
import { chiSquareTail } from '../distributions/chi-square';
import { normalCdf, normalQuantile } from '../distributions/normal';

/** Rows that exactly one of two classifiers gets right. */
export interface DiscordantRows {
  /** The challenger alone is right. */
  readonly gained: number;
  /** The champion alone is right. */
  readonly lost: number;
  readonly rows: number;
}

/** With fewer rows that differ the exact test is taken. */
const FEW = 25;

/**
 * McNemar's test of equal error rates: exact with fewer than 25 rows that differ, else chi-square with the continuity
 * correction.
 *
 * @returns p of no difference, two-sided
 * Source: Q. McNemar, Psychometrika 12, 1947; A. Edwards, Psychometrika 13, 1948.
 */
export function mcnemarP({ gained, lost }: DiscordantRows): number {
  const differing = gained + lost;
  if (differing < FEW) return exactSignTest(gained, differing);
  return chiSquareTail((Math.abs(gained - lost) - 1) ** 2 / differing, 1);
}

/** The same, one-sided: p of "the challenger is not worse". */
export function mcnemarPWorse({ gained, lost }: DiscordantRows): number {
  const differing = gained + lost;
  if (differing < FEW) return binomialCdf(gained, differing, 0.5);
  return normalCdf((gained - lost + 1) / Math.sqrt(differing));
}

/** Of the difference of the two shares of rows classed right. */
export function mcnemarStandardError({ gained, lost, rows }: DiscordantRows): number {
  return Math.sqrt((gained + lost - (gained - lost) ** 2 / rows) / rows / rows);
}

/**
 * Score interval of the difference of the two shares. Unlike those by a standard error it has a width when no row
 * differs.
 *
 * @param alpha of each bound, one-sided
 * Source: T. Tango, Equivalence test and confidence interval for the difference in proportions for the paired-sample
 *   design, Statistics in Medicine 17, 1998.
 */
export function tangoInterval(differing: DiscordantRows, alpha: number): [number, number] {
  const z = normalQuantile(1 - alpha);
  const { gained, lost, rows } = differing;
  const difference = (gained - lost) / rows;
  const reaches = (bound: number) => Math.abs(scoreStatistic(differing, bound)) < z;
  return [
    bisect(-1, difference, (bound) => !reaches(bound)),
    bisect(1, difference, (bound) => !reaches(bound)),
  ];
}

/** How many standard errors the difference is away from a supposed one, with the shares that are likeliest under it. */
function scoreStatistic({ gained, lost, rows }: DiscordantRows, supposed: number): number {
  // The likeliest share of rows that the champion alone gets right: the larger root of a q^2 + b q + c.
  const a = 2 * rows;
  const b = -gained - lost + (2 * rows - gained + lost) * supposed;
  const c = -lost * supposed * (1 - supposed);
  const share = (Math.sqrt(Math.max(0, b * b - 4 * a * c)) - b) / (2 * a);
  const variance = rows * (2 * share + supposed * (1 - supposed));
  const distance = gained - lost - rows * supposed;
  return variance <= 0 ? Math.sign(distance) * Infinity : distance / Math.sqrt(variance);
}

/** The border between `outside`, where the condition holds, and `inside`, where it does not. */
function bisect(outside: number, inside: number, isOutside: (at: number) => boolean): number {
  if (!isOutside(outside)) return outside;
  let [far, near] = [outside, inside];
  for (let step = 0; step < 60; step++) {
    const middle = (far + near) / 2;
    if (isOutside(middle)) far = middle;
    else near = middle;
  }
  return (far + near) / 2;
}
