import type { GateConfig } from '@nx-mlops/core';

/** The limit of a gate that is nearest to being broken by a value. */
export interface Limit {
  readonly kind: 'minimum' | 'maximum';
  readonly at: number;
}

/** The limits of a gate: `min`, `max` or both. */
export function limitsOf({ min, max }: Pick<GateConfig, 'min' | 'max'>): Limit[] {
  return [
    ...(min === undefined ? [] : [{ kind: 'minimum', at: min } as const]),
    ...(max === undefined ? [] : [{ kind: 'maximum', at: max } as const]),
  ];
}

/** Whether a value is beyond a limit; NaN is. */
export function isBeyond({ kind, at }: Limit, value: number): boolean {
  return kind === 'minimum' ? !(value >= at) : !(value <= at);
}
