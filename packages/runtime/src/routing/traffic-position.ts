import { createHash } from 'node:crypto';

/** What the place of a subject in an experiment depends on; neither salt nor experiment may hold a NUL. */
export interface TrafficKey {
  /** Such as the model's name, so that equal names of experiments elsewhere do not share their groups. */
  readonly salt: string;
  /** Of a rollout, its id. */
  readonly experiment: string;
  /** Whom or what the request is about, such as an account; the same subject always stands at the same place. */
  readonly subject: string;
}

/**
 * Where a subject stands in an experiment: the first 52 bits of sha256(salt ‖ NUL ‖ experiment ‖ NUL ‖ subject) over
 * 2^52. Uniform over the subjects, and independent between experiments.
 *
 * @returns from 0 up to but not 1
 */
export function trafficPosition({ salt, experiment, subject }: TrafficKey): number {
  const hash = createHash('sha256').update(`${salt}\0${experiment}\0${subject}`).digest();
  const bits = hash.readUIntBE(0, 6) * 16 + (hash.readUInt8(6) >> 4);
  return bits / 2 ** 52;
}

/**
 * Whether a position lies in the share of an experiment. A larger share holds all of a smaller one, so that raising it
 * moves nobody back.
 *
 * @param percent 0 (nobody) to 100 (everybody)
 */
export function isInShare(position: number, percent: number): boolean {
  return position < percent / 100;
}
