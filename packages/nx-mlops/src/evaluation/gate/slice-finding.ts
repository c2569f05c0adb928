import type { Interval, SliceResult } from '@nx-mlops/core';

/** A slice held against what the gate allows, before the slices are looked at together. */
export interface SliceFinding {
  readonly slice: SliceResult;
  readonly value: number;
  readonly interval?: Interval;
  /** One-sided p of what is allowed being held. */
  readonly p: number;
  /** What is wrong, without a full stop; undefined when the value is within. */
  readonly breach?: string;
}
