import type { GateConfig, Interval } from '@nx-mlops/core';
import { defaultAlpha, type Judgement } from './judgement';

/** The verdict on a value beyond what is allowed, by whether noise could have done it. */
export function beyondNoise(
  { alpha = defaultAlpha }: Pick<GateConfig, 'alpha'>,
  breach: string,
  test: {
    readonly interval: Interval | undefined;
    readonly adjustedP: number;
    /** `on 300 rows` */
    readonly where: string;
    /** `, adjusted for 4 slices`, or nothing. */
    readonly adjustment: string;
  },
): Pick<Judgement, 'verdict' | 'because'> {
  const { interval, adjustedP, where, adjustment } = test;
  if (interval === undefined) {
    return { verdict: 'fail', because: `${breach}. It has no confidence interval, so it is taken as it is.` };
  }
  const p = `p ${adjustedP < 0.001 ? '< 0.001' : adjustedP.toPrecision(2)}${adjustment}`;
  return adjustedP <= alpha
    ? { verdict: 'fail', because: `${breach}. ${capitalised(where)} this is no noise: ${p}.` }
    : {
        verdict: 'inconclusive',
        because: `${breach}, but ${where} noise could have done it: ${p}. More rows would decide it, or another limit.`,
      };
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
